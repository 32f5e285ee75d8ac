"""Every statement of a list or a review can go by an index; how fast, `python -m bench pages` tells."""

import asyncio

import pytest
from sqlalchemy import text

from bench.page_data import fill
from bench.pages import BIG, asked, scanned, statements
from orchestrator.store.database import Database

pytestmark = pytest.mark.scale


@pytest.fixture
def filled(database_url: str) -> tuple[str, str]:
    """A database with a few conversations, and the id of a long one."""
    return database_url, asyncio.run(fill(database_url, 40, 800, long=1, long_items=100))[0]


async def test_no_statement_has_to_read_a_big_table_from_end_to_end(filled: tuple[str, str]) -> None:
    url, long = filled
    database = Database(url)
    found = set()
    try:
        for name, work in statements(long).items():
            for statement, parameters in await asked(database, work):
                async with database.engine.begin() as connection:
                    # Small tables are read whole, if they may be; a big one is where there is no other way.
                    await connection.execute(text("SET LOCAL enable_seqscan = off"))
                    plan = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
                    found |= {
                        (name, table) for table in scanned(plan.scalar_one()[0]["Plan"]) if table in BIG
                    }
    finally:
        await database.close()
    assert found == set()


async def test_the_words_of_a_search_are_a_query_of_their_own(filled: tuple[str, str]) -> None:
    # A plan that Postgres keeps for any words would otherwise read them anew for each item.
    url, long = filled
    database = Database(url)
    try:
        told = [await asked(database, work) for name, work in statements(long).items() if "word" in name]
    finally:
        await database.close()
    searches = [statement for each in told for statement, _ in each if "@@" in statement]
    assert searches
    assert all("@@ (SELECT to_tsquery(" in statement for statement in searches)
