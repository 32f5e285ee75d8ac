"""What is different between two values of a state: a few lines that name the place, before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.web.review.orders import TOTALS, line_of
from orchestrator.web.review.wording import brief

_encoder: Final = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        path: Where, such as `address.city`, `tables[1].seats`, or `margherita.quantity` in an order.
        before, after: As text; None where there was nothing, or is nothing any more.
    """

    kind: Literal["added", "removed", "changed"]
    path: str
    before: str | None
    after: str | None


def differences(before: JsonObject | None, after: JsonObject) -> tuple[Change, ...]:
    """The differences between two values of a state: sums after the rest."""
    return tuple(sorted(_compare("", before or {}, after), key=_rank))


def _rank(change: Change) -> int:
    """Sums last: they follow from the rest."""
    return 1 if change.path in TOTALS else 0


def _compare(path: str, before: JsonValue, after: JsonValue) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_objects(path, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _compare_lists(path, before, after)
    else:
        yield Change(kind="changed", path=path, before=brief(before), after=brief(after))


def _compare_objects(path: str, before: JsonObject, after: JsonObject) -> Iterator[Change]:
    for name in dict.fromkeys([*after, *before]):
        place = f"{path}.{name}" if path else name
        if name not in before:
            yield Change(kind="added", path=place, before=None, after=brief(after[name]))
        elif name not in after:
            yield Change(kind="removed", path=place, before=brief(before[name]), after=None)
        else:
            yield from _compare(place, before[name], after[name])


def _compare_lists(path: str, before: list[JsonValue], after: list[JsonValue]) -> Iterator[Change]:
    """Entries that stayed are found wherever they are, so that one taken out of the middle is one line."""
    old, new = [_encoder.encode(value) for value in before], [_encoder.encode(value) for value in after]
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        paired = min(j - i, m - k)
        for step in range(paired):
            yield from _compare(_place(path, k + step, after[k + step]), before[i + step], after[k + step])
        for place in range(i + paired, j):
            yield Change(kind="removed", path=f"{path}[{place}]", before=_entry(before[place]), after=None)
        for place in range(k + paired, m):
            yield Change(kind="added", path=f"{path}[{place}]", before=None, after=_entry(after[place]))


def _place(path: str, number: int, entry: JsonValue) -> str:
    """Where an entry is: a line of an order by what it is of."""
    line = line_of(entry)
    return f"{path}[{number}]" if line is None else line.what


def _entry(value: JsonValue) -> str:
    line = line_of(value)
    return brief(value) if line is None else line.said
