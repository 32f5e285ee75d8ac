"""Everything that is kept of one conversation, for reading it back and for taking it away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy import bindparam, select
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
from orchestrator.store.history import load_items, load_states
from orchestrator.store.reading import (
    TABLES,
    Note,
    RecordingRow,
    StoredRecord,
    columns_of,
    to_records,
)

Kind = TypeVar("Kind")


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


ORDERS: Final[dict[type, tuple[str, ...]]] = {
    SessionRow: ("epoch",),
    ResponseRow: ("created_at", "id"),
    ToolRunRow: ("started_at", "tool_call_id", "attempt"),
    HandoffRow: ("staged_at", "id"),
    CallRow: ("joined_at", "id"),
    RevisionRow: ("sequence", "state", "revision"),
    StoredRecord: ("number",),
    Note: ("number",),
    RecordingRow: ("started_at", "id"),
}
QUERIES: Final = {
    kind: select(*columns_of(kind))
    .where(TABLES[kind].c.conversation_id == bindparam("conversation_id"))
    .order_by(*[TABLES[kind].c[name] for name in order])
    for kind, order in ORDERS.items()
}
"""Made once: a query takes as long to make as to ask."""


async def load_details(connection: AsyncConnection, conversation_id: str) -> ConversationDetails:
    """Load a conversation whole.

    Args:
        connection: For reading; of `Database.snapshot` where the parts must agree to the last row.
        conversation_id: Which one.

    Raises:
        NotFoundError: There is no such conversation.
    """
    return ConversationDetails(
        summary=await get_conversation(connection, conversation_id),
        items=await load_items(connection, conversation_id),
        sessions=await load_records(connection, conversation_id, SessionRow),
        responses=await load_records(connection, conversation_id, ResponseRow),
        tool_runs=await load_records(connection, conversation_id, ToolRunRow),
        handoffs=await load_records(connection, conversation_id, HandoffRow),
        calls=await load_records(connection, conversation_id, CallRow),
        revisions=await load_records(connection, conversation_id, RevisionRow),
        records=await load_records(connection, conversation_id, StoredRecord),
        notes=await load_records(connection, conversation_id, Note),
        recordings=await load_records(connection, conversation_id, RecordingRow),
    )


async def load_records(
    connection: AsyncConnection, conversation_id: str, kind: type[Kind]
) -> tuple[Kind, ...]:
    """Load the rows of one kind, one of `ORDERS`, in their order."""
    rows = await connection.execute(QUERIES[kind], {"conversation_id": conversation_id})
    return to_records(kind, rows.all())


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
