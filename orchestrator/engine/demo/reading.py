"""A row of tokens that can be searched as text, with what was found told in tokens again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from orchestrator.engine.demo.words import Token, joined


@dataclass(frozen=True)
class Found:
    """A stretch of tokens.

    Args:
        value: As it was written.
        start: Index of its first token.
        end: Index after its last token.
    """

    value: str
    start: int
    end: int


class Reading:
    """Tokens as one lower-case text with single spaces.

    Args:
        tokens: The tokens; marks stand as words of their own.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tuple(tokens)

    @cached_property
    def text(self) -> str:
        """The text."""
        return " ".join(token.text for token in self.tokens)

    @cached_property
    def _starts(self) -> list[int]:
        starts, position = [], 0
        for token in self.tokens:
            starts.append(position)
            position += len(token.text) + 1
        return starts

    def search(self, pattern: re.Pattern[str], group: int | str = 0) -> Found | None:
        """Find a pattern; answer the tokens that one of its groups covers."""
        for match in pattern.finditer(self.text):
            if match[group] is not None and match[group].strip():
                return self._found(match.start(group), match.end(group))
        return None

    def phrase_at(self, phrase: str) -> int | None:
        """The index of the first token of a phrase of whole words, where it stands."""
        place = f" {self.text} ".find(f" {phrase} ")
        return None if place < 0 else self._index(place)

    def _found(self, start: int, end: int) -> Found:
        first, last = self._index(start), self._index(end - 1)
        return Found(joined(self.tokens[first : last + 1]), first, last + 1)

    def _index(self, position: int) -> int:
        return max(index for index, start in enumerate(self._starts) if start <= position)
