import pytest

from orchestrator.core.errors import NotFoundError
from orchestrator.store.database import Database
from orchestrator.store.notes import add_note, delete_note, list_notes
from tests.store import sample_rows as rows
from tests.store.shapes import Writing

pytestmark = pytest.mark.db


async def test_notes_are_about_a_conversation_or_an_item_of_it(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.item_row(1))
    async with database.transaction() as connection:
        first = await add_note(connection, "conv_1", author="Ada", text="all of it")
        second = await add_note(connection, "conv_1", author="Bob", text="this", item_id="item_1")
        assert await list_notes(connection, "conv_1") == (first, second)
    assert (first.item_id, first.author, second.item_id) == (None, "Ada", "item_1")
    assert first.created_at > rows.START


async def test_a_note_needs_something_to_be_about(database: Database, epoch: int) -> None:
    async with database.transaction() as connection:
        with pytest.raises(NotFoundError, match="conv_none"):
            await add_note(connection, "conv_none", author="Ada", text="x")
        with pytest.raises(NotFoundError, match="item_none"):
            await add_note(connection, "conv_1", author="Ada", text="x", item_id="item_none")


async def test_a_note_can_be_removed_once(database: Database, epoch: int) -> None:
    async with database.transaction() as connection:
        note = await add_note(connection, "conv_1", author="Ada", text="x")
        with pytest.raises(NotFoundError):
            await delete_note(connection, "conv_2", note.number)
        await delete_note(connection, "conv_1", note.number)
        with pytest.raises(NotFoundError):
            await delete_note(connection, "conv_1", note.number)
        assert await list_notes(connection, "conv_1") == ()
