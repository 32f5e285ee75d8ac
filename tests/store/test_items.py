import asyncio
from decimal import Decimal

import pytest

from orchestrator.core.errors import ConflictError, InvalidRequestError, NotFoundError
from orchestrator.core.items import Item
from orchestrator.core.records import ItemRow
from orchestrator.store.conversations import get_conversation
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation, load_history
from orchestrator.store.items import delete_item, get_item, insert_items, list_items
from orchestrator.store.leases import LeaseTable
from orchestrator.store.writer import ConversationWriter
from tests.patience import PATIENCE
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db


@pytest.fixture
async def idle(database: Database) -> str:
    async with database.transaction() as connection:
        await create_conversation(connection, "conv_1", agent="triage", created_at=rows.START)
    return "conv_1"


async def insert(database: Database, *items: Item) -> tuple[Item, ...]:
    async with database.transaction() as connection:
        return await insert_items(connection, "conv_1", items)


async def ids(database: Database, **options: object) -> tuple[list[str], str | None]:
    async with database.read() as connection:
        page = await list_items(connection, "conv_1", **options)  # type: ignore[arg-type]
    return [item.id for item in page.rows], page.next


async def test_items_are_numbered_after_those_there_are(database: Database, idle: str) -> None:
    first = await insert(database, rows.item(7), rows.item(9))
    second = await insert(database, rows.output(3, "call_1"))
    assert [(item.id, item.sequence, item.position) for item in (*first, *second)] == [
        ("item_7", 1, Decimal(1)),
        ("item_9", 2, Decimal(2)),
        ("item_3", 3, Decimal(3)),
    ]
    async with database.read() as connection:
        assert (await load_history(connection, idle)).items == (*first, *second)
        summary = await get_conversation(connection, idle)
    assert (summary.turns, summary.last_sequence) == (2, 3)
    assert summary.updated_at > rows.START
    assert await insert(database) == ()


async def test_a_live_conversation_is_changed_by_its_call_alone(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        with pytest.raises(ConflictError, match="a call is on"):
            await insert(database, rows.item(2))
        async with database.transaction() as connection:
            with pytest.raises(ConflictError):
                await delete_item(connection, "conv_1", "item_1")


async def test_a_writer_of_the_past_cannot_write_over_what_was_inserted(
    database: Database, idle: str
) -> None:
    leases = LeaseTable(database)
    epoch = await leases.claim(idle, "node_1", 0)
    await insert(database, rows.item(1))
    assert epoch is not None
    writer = ConversationWriter(database, idle, owner="node_1", lease_epoch=epoch)
    writer.put(rows.item_row(1, heard="old"))
    outcomes = await asyncio.gather(writer.run(), return_exceptions=True)
    assert type(outcomes[0]).__name__ == "FencedError"
    assert await leases.claim(idle, "node_2", 60) == epoch + 2


async def test_a_call_that_begins_meanwhile_waits_and_reads_the_new_items(
    database: Database, idle: str
) -> None:
    leases = LeaseTable(database)
    async with database.transaction() as connection:
        await insert_items(connection, idle, [rows.item(1)])
        claim = asyncio.ensure_future(leases.claim(idle, "node_1", 60))
        await asyncio.sleep(0)
        assert not claim.done()
    assert await asyncio.wait_for(claim, PATIENCE) == 2
    async with database.read() as connection:
        assert len((await load_history(connection, idle)).items) == 1


async def test_an_id_is_used_once(database: Database, idle: str) -> None:
    await insert(database, rows.item(1))
    with pytest.raises(ConflictError):
        await insert(database, rows.item(2), rows.item(1))
    with pytest.raises(InvalidRequestError):
        await insert(database, rows.item(2), rows.item(2))
    assert await ids(database) == (["item_1"], None)


async def test_a_text_that_cannot_be_stored_is_refused(database: Database, idle: str) -> None:
    with pytest.raises(InvalidRequestError):
        await insert(database, rows.item(1, heard="a\0b"))


async def test_a_deleted_item_keeps_its_row_and_is_not_listed(
    database: Database, idle: str, rows_of: RowsOf
) -> None:
    await insert(database, rows.item(1), rows.item(2))
    async with database.transaction() as connection:
        await delete_item(connection, idle, "item_1")
        with pytest.raises(NotFoundError):
            await delete_item(connection, idle, "item_none")
        assert (await get_item(connection, idle, "item_1")).deleted
    assert await ids(database) == (["item_2"], None)
    assert await rows_of("SELECT turns FROM conversations") == [(0,)]


async def test_pages_are_in_reading_order_both_ways(database: Database, writing: Writing) -> None:
    places = {1: "1", 2: "2", 3: "1.5", 4: "4", 5: "1.5"}
    async with writing() as writer:
        for number, position in places.items():
            writer.put(ItemRow(rows.item(number, position=Decimal(position))))
    order = ["item_1", "item_3", "item_5", "item_2", "item_4"]
    for direction, expected in (("asc", order), ("desc", order[::-1])):
        seen: list[str] = []
        after = None
        while True:
            page, after = await ids(database, order=direction, limit=2, after=after)
            seen += page
            if after is None:
                break
        assert seen == expected


async def test_markers_are_shown_to_those_who_ask(database: Database, idle: str) -> None:
    await insert(database, rows.item(1), rows.item(2, kind="handoff"), rows.item(3, kind="resumed"))
    assert (await ids(database))[0] == ["item_1"]
    assert (await ids(database, markers=True))[0] == ["item_1", "item_2", "item_3"]


async def test_what_does_not_exist_is_said_not_to(database: Database, idle: str) -> None:
    async with database.read() as connection:
        with pytest.raises(NotFoundError, match="conv_none"):
            await list_items(connection, "conv_none")
        with pytest.raises(NotFoundError, match="item_none"):
            await list_items(connection, idle, after="item_none")
        with pytest.raises(NotFoundError):
            await insert_items(connection, "conv_none", [rows.item(1)])
        with pytest.raises(InvalidRequestError):
            await list_items(connection, idle, limit=0)
