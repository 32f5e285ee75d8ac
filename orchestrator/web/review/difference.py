"""What is different between two values of a state: a few lines that name the place, before and after."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, Literal

import msgspec
from msgspec import Struct

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.web.review.orders import TOTALS, KnownLines, known_line
from orchestrator.web.review.wording import brief

_encoder: Final = msgspec.json.Encoder(order="sorted")


class Change(Struct, frozen=True, kw_only=True):
    """One difference.

    Attributes:
        path: Where, such as `address.city`, `tables[1].seats`, or `margherita.quantity` in an order.
        before, after: As text; None where there was nothing, or is nothing any more.
    """

    kind: Literal["added", "removed", "changed"]
    path: str
    before: str | None
    after: str | None


def differences(
    before: JsonObject | None, after: JsonObject, lines: KnownLines | None = None
) -> tuple[Change, ...]:
    """The differences between two values of a state: sums after the rest.

    Args:
        before, after: The values.
        lines: Lines of orders that were read before, to which these are added.
    """
    comparison = _Comparison({} if lines is None else lines)
    return tuple(sorted(comparison.of("", before or {}, after), key=_rank))


def _rank(change: Change) -> int:
    """Sums last: they follow from the rest."""
    return 1 if change.path in TOTALS else 0


class _Comparison:
    def __init__(self, lines: KnownLines) -> None:
        self._lines = lines

    def of(self, path: str, before: JsonValue, after: JsonValue) -> Iterator[Change]:
        if before == after:
            return
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._objects(path, before, after)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._lists(path, before, after)
        else:
            yield Change(kind="changed", path=path, before=brief(before), after=brief(after))

    def _objects(self, path: str, before: JsonObject, after: JsonObject) -> Iterator[Change]:
        for name in dict.fromkeys([*after, *before]):
            place = f"{path}.{name}" if path else name
            if name not in before:
                yield Change(kind="added", path=place, before=None, after=brief(after[name]))
            elif name not in after:
                yield Change(kind="removed", path=place, before=brief(before[name]), after=None)
            else:
                yield from self.of(place, before[name], after[name])

    def _lists(self, path: str, before: list[JsonValue], after: list[JsonValue]) -> Iterator[Change]:
        """Entries that stayed are found wherever they are: one taken out of the middle is one line."""
        old, new = [_encoder.encode(value) for value in before], [_encoder.encode(value) for value in after]
        for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if what == "equal":
                continue
            paired = min(j - i, m - k)
            for step in range(paired):
                place = self._place(path, k + step, after[k + step])
                yield from self.of(place, before[i + step], after[k + step])
            for at in range(i + paired, j):
                said = self._entry(before[at])
                yield Change(kind="removed", path=f"{path}[{at}]", before=said, after=None)
            for at in range(k + paired, m):
                said = self._entry(after[at])
                yield Change(kind="added", path=f"{path}[{at}]", before=None, after=said)

    def _place(self, path: str, number: int, entry: JsonValue) -> str:
        """Where an entry is: a line of an order by what it is of."""
        line = known_line(entry, self._lines)
        return f"{path}[{number}]" if line is None else line.what

    def _entry(self, value: JsonValue) -> str:
        line = known_line(value, self._lines)
        return brief(value) if line is None else line.said
