"""When each word of a reply sounds: counted where a provider says it, shared out where it does not."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.speech.clauses import Clause
from orchestrator.speech.protocol import WordTime

CHARACTERS_PER_SECOND: Final = 15.0
"""A first guess at how fast a voice speaks, until a clause of it was measured."""

_WORD: Final = re.compile(r"\S*\w\S*")


def words_in(text: str) -> list[tuple[int, int]]:
    """Where each word is: what stands between spaces and has a letter or figure in it."""
    return [match.span() for match in _WORD.finditer(text)]


def heard_until(words: Sequence[WordTime], played_ms: int) -> int:
    """Character offset up to which a reply was heard when `played_ms` of it had been played.

    A word counts as heard once half of it was played.

    Args:
        words: In order.
        played_ms: Milliseconds from the reply's first sample.
    """
    heard = bisect_right(words, played_ms, key=lambda word: (word.start_ms + word.end_ms) // 2)
    return words[heard - 1].end if heard else 0


class WordEstimate:
    """Shares a clause's time out among its words by their characters.

    The share is exact once the clause's length is known, and most voices make sound faster than it plays, so
    words are held back until then; `due` gives only those that would be late otherwise.

    Args:
        clause: What is spoken.
        begins_ms: When its sound begins in the reply.
        per_second: Characters a second expected of the voice.
    """

    def __init__(self, clause: Clause, begins_ms: int, per_second: float = CHARACTERS_PER_SECOND) -> None:
        self._clause = clause
        self._matches = words_in(clause.spoken.text)
        self._begins_ms = begins_ms
        self._per_second = per_second
        self._given = 0
        self._at_character = 0
        self._at_ms = 0.0

    def due(self, elapsed_ms: float) -> tuple[WordTime, ...]:
        """Words that should be sounding by now, timed by the expected pace.

        Args:
            elapsed_ms: Time since the clause's sound began to play, at the earliest.
        """
        rate = self._per_second / 1000
        until = self._at_character + (elapsed_ms - self._at_ms) * rate
        return self._words_until(until, rate)

    def rest(self, length_ms: int) -> tuple[WordTime, ...]:
        """The words not given yet, now that the clause is known to last `length_ms`."""
        characters = len(self._clause.spoken.text) - self._at_character
        left = max(length_ms - self._at_ms, 1.0)
        return self._words_until(float("inf"), max(characters, 1) / left)

    def _words_until(self, character: float, rate: float) -> tuple[WordTime, ...]:
        words: list[WordTime] = []
        from_character, from_ms = self._at_character, self._at_ms
        while self._given < len(self._matches) and self._matches[self._given][0] <= character:
            start, end = self._matches[self._given]
            first = from_ms + (start - from_character) / rate
            last = from_ms + (end - from_character) / rate
            words.append(self._word(start, end, first, last))
            self._given += 1
            self._at_character, self._at_ms = end, last
        return tuple(words)

    def _word(self, start: int, end: int, first_ms: float, last_ms: float) -> WordTime:
        begin, finish = self._clause.span(start, end)
        return WordTime(begin, finish, self._begins_ms + round(first_ms), self._begins_ms + round(last_ms))


@dataclass(frozen=True, slots=True)
class TimedText:
    """A word as a provider wrote it, with its time in the reply."""

    text: str
    start_ms: int
    end_ms: int


class WordFinder:
    """Finds the words that a provider reports in the text it was given.

    Providers report words one after another, with their own spelling of signs and spaces; a word that is not
    found nearby is left out, which costs a caption's highlight and nothing else.
    """

    _REACH: Final = 80

    def __init__(self) -> None:
        self._text = ""
        self._spans: list[tuple[int, int]] = []
        self._at = 0

    def add(self, clause: Clause) -> None:
        """Say what was sent to be spoken next."""
        text = clause.spoken.text
        self._spans += [clause.span(at, at + 1) for at in range(len(text))]
        end = clause.start + len(clause.source)
        self._spans.append((end, end))
        self._text += _folded(text) + " "

    def find(self, words: Sequence[TimedText]) -> tuple[WordTime, ...]:
        """Where in the reply's text the reported words are."""
        return tuple(found for word in words if (found := self._find(word)) is not None)

    def _find(self, word: TimedText) -> WordTime | None:
        wanted = _folded(word.text.strip())
        at = self._text.find(wanted, self._at, self._at + len(wanted) + self._REACH) if wanted else -1
        if at < 0:
            wanted = wanted.strip(".,;:!?\"'()")
            at = self._text.find(wanted, self._at, self._at + len(wanted) + self._REACH) if wanted else -1
        if at < 0:
            return None
        self._at = at + len(wanted)
        return WordTime(self._spans[at][0], self._spans[self._at - 1][1], word.start_ms, word.end_ms)


def _folded(text: str) -> str:
    """The text without case; as long as it was, so that offsets hold."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
