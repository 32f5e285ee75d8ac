"""The states of a conversation as they were at any moment: a cart as an order, any other as key and value."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import RevisionRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review.clock import Clock
from orchestrator.web.review.orders import KnownLines, Order, as_order
from orchestrator.web.review.wording import brief


class Revision(Struct, frozen=True, kw_only=True):
    """A state from one moment until another.

    Attributes:
        number: 0 for the initial value.
        from_ms, until_ms: On the clock; `until_ms` is None for the present value.
        item_id: What caused it; None for the initial value.
        order: The value as an order; None where it is none.
        fields: The value as keys and values; empty where it is an order.
    """

    state: str
    number: int
    from_ms: int
    until_ms: int | None
    item_id: str | None
    tool_call_id: str | None
    order: Order | None
    fields: tuple[tuple[str, str], ...]


def revisions_of(
    details: ConversationDetails,
    clock: Clock,
    initial: Mapping[str, JsonObject],
    lines: KnownLines | None = None,
) -> tuple[Revision, ...]:
    """Every value that a state had, by state, then in order of time.

    Args:
        details: All that is stored.
        clock: Of the conversation.
        initial: Values of the states that the agents declare, before any change.
        lines: Lines of orders that were read before, to which these are added.
    """
    known = {} if lines is None else lines
    by_state: dict[str, list[RevisionRow]] = {
        name: [] for name in initial if any(row.state == name for row in details.revisions)
    }
    for row in sorted(details.revisions, key=lambda row: row.revision):
        by_state.setdefault(row.state, []).append(row)
    return tuple(
        revision
        for name, rows in by_state.items()
        for revision in _of_one(name, rows, clock, initial.get(name), known)
    )


def _of_one(
    name: str, rows: list[RevisionRow], clock: Clock, initial: JsonObject | None, lines: KnownLines
) -> Iterator[Revision]:
    begins = [clock.ms(row.created_at) for row in rows]
    if initial is not None:
        yield _revision(name, 0, (0, begins[0] if begins else None), initial, None, lines)
    for place, row in enumerate(rows):
        until = begins[place + 1] if place + 1 < len(rows) else None
        yield _revision(name, row.revision, (begins[place], until), row.value, row, lines)


def _revision(
    name: str,
    number: int,
    span: tuple[int, int | None],
    value: JsonObject,
    row: RevisionRow | None,
    lines: KnownLines,
) -> Revision:
    order = as_order(value, lines)
    return Revision(
        state=name,
        number=number,
        from_ms=span[0],
        until_ms=span[1],
        item_id=row.item_id if row else None,
        tool_call_id=row.tool_call_id if row else None,
        order=order,
        fields=() if order else tuple(_flat("", value)),
    )


def at_moment(revisions: tuple[Revision, ...], ms: int) -> tuple[Revision, ...]:
    """The states as they were at a place on the clock."""
    return tuple(
        revision
        for revision in revisions
        if revision.from_ms <= ms and (revision.until_ms is None or ms < revision.until_ms)
    )


def _flat(path: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """Keys and values, objects within objects as `address.city`."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    elif path:
        yield path, "" if value is None or value in ({}, [], "") else brief(value)
