"""The worker does what is due, with its queue in a real Postgres."""

import asyncio
import time

import pytest
from sqlalchemy import text

from orchestrator.jobs.worker import SCHEMA, work
from orchestrator.store.migrate import check
from tests.jobs.conftest import DAY, NOW, Shelf

pytestmark = pytest.mark.db

AGE = (time.time() - NOW) / DAY
"""Days between now and the tests' own time; the worker reads the real clock."""


@pytest.mark.parametrize(("days", "left"), [(30, ["conv_new"]), (None, ["conv_new", "conv_old"])])
async def test_one_round_of_work_erases_what_is_due(
    shelf: Shelf, database_url: str, days: int | None, left: list[str]
) -> None:
    await shelf.put("conv_old", 31 - AGE)
    await shelf.put("conv_new", 29 - AGE)
    await work(database_url, days=days, forget=shelf.forget, once=True)
    assert await shelf.names() == left


async def test_the_queue_stays_apart_from_the_services_tables(shelf: Shelf, database_url: str) -> None:
    await work(database_url, days=1, forget=shelf.forget, once=True)
    async with shelf.database.read() as connection:
        query = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = :schema")
        assert (await connection.execute(query, {"schema": SCHEMA})).scalar_one() >= 2
    assert await asyncio.to_thread(check, database_url, alone=True) == []
