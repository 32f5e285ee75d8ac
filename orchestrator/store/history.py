"""What the machine needs of a conversation to begin it or to go on with it."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import ConversationStatus, History
from orchestrator.store import tables
from orchestrator.store.gathering import load_rows


async def create_conversation(
    connection: AsyncConnection,
    conversation_id: str,
    *,
    agent: str,
    created_at: float,
    metadata: Mapping[str, JsonValue] | None = None,
    status: ConversationStatus = "idle",
    created_by: str | None = None,
    replay_of: str | None = None,
) -> None:
    """Begin a conversation.

    Args:
        connection: In a transaction.
        conversation_id: `conv_…`, new.
        agent: On duty from the start.
        created_at: Seconds since the Unix epoch.
        metadata: What the client says of it.
        status: `idle` until a call joins.
        created_by: Id of the API key that it was created with.
        replay_of: The conversation that it lives again.

    Raises:
        ConflictError: There is one of this id, once the transaction ends.
    """
    moment = func.to_timestamp(created_at)
    await connection.execute(
        insert(tables.Conversation).values(
            id=conversation_id,
            agent=agent,
            entry_agent=agent,
            agents=[agent],
            status=status,
            details=dict(metadata or {}),
            created_by=created_by,
            replay_of=replay_of,
            created_at=moment,
            updated_at=moment,
        )
    )


async def load_history(connection: AsyncConnection, conversation_id: str) -> History:
    """Load a conversation whole, in a handful of statements whatever its length.

    Args:
        connection: For reading; hold the lease first, so that nobody writes meanwhile.
        conversation_id: Which one.

    Raises:
        NotFoundError: There is no such conversation.
    """
    about = tables.Conversation
    query = select(about.agent, about.status, about.replay_of, about.details.label("details"))
    found = await connection.execute(query.where(tables.Conversation.id == conversation_id))
    conversation = found.one_or_none()
    if conversation is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.", param="conversation")
    items = await load_rows(connection, conversation_id, Item)
    states, revisions = await load_states(connection, conversation_id)
    return History(
        conversation_id=conversation_id,
        agent=conversation.agent,
        items=items,
        states=states,
        revisions=revisions,
        epoch=await _last_epoch(connection, conversation_id),
        tool_attempts=await _open_attempts(connection, conversation_id, items),
        metadata=conversation.details,
        status=conversation.status,
        replay_of=conversation.replay_of,
    )


async def load_states(
    connection: AsyncConnection, conversation_id: str, *, at: int | None = None
) -> tuple[dict[str, JsonObject], dict[str, int]]:
    """The states of a conversation: values and revision numbers by name.

    Args:
        connection: For reading.
        conversation_id: Which one.
        at: As they were once the item of this sequence number was written; None for now.
    """
    revision = tables.StateRevision
    query = (
        select(revision.state, revision.value, revision.revision)
        .ext(distinct_on(revision.state))
        .where(revision.conversation_id == conversation_id)
        .order_by(revision.state, revision.revision.desc())
    )
    if at is not None:
        query = query.where(revision.sequence <= at)
    rows = (await connection.execute(query)).all()
    return {row.state: row.value for row in rows}, {row.state: row.revision for row in rows}


async def _last_epoch(connection: AsyncConnection, conversation_id: str) -> int:
    session = tables.Session
    query = select(func.coalesce(func.max(session.epoch), 0))
    epoch: int = (
        await connection.execute(query.where(session.conversation_id == conversation_id))
    ).scalar_one()
    return epoch


async def _open_attempts(
    connection: AsyncConnection, conversation_id: str, items: tuple[Item, ...]
) -> dict[str, int]:
    """Runs of the tool calls that have no output yet."""
    answered = {item.tool_call_id for item in items if item.kind == "function_call_output"}
    asked = {item.tool_call_id for item in items if item.kind == "function_call"}
    waiting = [tool_call_id for tool_call_id in asked - answered if tool_call_id]
    if not waiting:
        return {}
    run = tables.ToolRun
    query = (
        select(run.tool_call_id, func.max(run.attempt))
        .where(run.conversation_id == conversation_id, run.tool_call_id.in_(waiting))
        .group_by(run.tool_call_id)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}
