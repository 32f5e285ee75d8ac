import pytest
from sqlalchemy import text

from orchestrator.store.database import Database
from orchestrator.store.overview import DayFigures, DayWaits, load_days, load_waits
from tests.store import sample_rows as rows
from tests.store.sample_rows import START
from tests.store.shapes import Writing

pytestmark = pytest.mark.db

DAY = "2023-11-14"
"""Of `START`, UTC."""


async def test_a_day_has_its_conversations_failures_and_waits(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.tool_run(outcome="failed"))
        writer.put(rows.item_row(1, role="assistant", heard="As far as th"))
        writer.put(rows.response(1, first_output_at=START + 1.25))
        writer.put(rows.response(2, first_output_at=START + 2.75))
    async with database.read() as connection:
        assert await load_days(connection, START - 60) == {
            DAY: DayFigures(
                day=DAY,
                conversations=1,
                failed=1,
                tool_failed=1,
                interruptions=1,
            )
        }
        assert await load_waits(connection, START - 60) == {DAY: DayWaits(p50_ms=500.0, p95_ms=725.0)}
        assert await load_waits(connection, START - 60, START - 30) == {}
        assert await load_days(connection, START + 86400) == {}


async def test_a_day_without_replies_has_no_waits(database: Database, epoch: int) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE conversations SET has_error = false"))
        (figures,) = (await load_days(connection, START - 60)).values()
        assert await load_waits(connection, START - 60) == {}
    assert figures.failed == 0


async def test_replays_do_not_count(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.response(1, first_output_at=START + 1.25))
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE conversations SET replay_of = id"))
        assert await load_days(connection, START - 60) == {}
        assert await load_waits(connection, START - 60) == {}
