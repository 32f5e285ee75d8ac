"""Numbers as people say them: words, digits, dozens, "a couple of"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.engine.demo.words import Token

_ONE_TO_NINETEEN: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ONES: Final = {"zero": 0} | {word: value for value, word in enumerate(_ONE_TO_NINETEEN.split(), start=1)}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_GROUPS: Final = {"dozen": 12, "couple": 2, "pair": 2}
_WORDS: Final = {value: word for word, value in {**_TENS, **_ONES}.items()}
_FIGURES: Final = re.compile(r"\d+(?:\.\d+)?")
_BEFORE_A_NUMBER: Final = frozenset(
    {
        "make",
        "it",
        "that",
        "just",
        "only",
        "like",
        "want",
        "have",
        "take",
        "add",
        "get",
        "is",
        "be",
        "to",
        "for",
    }
    | {"and", "or", "i"}
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number somebody said.

    Args:
        value: The number.
        start: Index of its first token.
        end: Index after its last token.
        indefinite: It was only "a" or "an" or "another".
    """

    value: float
    start: int
    end: int
    indefinite: bool = False


def quantities(clause: Sequence[Token]) -> list[Quantity]:
    """Find the numbers of a clause, in order; "one" as a pronoun ("a small one") is none."""
    found: list[Quantity] = []
    index = 0
    while index < len(clause):
        quantity = _at(clause, index)
        if quantity is None:
            index += 1
        else:
            found.append(quantity)
            index = quantity.end
    return found


def say_number(value: float) -> str:
    """Say a number: words up to twenty and for whole tens, figures otherwise."""
    if value == int(value):
        return _WORDS.get(int(value), str(int(value)))
    return f"{value:g}"


def _at(clause: Sequence[Token], index: int) -> Quantity | None:
    word = clause[index].text
    after = clause[index + 1].text if index + 1 < len(clause) else ""
    if word in {"a", "an", "another"}:
        return _indefinite(clause, index, after)
    if word == "half" and after == "a" and _word(clause, index + 2) == "dozen":
        return Quantity(6, index, index + 3)
    if word in _TENS:
        joined = after in _ONES and 0 < _ONES[after] < 10
        return Quantity(_TENS[word] + (_ONES[after] if joined else 0), index, index + 1 + joined)
    if word in _ONES:
        return None if word == "one" and _is_pronoun(clause, index) else _counted(clause, index, _ONES[word])
    if _FIGURES.fullmatch(word):
        return _counted(clause, index, float(word))
    if word == "x" and _FIGURES.fullmatch(after):
        return Quantity(float(after), index, index + 2)
    return None


def _counted(clause: Sequence[Token], index: int, value: float) -> Quantity:
    after = _word(clause, index + 1)
    if after in {"dozen", "hundred"}:
        return Quantity(value * (12 if after == "dozen" else 100), index, index + 2)
    if after == "and" and _word(clause, index + 2) == "a" and _word(clause, index + 3) == "half":
        return Quantity(value + 0.5, index, index + 4)
    return Quantity(value, index, index + (2 if after in {"x", "times"} else 1))


def _indefinite(clause: Sequence[Token], index: int, after: str) -> Quantity | None:
    if after in _GROUPS:
        end = index + (3 if _word(clause, index + 2) == "of" else 2)
        return Quantity(_GROUPS[after], index, end)
    if after == "hundred":
        return Quantity(100, index, index + 2)
    return Quantity(1, index, index + 1, indefinite=True) if after else None


def _is_pronoun(clause: Sequence[Token], index: int) -> bool:
    """Whether "one" stands for a thing: "a small one", "that one with cheese"."""
    if index == 0:
        return False
    before = clause[index - 1]
    if before.text in {"the", "that", "this", "last", "which", "other"}:
        return True
    after = _word(clause, index + 1)
    ends = after in {"", "please", "with", "too", "instead", "as"} or (
        index + 1 < len(clause) and clause[index + 1].is_mark
    )
    return ends and before.text not in _BEFORE_A_NUMBER and not before.is_mark


def _word(clause: Sequence[Token], index: int) -> str:
    return clause[index].text if index < len(clause) else ""
