"""Lengths of time as people say them: "ten minutes", "half an hour", "an hour and a half"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.engine.demo.numbers import quantities
from orchestrator.engine.demo.words import Token

SECONDS: Final = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time somebody said.

    Args:
        seconds: How long.
        start: Index of its first token.
        end: Index after its last token.
    """

    seconds: float
    start: int
    end: int


def duration(clause: Sequence[Token]) -> Duration | None:
    """Find the first length of time; neighbouring ones add up ("an hour and twenty minutes")."""
    parts = sorted([*_halves(clause), *_counted(clause)], key=lambda part: part.start)
    if not parts:
        return None
    whole = parts[0]
    for part in parts[1:]:
        between = [token.text for token in clause[whole.end : part.start]]
        if part.start >= whole.end and between in ([], ["and"]):
            whole = Duration(whole.seconds + part.seconds, whole.start, part.end)
    return whole


def _counted(clause: Sequence[Token]) -> list[Duration]:
    found: list[Duration] = []
    for quantity in quantities(clause):
        unit = clause[quantity.end].stem if quantity.end < len(clause) else ""
        if unit not in SECONDS or (quantity.start and clause[quantity.start - 1].text == "half"):
            continue
        end, more = _and_a_half(clause, quantity.end + 1)
        found.append(Duration((quantity.value + more) * SECONDS[unit], quantity.start, end))
    return found


def _and_a_half(clause: Sequence[Token], index: int) -> tuple[int, float]:
    said = [token.text for token in clause[index : index + 3]]
    return (index + 3, 0.5) if said == ["and", "a", "half"] else (index, 0.0)


def _halves(clause: Sequence[Token]) -> list[Duration]:
    """Lengths such as "half an hour" and "a quarter of an hour"."""
    found: list[Duration] = []
    for index in range(len(clause) - 1):
        said = [token.text for token in clause[index : index + 4]]
        if said[0] == "half" and said[1] in {"a", "an"} and len(said) > 2 and said[2] in SECONDS:
            found.append(Duration(SECONDS[said[2]] / 2, index, index + 3))
        elif said == ["quarter", "of", "an", "hour"]:
            found.append(Duration(900, index, index + 4))
    return found
