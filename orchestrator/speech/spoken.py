"""Text as it is said aloud, with the place in the source of every character.

Models write markdown and emoji; a voice must not read them. Captions and truncation, on the other hand, count
in the text that the model wrote. So what is said keeps, for each of its characters, the span it came from.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of a source text.

    Attributes:
        text: What the voice is given.
        starts, ends: For each character of `text`, the span of the source that it stands for. Both never
            decrease.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, source: str) -> Self:
        """The source itself, letter for letter."""
        return cls(source, tuple(range(len(source))), tuple(range(1, len(source) + 1)))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that `text[start:end]` stands for; the range must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def cut(self, pattern: re.Pattern[str]) -> Self:
        """Leave out every match, but for what its first group matched."""
        parts: list[tuple[int, int]] = []
        at = 0
        for match in pattern.finditer(self.text):
            parts.append((at, match.start()))
            if pattern.groups and match.group(1) is not None:
                parts.append(match.span(1))
            at = match.end()
        parts.append((at, len(self.text)))
        return self._join(parts)

    def replace(self, pattern: re.Pattern[str], words: Callable[[re.Match[str]], str]) -> Self:
        """Say `words(match)` for every match; each of its characters stands for the whole match."""
        text, starts, ends = "", list[int](), list[int]()
        at = 0
        for match in pattern.finditer(self.text):
            said = words(match)
            first, last = self.span(*match.span())
            text += self.text[at : match.start()] + said
            starts += [*self.starts[at : match.start()], *[first] * len(said)]
            ends += [*self.ends[at : match.start()], *[last] * len(said)]
            at = match.end()
        return type(self)(text + self.text[at:], (*starts, *self.starts[at:]), (*ends, *self.ends[at:]))

    def _join(self, parts: list[tuple[int, int]]) -> Self:
        return type(self)(
            "".join(self.text[a:b] for a, b in parts),
            tuple(at for a, b in parts for at in self.starts[a:b]),
            tuple(at for a, b in parts for at in self.ends[a:b]),
        )


_ADDRESS: Final = r"\((?:[^()]|\([^()]*\))*\)"
_CUTS: Final = (
    re.compile(r"```\w*"),
    re.compile(rf"!?\[([^\[\]]*)\]{_ADDRESS}"),  # a link or picture: its words
    re.compile(rf"\]{_ADDRESS}"),  # the end of a link whose beginning was in an earlier clause
    re.compile(r"</?[a-zA-Z][^<>]*>"),
    re.compile(r"`"),
    re.compile(r"~~"),
    # Emphasis hugs a word from outside; a lone or inner star is arithmetic, an inner underscore a name.
    re.compile(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=[^\s*_])[*_]{1,3}(?!\w)"),
    # Emoji, pictographs and the joiners between them.
    re.compile("[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2b00-\u2bff]"),
    re.compile("[\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f]"),
)
_LINE_MARKS: Final = r"[ \t]*(?:#{1,6}[ \t]+|[-*+•][ \t]+|>[ \t]?|(?:[-*_][ \t]*){3,}(?=\n|$))+"
_AFTER_NEWLINE: Final = re.compile(rf"(?<=\n){_LINE_MARKS}")
_AT_START: Final = re.compile(rf"\A{_LINE_MARKS}")
_GAP: Final = re.compile(r"[\s|]+")
_OUTER_GAP: Final = re.compile(r"\A +| +\Z")


def speakable(source: str, *, at_line_start: bool = False) -> Spoken:
    """What is said of a piece of markdown: no marks, no emoji, single spaces.

    Args:
        source: The piece; it may begin or end inside a construct.
        at_line_start: Whether a line begins with it, so that a leading `-` is a bullet.
    """
    spoken = Spoken.of(source).cut(_AFTER_NEWLINE)
    if at_line_start:
        spoken = spoken.cut(_AT_START)
    for pattern in _CUTS:
        spoken = spoken.cut(pattern)
    spoken = spoken.replace(_GAP, lambda _: " ")
    return spoken.cut(_OUTER_GAP)
