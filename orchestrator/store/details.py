"""Everything that is kept of one conversation, for reading it back and for taking it away."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ResponseRow,
    RevisionRow,
    SessionRow,
    ToolRunRow,
)
from orchestrator.store.conversations import ConversationSummary, get_conversation
from orchestrator.store.gathering import load_all_rows
from orchestrator.store.history import load_states
from orchestrator.store.reading import Note, RecordingRow, StoredRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationDetails:
    """A conversation whole, each list in its own order of time."""

    summary: ConversationSummary
    items: tuple[Item, ...]
    sessions: tuple[SessionRow, ...]
    responses: tuple[ResponseRow, ...]
    tool_runs: tuple[ToolRunRow, ...]
    handoffs: tuple[HandoffRow, ...]
    calls: tuple[CallRow, ...]
    revisions: tuple[RevisionRow, ...]
    records: tuple[StoredRecord, ...]
    notes: tuple[Note, ...]
    recordings: tuple[RecordingRow, ...]


async def load_details(connection: AsyncConnection, conversation_id: str) -> ConversationDetails:
    """Load a conversation whole.

    Args:
        connection: For reading; of `Database.snapshot` where the parts must agree to the last row.
        conversation_id: Which one.

    Raises:
        NotFoundError: There is no such conversation.
    """
    summary = await get_conversation(connection, conversation_id)
    rows = await load_all_rows(connection, conversation_id)
    return ConversationDetails(
        summary=summary,
        items=rows.of(Item),
        sessions=rows.of(SessionRow),
        responses=rows.of(ResponseRow),
        tool_runs=rows.of(ToolRunRow),
        handoffs=rows.of(HandoffRow),
        calls=rows.of(CallRow),
        revisions=rows.of(RevisionRow),
        records=rows.of(StoredRecord),
        notes=rows.of(Note),
        recordings=rows.of(RecordingRow),
    )


async def state_at(
    connection: AsyncConnection, conversation_id: str, sequence: int | None = None
) -> dict[str, JsonObject]:
    """The states as they were once the item of a sequence number was written, by name; None for now.

    A state without a revision by then is missing: it has its initial value, which the agents declare.

    Raises:
        NotFoundError: There is no such conversation.
    """
    await get_conversation(connection, conversation_id)
    values, _ = await load_states(connection, conversation_id, at=sequence)
    return values


def export_rows(details: ConversationDetails) -> Iterator[tuple[str, object]]:
    """A conversation as a series of rows, each with the word for its kind, for formats of one row a line."""
    yield "conversation", details.summary
    for word, rows in (
        ("item", details.items),
        ("session", details.sessions),
        ("response", details.responses),
        ("tool_run", details.tool_runs),
        ("handoff", details.handoffs),
        ("call", details.calls),
        ("state_revision", details.revisions),
        ("record", details.records),
        ("note", details.notes),
        ("recording", details.recordings),
    ):
        for row in rows:
            yield word, row
