import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from orchestrator.store.database import Database
from orchestrator.store.migrate import upgrade
from orchestrator.store.price_list import listed
from orchestrator.store.prices import list_prices, set_price
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db


async def test_every_listed_price_is_seeded(database: Database, rows_of: RowsOf) -> None:
    count = sum(len(entry.models) * len(entry.prices) for entry in listed())
    assert await rows_of("SELECT count(*) FROM prices") == [(count,)]


def test_an_upgrade_leaves_prices_alone_that_an_operator_changed(database_url: str) -> None:
    async def mend() -> Decimal:
        database = Database(database_url)
        async with database.transaction() as connection:
            (first, *_) = await list_prices(connection, model="gpt-realtime")
            if first.input != 1:
                await set_price(connection, replace(first, input=Decimal(1)))
        await database.close()
        return first.input

    assert asyncio.run(mend()) == 32
    upgrade(database_url)
    assert asyncio.run(mend()) == 1


def test_a_cached_token_never_costs_more_than_a_fresh_one() -> None:
    for entry in listed():
        for price in entry.prices.values():
            assert 0 <= price.cached <= price.input
