"""What parts the transcript: handoffs, calls that were taken up again, sessions that were replaced."""

from collections.abc import Iterable, Iterator
from typing import Final

from orchestrator.core import records
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonValue
from orchestrator.core.records import SessionRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review.clock import CallSpan, Clock
from orchestrator.web.review.facts import ending_in_words
from orchestrator.web.review.rows import HandoffRow, LinkRow, NoteView
from orchestrator.web.review.tool_cards import HANDOFF_PREFIX
from orchestrator.web.review.wording import brief

REPLACED: Final = frozenset({"reconnect", "rollover", "failover"})
"""Why a session took over from another without the caller noticing."""


class Handoffs:
    """Joins what is stored of handoffs with the items that tell of them.

    A handoff that took place has a marker, written in the moment in which its row was settled; one that did
    not is told where the model asked for it.

    Args:
        details: All of the conversation.
        clock: Of it.
    """

    def __init__(self, details: ConversationDetails, clock: Clock) -> None:
        self._clock = clock
        self._done = {
            (row.source, row.target, row.settled_at): row
            for row in details.handoffs
            if row.outcome == "committed"
        }
        self._undone: dict[str, records.HandoffRow] = {}
        asked = [item for item in details.items if is_handoff_call(item)]
        self.unasked: list[records.HandoffRow] = []
        for row in details.handoffs:
            if row.outcome == "committed":
                continue
            call = _call_of(row, asked) if row.cause == "model" else None
            if call is None:
                self.unasked.append(row)
            else:
                asked.remove(call)
                self._undone[call.id] = row

    def marker(self, item: Item, notes: tuple[NoteView, ...] = ()) -> HandoffRow:
        """The divider of a handoff that took place, from its marker."""
        source, target = str(item.data.get("from")), str(item.data.get("to"))
        row = self._done.get((source, target, item.created_at))
        at = self._clock.ms(item.created_at)
        staged = at if row is None else self._clock.ms(row.staged_at)
        seconds = item.data.get("seconds")
        took = round(seconds * 1000) if isinstance(seconds, int | float) else None
        return HandoffRow(
            key=f"item-{item.id}",
            sequence=item.sequence,
            at_ms=at,
            end_ms=at,
            at=item.created_at,
            agent=target,
            notes=notes,
            source=source,
            target=target,
            reason=str(item.data.get("reason") or ""),
            outcome="committed",
            cause=str(item.data.get("cause") or "model"),
            took_ms=took if took is not None else at - staged,
            payload=_payload(item.data.get("payload")),
            history=str(item.data.get("history") or ""),
            back=item.data.get("back") is True,
            summary=str(item.data.get("summary") or ""),
        )

    def refused(self, item: Item, notes: tuple[NoteView, ...] = ()) -> HandoffRow | None:
        """The divider of a handoff that the model asked for and that did not take place; None for others."""
        row = self._undone.get(item.id)
        if row is None:
            return None
        return self._undone_row(row, f"item-{item.id}", item.sequence, notes)

    def standalone(self, row: records.HandoffRow, sequence: int) -> HandoffRow:
        """The divider of a handoff that an operator asked for and that did not take place."""
        return self._undone_row(row, f"handoff-{row.id}", sequence, ())

    def _undone_row(
        self, row: records.HandoffRow, key: str, sequence: int, notes: tuple[NoteView, ...]
    ) -> HandoffRow:
        at = self._clock.ms(row.staged_at)
        return HandoffRow(
            key=key,
            sequence=sequence,
            at_ms=at,
            end_ms=at if row.settled_at is None else self._clock.ms(row.settled_at),
            at=row.staged_at,
            agent=row.source,
            live=row.outcome == "staged",
            notes=notes,
            source=row.source,
            target=row.target,
            reason=row.reason,
            outcome=row.outcome,
            cause=row.cause,
            took_ms=None if row.settled_at is None else round((row.settled_at - row.staged_at) * 1000),
            payload=_payload(row.payload),
            history=row.history,
            error=row.error or "",
        )


def is_handoff_call(item: Item) -> bool:
    """Whether a function call asks for another agent."""
    named = item.kind == "function_call" and (item.name or "").startswith(HANDOFF_PREFIX)
    return named and item.data.get("client_tool") is not True


def _call_of(row: records.HandoffRow, asked: Iterable[Item]) -> Item | None:
    """The call that a row was made for: the latest one of that agent before it."""
    fitting = [item for item in asked if item.agent == row.source and item.created_at <= row.staged_at]
    return fitting[-1] if fitting else None


def _payload(value: JsonValue) -> tuple[tuple[str, str], ...]:
    return tuple((name, brief(said)) for name, said in value.items()) if isinstance(value, dict) else ()


# --- calls and sessions -----------------------------------------------------------------------------------


def resumed(item: Item, clock: Clock, notes: tuple[NoteView, ...] = ()) -> LinkRow:
    """The divider of a caller who is back."""
    span = clock.span_at(item.created_at)
    before = _before(clock, span)
    left = before.left_at if before else None
    return LinkRow(
        key=f"item-{item.id}",
        sequence=item.sequence,
        at_ms=clock.ms(item.created_at),
        end_ms=clock.ms(item.created_at),
        at=item.created_at,
        agent=item.agent,
        notes=notes,
        purpose="call",
        transport=span.transport,
        call_ended=ending_in_words(before.leave_reason or "") if before else "",
        away_ms=None if left is None else max(0, round((span.joined_at - left) * 1000)),
    )


def _before(clock: Clock, span: CallSpan) -> CallSpan | None:
    place = clock.spans.index(span)
    return clock.spans[place - 1] if place else None


def replacements(details: ConversationDetails, clock: Clock) -> Iterator[LinkRow]:
    """A divider for every session that took over for the same agent."""
    before: SessionRow | None = None
    for row in details.sessions:
        if row.purpose in REPLACED:
            at = clock.ms(row.opened_at)
            yield LinkRow(
                key=f"session-{row.epoch}",
                sequence=_written_before(details.items, row.opened_at),
                at_ms=at,
                end_ms=at if row.ready_at is None else clock.ms(row.ready_at),
                at=row.opened_at,
                agent=row.agent,
                live=row.ready_at is None and row.closed_at is None,
                purpose=row.purpose,
                reason=(before.close_reason or "") if before and row.purpose != "rollover" else "",
                took_ms=None if row.ready_at is None else round((row.ready_at - row.opened_at) * 1000),
            )
        before = row


def _written_before(items: Iterable[Item], at: float) -> int:
    return max((item.sequence for item in items if item.created_at <= at), default=0)


def standalone_sequence(details: ConversationDetails, row: records.HandoffRow) -> int:
    """The item behind which a handoff is shown that no item tells of."""
    return _written_before(details.items, row.staged_at)
