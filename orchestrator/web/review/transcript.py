"""The transcript: every row of a conversation, in the order in which it is read."""

from collections.abc import Mapping

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review import dividers
from orchestrator.web.review.clock import Clock
from orchestrator.web.review.latency import Reply
from orchestrator.web.review.messages import message_row
from orchestrator.web.review.orders import KnownLines
from orchestrator.web.review.rows import AnyRow, NoteView
from orchestrator.web.review.tool_cards import ToolCards


def rows_of(
    details: ConversationDetails,
    clock: Clock,
    replies: tuple[Reply, ...],
    initial: Mapping[str, JsonObject],
    lines: KnownLines | None = None,
) -> tuple[AnyRow, ...]:
    """Every row of the transcript.

    Args:
        details: All of the conversation.
        clock: Of it.
        replies: Of it, to be told beside their first words.
        initial: Values of the states that the agents declare.
        lines: Lines of orders that were read before, to which these are added.
    """
    maker = _RowMaker(details, clock, replies, ToolCards(details, clock, initial, lines))
    items = sorted(details.items, key=lambda item: (item.position, item.sequence))
    rows = [row for item in items if not item.deleted for row in maker.rows(item)]
    for extra in maker.extras():
        rows.insert(_place(rows, extra), extra)
    return tuple(rows)


def _place(rows: list[AnyRow], extra: AnyRow) -> int:
    """Right behind the last row that was written before it."""
    behind = [
        place for place, row in enumerate(rows) if row.at <= extra.at and row.sequence <= extra.sequence
    ]
    return behind[-1] + 1 if behind else 0


class _RowMaker:
    def __init__(
        self,
        details: ConversationDetails,
        clock: Clock,
        replies: tuple[Reply, ...],
        cards: ToolCards,
    ) -> None:
        self._details = details
        self._clock = clock
        self._live = details.summary.status == "live"
        self._replies = {reply.item_id: reply for reply in replies if reply.item_id is not None}
        self._cards = cards
        self._handoffs = dividers.Handoffs(details, clock)
        self._notes = _notes(details)
        self._calls = {item.tool_call_id for item in details.items if item.kind == "function_call"}

    def rows(self, item: Item) -> list[AnyRow]:
        """What is shown of an item: one row, or none where another row tells it."""
        notes = self._notes.get(item.id, ())
        match item.kind:
            case "message":
                reply = self._replies.get(item.id)
                return [message_row(item, self._clock, reply=reply, notes=notes, live=self._live)]
            case "function_call":
                return self._call(item, notes)
            case "function_call_output":
                known = item.tool_call_id in self._calls
                return [] if known else [self._cards.output_row(item, notes)]
            case "handoff":
                return [self._handoffs.marker(item, notes)]
            case "resumed":
                return [dividers.resumed(item, self._clock, notes)]

    def _call(self, item: Item, notes: tuple[NoteView, ...]) -> list[AnyRow]:
        if not dividers.is_handoff_call(item):
            return [self._cards.row(item, notes)]
        refused = self._handoffs.refused(item, notes)
        if refused is not None:
            return [refused]
        card = self._cards.row(item, notes)
        # One that took place is told by its marker; one that was never staged, by its card.
        return [card] if card.failed or card.outcome in {"cancelled", "running", "waiting"} else []

    def extras(self) -> list[AnyRow]:
        """Rows that no item tells of."""
        undone = [
            self._handoffs.standalone(row, dividers.standalone_sequence(self._details, row))
            for row in self._handoffs.unasked
        ]
        return sorted(
            [*undone, *dividers.replacements(self._details, self._clock)], key=lambda row: (row.at, row.key)
        )


def _notes(details: ConversationDetails) -> dict[str, tuple[NoteView, ...]]:
    """Notes about items, by item."""
    found: dict[str, tuple[NoteView, ...]] = {}
    for note in notes_of(details):
        if note.item_id is not None:
            found[note.item_id] = (*found.get(note.item_id, ()), note)
    return found


def notes_of(details: ConversationDetails) -> tuple[NoteView, ...]:
    """Every note, oldest first."""
    return tuple(
        NoteView(
            number=note.number,
            item_id=note.item_id,
            author=note.author,
            text=note.text,
            created_at=note.created_at,
        )
        for note in details.notes
    )
