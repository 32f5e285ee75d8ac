from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import event

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.records import ItemRow, SessionRow, ToolRunRow
from orchestrator.store.database import Database
from orchestrator.store.gathering import ORDERS, load_all_rows, load_rows
from orchestrator.store.reading import TABLES
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db

WHOLE = rows.item(
    1,
    position=Decimal("1.50000000000000000001"),
    status=ItemStatus.INCOMPLETE,
    created_at=rows.START + 0.000001,
    content=(
        Part(kind="audio", text='"Ja\\\n\t\u2028</b>" \U0001f355'),
        Part(kind="image", image_url="data:,"),
    ),
    heard="",
    data={"deep": {"list": [1, 2.5, None, True, {}]}, "big": 2**63, "small": 1e-300},
)


def test_every_class_of_rows_has_an_order() -> None:
    assert set(ORDERS) == set(TABLES)


async def test_a_row_comes_back_as_it_was_written(database: Database, writing: Writing) -> None:
    run = rows.tool_run(violations=("a", "b"), finished_at=rows.START + 7.000003)
    async with writing() as writer:
        writer.put(ItemRow(WHOLE))
        writer.put(run)
    async with database.read() as connection:
        assert await load_rows(connection, "conv_1", Item) == (WHOLE,)
        assert await load_rows(connection, "conv_1", ToolRunRow) == (run,)


async def test_a_part_without_an_image_needs_no_word_for_it(
    database: Database, writing: Writing, rows_of: RowsOf
) -> None:
    async with writing() as writer:
        writer.put(ItemRow(rows.item(1)))
    await rows_of("""UPDATE items SET content = '[{"kind": "text", "text": "a"}]' RETURNING id""")
    async with database.read() as connection:
        (item,) = await load_rows(connection, "conv_1", Item)
    assert item.content == (Part(text="a"),)


async def test_rows_come_in_their_order_whatever_the_order_of_writing(
    database: Database, writing: Writing
) -> None:
    async with writing() as writer:
        for epoch in (3, 1, 2):
            writer.put(rows.session(epoch))
    async with database.read() as connection:
        found = await load_rows(connection, "conv_1", SessionRow)
    assert [row.epoch for row in found] == [1, 2, 3]


async def test_all_rows_come_with_one_statement(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.session(1))
        writer.put(ItemRow(WHOLE))
    asked: list[str] = []
    async with database.read() as connection:
        event.listen(
            database.engine.sync_engine, "before_cursor_execute", lambda *told: asked.append(told[2])
        )
        found = await load_all_rows(connection, "conv_1")
    assert len(asked) == 1
    assert found.of(Item) == (WHOLE,)
    assert found.of(SessionRow) == (rows.session(1),)
    assert all(found.of(kind) == () for kind in ORDERS if kind not in {Item, SessionRow})


async def test_a_conversation_that_is_unknown_has_no_rows(database: Database) -> None:
    async with database.read() as connection:
        found = await load_all_rows(connection, "conv_none")
    assert [found.of(kind) for kind in ORDERS] == [()] * len(ORDERS)


async def test_what_is_no_row_of_its_class_is_refused(
    database: Database, writing: Writing, rows_of: RowsOf
) -> None:
    async with writing() as writer:
        writer.put(ItemRow(rows.item(1)))
    await rows_of("UPDATE items SET status = 'lost' RETURNING id")
    async with database.read() as connection:
        with pytest.raises(msgspec.ValidationError):
            await load_rows(connection, "conv_1", Item)
