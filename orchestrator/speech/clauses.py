"""Text that streams in, cut to pieces that can be spoken: the first as early as sensible, later ones whole.

A caller hears nothing until the first piece has gone to the voice, so the first may end at a comma. After
that sound is ahead of text, and whole sentences sound better. Sentence ends (abbreviations, initials,
decimals, ellipses, some 300 languages) are found by `sentencex`; everything about latency is decided here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sentencex  # type: ignore[import-untyped]

from orchestrator.speech.spoken import Spoken, speakable

FIRST_MIN: Final = 12
"""Characters that a first piece must have to end at a comma: fewer are over before the next is ready."""
FIRST_MAX: Final = 80
"""Characters after which a first piece without any punctuation is cut between words."""
LATER_MAX: Final = 240
"""The same for later pieces; a provider's request must also stay short enough to be cancelled cheaply."""

HARD_MAX: Final = 960
"""Characters after which a piece is cut even inside a word."""

_WORD: Final = re.compile(r"[^\W\d_]{2,}|[^\W_]+\s+[^\W_]|\d\W*[^\W\d_]|\d{2,}")
_LINE_END: Final = re.compile(r"\n\s*(?=\S)")
_PAUSE: Final = re.compile(r"(?:[,;:](?=\s)|\s[-\u2013\u2014](?=\s)|[\u2014\u3001\uff0c\uff1a\uff1b])\s*")
_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a reply that is spoken in one go.

    Attributes:
        start: Character offset of `source` in the reply.
        source: The model's text; all sources joined are the reply.
        spoken: What of it is said. Only the last clause, made by `finish`, may have nothing to say.
    """

    start: int
    source: str
    spoken: Spoken

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the reply of `spoken.text[start:end]`; the range must not be empty."""
        first, last = self.spoken.span(start, end)
        return self.start + first, self.start + last


class ClauseSplitter:
    """Cuts one reply. Feed text, take clauses; `finish` gives the rest.

    Args:
        language: BCP 47 tag; its first part chooses the rules for sentences.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language.split("-", 1)[0].lower()
        self._pending = ""
        self._start = 0
        self._spoke = False
        self._at_line_start = True

    def feed(self, text: str) -> list[Clause]:
        """Add text of any size; answers what can be spoken now."""
        self._pending += text
        return list(self._drain())

    def finish(self) -> list[Clause]:
        """The rest. The splitter goes on from here: more text begins another clause."""
        clauses = list(self._drain())
        return [*clauses, self._take(len(self._pending))] if self._pending else clauses

    def _drain(self) -> Iterator[Clause]:
        passed = 0  # cuts that would leave nothing to say: that text stays with what follows
        while (cut := self._cut(passed)) is not None:
            if _WORD.search(self._speakable(cut).text):
                passed = 0
                yield self._take(cut)
            else:
                passed = cut

    def _cut(self, passed: int) -> int | None:
        """Where the next clause ends, past `passed`; None while that cannot be told."""
        end = next((end for end in self._sentence_ends() if end > passed), None)
        longest = LATER_MAX if self._spoke else FIRST_MAX
        if end is not None and end <= longest:
            return end
        if not self._spoke and (pause := self._first_pause(passed)) is not None:
            return pause
        if len(self._pending) > longest + passed:
            return self._between_words(passed, longest) or end
        return None

    def _sentence_ends(self) -> list[int]:
        """Ends of sentences and lines that no later text can take back: a word has followed already."""
        sentences = sentencex.get_sentence_boundaries(self._language, self._pending)
        ends = {int(sentence["end_index"]) for sentence in sentences[:-1]}
        ends.update(match.end() for match in _LINE_END.finditer(self._pending))
        return sorted(end for end in ends if not self._pending[end:].isspace())

    def _first_pause(self, passed: int) -> int | None:
        for match in _PAUSE.finditer(self._pending, passed):
            said = self._pending[: match.start()].strip()
            if len(said) >= FIRST_MIN and match.end() < len(self._pending):
                return match.end()
        return None

    def _between_words(self, passed: int, longest: int) -> int | None:
        """The last pause, else the last gap between words, within `longest` characters."""
        window = self._pending[: passed + longest]
        for pattern, least in ((_PAUSE, passed + longest // 3), (_SPACE, passed + FIRST_MIN)):
            ends = [match.end() for match in pattern.finditer(window) if least <= match.end() < len(window)]
            if ends:
                return ends[-1]
        return passed + longest if len(self._pending) > passed + HARD_MAX else None

    def _speakable(self, cut: int) -> Spoken:
        return speakable(self._pending[:cut], at_line_start=self._at_line_start)

    def _take(self, cut: int) -> Clause:
        clause = Clause(self._start, self._pending[:cut], self._speakable(cut))
        self._pending = self._pending[cut:]
        self._start += cut
        self._spoke = True
        tail = clause.source[len(clause.source.rstrip()) :]
        self._at_line_start = "\n" in tail
        return clause
