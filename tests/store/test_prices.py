from dataclasses import replace
from decimal import Decimal

import pytest

from orchestrator.core.errors import InvalidRequestError, NotFoundError
from orchestrator.store.database import Database
from orchestrator.store.prices import delete_price, list_prices, load_prices, set_price
from orchestrator.store.pricing import Price

pytestmark = pytest.mark.db

OWN = Price(
    model="own",
    modality="text",
    input=Decimal("0.125"),
    cached=Decimal(0),
    output=Decimal("1.10"),
    valid_from=1_700_000_000.25,
)


async def test_the_prices_of_the_protocol_reference_are_there_from_the_start(database: Database) -> None:
    async with database.read() as connection:
        prices = await load_prices(connection)
    mini = prices.at("gpt-realtime-2.1-mini", 1_800_000_000.0)
    told = {kind: (str(price.input), str(price.cached), str(price.output)) for kind, price in mini.items()}
    assert told == {
        "text": ("0.60", "0.06", "2.40"),
        "audio": ("10", "0.30", "20"),
        "image": ("0.80", "0.08", "0"),
    }
    assert prices.models == [
        "embedded",
        "gpt-4o-realtime-preview",
        "gpt-realtime",
        "gpt-realtime-1.5",
        "gpt-realtime-2",
        "gpt-realtime-2.1",
        "gpt-realtime-2.1-mini",
    ]


async def test_prices_are_added_mended_and_removed(database: Database) -> None:
    later = replace(OWN, valid_from=OWN.valid_from + 1)
    async with database.transaction() as connection:
        await set_price(connection, later)
        await set_price(connection, replace(OWN, input=Decimal(9)))
        await set_price(connection, OWN)
        assert await list_prices(connection, model="own") == [OWN, later]
        await delete_price(connection, "own", "text", OWN.valid_from)
        assert await list_prices(connection, model="own") == [later]
        with pytest.raises(NotFoundError):
            await delete_price(connection, "own", "text", OWN.valid_from)


async def test_a_modality_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(InvalidRequestError):
        await put_smell(database)


async def put_smell(database: Database) -> None:
    async with database.transaction() as connection:
        await set_price(connection, replace(OWN, modality="smell"))  # type: ignore[arg-type]
