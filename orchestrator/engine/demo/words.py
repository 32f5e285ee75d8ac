"""Text to words and back: tokens, stems, spoken forms of identifiers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|\+?\d(?:[\d ()-]{5,}\d)"  # a telephone number
    r"|(?![xX]\d)[A-Za-z]{1,4}-?\d[\w-]*"  # a code such as A-17
    r"|\d+(?:[.:]\d+)+|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|[€$£%]|[,.;:!?]"
)
_CONTRACTED: Final = {
    "n't": "not",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "'d": "would",
    "'m": "am",
    "'s": "is",
}
_IRREGULAR: Final = {"can't": ("can", "not"), "won't": ("will", "not"), "let's": ("let", "us")}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS: Final = re.compile(r"[_\-/\s]+")
_UNCHANGED: Final = frozenset({"this", "is", "was", "has", "does", "us", "plus", "yes", "news", "series"})
_NOT_A_PARTICIPLE: Final = frozenset(
    {"evening", "morning", "something", "anything", "everything", "nothing", "string", "spring", "during"}
)
_MARKS: Final = frozenset(",.;:!?")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark.

    Args:
        raw: As it was written; a contraction's second half has none of its own.
        text: Lower case.
        stem: What is compared: lower case, singular.
    """

    raw: str
    text: str
    stem: str

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation."""
        return self.text in _MARKS


def _token(raw: str, text: str) -> Token:
    return Token(raw, text, stem(text))


@lru_cache(maxsize=2048)
def tokens(text: str) -> tuple[Token, ...]:
    """Cut a text into words and marks; contractions become the words they stand for."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        found += _expanded(match.group())
    return tuple(found)


def _expanded(raw: str) -> list[Token]:
    text = raw.lower().replace("\u2019", "'")
    if text in _IRREGULAR:
        first, second = _IRREGULAR[text]
        return [_token(raw, first), _token("", second)]
    for ending, meaning in _CONTRACTED.items():
        if text.endswith(ending) and len(text) > len(ending):
            return [_token(raw, text.removesuffix(ending)), _token("", meaning)]
    return [_token(raw, text.replace("'", ""))]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Make a word comparable: lower case, singular, without "-ing" (`Pizzas` and `pizza` are one)."""
    word = word.lower()
    if len(word) <= 3 or word in _UNCHANGED or not word.isalpha():
        return word
    if word.endswith("ing") and len(word) > 5 and word not in _NOT_A_PARTICIPLE:
        core = word[:-3]
        return core[:-1] if core[-1] == core[-2] and core[-1] not in "ls" else core
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words."""
    return frozenset(token.stem for token in tokens(text) if not token.is_mark)


def spoken(identifier: str) -> str:
    """Say an identifier: `coke_zero`, `cokeZero` and `coke-zero` are "coke zero"."""
    parts = _SEPARATORS.split(_CAMEL.sub(" ", identifier))
    return " ".join(part if part.isupper() and len(part) > 1 else part.lower() for part in parts if part)


def name_words(identifier: str) -> tuple[str, ...]:
    """The stems of an identifier's words."""
    return tuple(token.stem for token in tokens(spoken(identifier)))


def joined(parts: Iterable[Token]) -> str:
    """Write tokens as text again, as they were written."""
    text = ""
    for part in parts:
        text += part.raw if part.is_mark or not part.raw or not text else f" {part.raw}"
    return text.strip(" ,.;:!?")
