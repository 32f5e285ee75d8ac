from dataclasses import fields
from random import Random

import pytest
from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.records import ToolRunRow
from orchestrator.store.database import Database
from orchestrator.store.reading import TABLES, columns_of, seconds, to_item, to_record
from tests.store import sample_rows as rows

pytestmark = pytest.mark.db


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_what_is_selected_has_the_names_of_the_fields(kind: type) -> None:
    assert [column.key for column in columns_of(kind)] == [field.name for field in fields(kind)]


def test_times_are_selected_as_seconds() -> None:
    sql = str(select(*columns_of(ToolRunRow)).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert "CAST(EXTRACT(epoch FROM tool_runs.started_at) AS DOUBLE PRECISION) AS started_at" in sql


def test_an_item_has_its_own_types_again() -> None:
    columns = {field.name: getattr(rows.item(1), field.name) for field in fields(Item)}
    content = [{"kind": "image", "text": ""}, {"kind": "text", "text": "a", "image_url": None}]
    item = to_item(columns | {"status": "incomplete", "content": content})
    assert item.status is ItemStatus.INCOMPLETE
    assert item.content == (Part(kind="image"), Part(text="a"))


def test_a_tool_run_has_its_violations_as_a_tuple_again() -> None:
    run = rows.tool_run(violations=("a", "b"))
    columns = {field.name: getattr(run, field.name) for field in fields(ToolRunRow)}
    assert to_record(ToolRunRow, columns | {"violations": ["a", "b"]}) == run


async def test_a_time_in_microseconds_survives_postgres_exactly(database: Database) -> None:
    chance = Random(7)
    times = [round(chance.uniform(0, 4e9), 6) for _ in range(5000)]
    async with database.driver() as driver:
        back = await driver.fetch(
            "SELECT extract(epoch FROM to_timestamp(t))::float8 AS t FROM unnest($1::float8[]) AS t", times
        )
    assert [row["t"] for row in back] == times
    async with database.read() as connection:
        assert (
            await connection.execute(select(seconds(literal(None, postgresql.TIMESTAMP))))
        ).scalar() is None
