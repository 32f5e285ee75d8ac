"""What reviewers write about conversations."""

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.store import tables
from orchestrator.store.conversations import get_conversation
from orchestrator.store.gathering import load_rows
from orchestrator.store.items import get_item
from orchestrator.store.reading import Note, columns_of, to_record


async def add_note(
    connection: AsyncConnection,
    conversation_id: str,
    *,
    author: str,
    text: str,
    item_id: str | None = None,
) -> Note:
    """Write a note about a conversation, or about one item of it.

    Raises:
        NotFoundError: There is no such conversation, or no such item in it.
    """
    await get_conversation(connection, conversation_id)
    if item_id is not None:
        await get_item(connection, conversation_id, item_id)
    made = insert(tables.Note).values(
        conversation_id=conversation_id, author=author, text=text, item_id=item_id
    )
    written = await connection.execute(made.returning(*columns_of(Note)))
    return to_record(Note, written.mappings().one())


async def list_notes(connection: AsyncConnection, conversation_id: str) -> tuple[Note, ...]:
    """The notes of a conversation, oldest first."""
    return await load_rows(connection, conversation_id, Note)


async def delete_note(connection: AsyncConnection, conversation_id: str, number: int) -> None:
    """Remove a note.

    Raises:
        NotFoundError: There is none of this number in this conversation.
    """
    row = tables.Note
    gone = delete(row).where(row.conversation_id == conversation_id, row.number == number)
    if (await connection.execute(gone)).rowcount == 0:
        raise NotFoundError(f"There is no note {number} on {conversation_id}.", param="number")
