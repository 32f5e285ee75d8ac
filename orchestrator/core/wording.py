"""Words for messages: values cut short, lists of choices, and the nearest name to a misspelt one.

Messages made here go to models, to operators and into log lines, so none of them repeats a long input.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from rapidfuzz import fuzz, process, utils

from orchestrator.core.json_value import JsonValue

SHOWN_LENGTH: Final = 40
"""Characters of a value that a message repeats at most."""

SHOWN_CHOICES: Final = 10
"""Choices that a message lists at most."""

_NEAR_ENOUGH: Final = 70.0


def clipped(text: str, length: int = SHOWN_LENGTH) -> str:
    """Cut a text so that it takes at most `length` characters, the last a `…` when it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def shown(value: JsonValue) -> str:
    """Show a JSON value in a message: scalars as JSON and cut short, containers by their size."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    if isinstance(value, str):
        return msgspec.json.encode(clipped(value)).decode()
    return clipped(msgspec.json.encode(value).decode())


def listed(choices: Iterable[str], conjunction: str = "or") -> str:
    """Join choices the way a sentence does: `a`, `a or b`, `a, b or c`."""
    words = list(choices)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Find the choice that a misspelt word most likely means.

    Args:
        word: As it was written.
        choices: What could have been meant.

    Returns:
        A choice, or None when none is close.
    """
    best: tuple[str, float, int] | None = process.extractOne(
        clipped(word, 200), list(choices), scorer=fuzz.ratio, processor=utils.default_process
    )
    return best[0] if best is not None and best[1] >= _NEAR_ENOUGH else None


def choices_near(word: str, choices: Sequence[str], count: int = SHOWN_CHOICES) -> list[str]:
    """The `count` choices closest to a word, best first; all of them in their own order when few.

    Args:
        word: As it was written.
        choices: What could have been meant.
        count: How many to return at most.
    """
    if len(choices) <= count:
        return list(choices)
    found = process.extract(
        clipped(word, 200), choices, scorer=fuzz.WRatio, processor=utils.default_process, limit=count
    )
    return [choice for choice, _, _ in found]
