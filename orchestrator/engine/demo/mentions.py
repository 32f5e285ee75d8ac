"""Finds a slot's choices in what somebody said: whole, in another order, in part, misspelt."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from orchestrator.engine.demo.lexicon import STOP_WORDS, VERBS
from orchestrator.engine.demo.tools import Choice, Slot
from orchestrator.engine.demo.words import Token, tokens

_SPELT_ALIKE: Final = 84.0
_SHORTEST_MISSPELT: Final = 4
_ALL_VERBS: Final = frozenset[str]().union(*VERBS.values())
_SYNONYMS: Final = {
    "big": "large",
    "little": "small",
    "tiny": "small",
    "huge": "large",
    "regular": "medium",
    "normal": "medium",
    "xl": "extra large",
    "cola": "coke",
    "cokes": "coke",
    "collect": "pickup",
    "collection": "pickup",
    "takeaway": "pickup",
    "takeout": "pickup",
    "tonight": "today",
    "delivered": "delivery",
    "deliver": "delivery",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One choice that was said.

    Args:
        choice: Which.
        start: Index of its first token.
        end: Index after its last token.
        certainty: 1 for exactly, less for in part or misspelt.
    """

    choice: Choice
    start: int
    end: int
    certainty: float


class _Index:
    """The forms under which a slot's choices may be said."""

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        forms = {choice: tuple(token.stem for token in tokens(choice.said)) for choice in choices}
        self.whole = {tuple(sorted(form)): choice for choice, form in reversed(forms.items()) if form}
        self.longest = max((len(form) for form in forms.values()), default=0)
        self.spelt = {" ".join(form): choice for choice, form in forms.items() if form}
        self.single = _telling_words(forms)
        self._add_synonyms(choices)

    def _add_synonyms(self, choices: tuple[Choice, ...]) -> None:
        by_name = {choice.said.lower(): choice for choice in choices}
        for word, meaning in _SYNONYMS.items():
            if meaning in by_name and (word,) not in self.whole:
                self.whole[word,] = by_name[meaning]


def _telling_words(forms: dict[Choice, tuple[str, ...]]) -> dict[str, Choice]:
    """Words that one choice alone has: "pepperoni" of "pepperoni pizza"."""
    owners: dict[str, list[Choice]] = {}
    for choice, form in forms.items():
        for word in set(form):
            owners.setdefault(word, []).append(choice)
    return {
        word: found[0]
        for word, found in owners.items()
        if len(found) == 1 and len(forms[found[0]]) > 1 and word not in STOP_WORDS and not word.isdigit()
    }


@lru_cache(maxsize=512)
def _index(choices: tuple[Choice, ...]) -> _Index:
    return _Index(choices)


def mentions(clause: Sequence[Token], slot: Slot) -> list[Mention]:
    """Find every choice of a slot in a clause, none overlapping another, in order."""
    index = _index(slot.choices)
    found: list[Mention] = []
    free = [not token.is_mark for token in clause]
    for width in range(min(index.longest, len(clause)), 0, -1):
        _claim(found, free, [_whole(clause, start, width, index) for start in range(len(clause) - width + 1)])
    if not index.longest:
        return found
    _claim(found, free, [_part(clause, start, index) for start in range(len(clause))])
    for width in range(min(index.longest, len(clause)), 0, -1):
        _claim(found, free, [_alike(clause, start, width, index) for start in range(len(clause) - width + 1)])
    return sorted(found, key=lambda mention: mention.start)


def _claim(found: list[Mention], free: list[bool], candidates: Sequence[Mention | None]) -> None:
    """Take the candidates whose words are not taken yet."""
    for mention in candidates:
        if mention is not None and all(free[mention.start : mention.end]):
            found.append(mention)
            free[mention.start : mention.end] = [False] * (mention.end - mention.start)


def _whole(clause: Sequence[Token], start: int, width: int, index: _Index) -> Mention | None:
    window = clause[start : start + width]
    choice = index.whole.get(tuple(sorted(token.stem for token in window)))
    return Mention(choice, start, start + width, 1.0) if choice else None


def _part(clause: Sequence[Token], start: int, index: _Index) -> Mention | None:
    choice = index.single.get(clause[start].stem)
    return Mention(choice, start, start + 1, 0.9) if choice else None


def _alike(clause: Sequence[Token], start: int, width: int, index: _Index) -> Mention | None:
    window = clause[start : start + width]
    if any(token.text in STOP_WORDS or token.text in _ALL_VERBS for token in window):
        return None
    text = " ".join(token.stem for token in window)
    if len(text) < _SHORTEST_MISSPELT:
        return None
    best = process.extractOne(text, index.spelt.keys(), scorer=fuzz.ratio, score_cutoff=_SPELT_ALIKE)
    return Mention(index.spelt[best[0]], start, start + width, best[1] / 110) if best else None
