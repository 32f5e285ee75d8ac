import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import ResponseRow
from orchestrator.store.database import Database
from orchestrator.store.prices import load_prices, set_price
from orchestrator.store.pricing import Price, PriceList, Tokens, tokens_of
from orchestrator.store.rows import encode
from orchestrator.store.usage import Usage, usage_by
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db

DAY = 86_400.0
MILLION: JsonObject = {"input_tokens": 1_000_000}
SOUND: JsonObject = {"output_tokens": 1_000_000, "output_token_details": {"audio_tokens": 1_000_000}}


async def store(database: Database, responses: list[tuple[str, ResponseRow]]) -> None:
    async with database.driver() as driver:
        for conversation_id, response in responses:
            await driver.execute(
                "INSERT INTO conversations (id, agent, entry_agent, status, created_at, updated_at) "
                "VALUES ($1, 'a', 'a', 'idle', now(), now()) ON CONFLICT DO NOTHING",
                conversation_id,
            )
            await driver.execute(
                "INSERT INTO responses SELECT $1, r.id, r.epoch, r.agent, r.model, r.status, NULL, "
                "r.usage, NULL, NULL, to_timestamp(r.created_at), NULL, NULL, NULL, false "
                "FROM json_to_recordset($2) AS r(id text, epoch int, agent text, model text, status text, "
                "usage jsonb, created_at float8)",
                conversation_id,
                encode([response]),
            )


async def used(
    database: Database, grouping: Any, **options: Any
) -> dict[str, tuple[int, Decimal | int | None, int]]:
    async with database.read() as connection:
        found = await usage_by(connection, grouping, **options)
    return {row.group: (row.responses, row.cost, row.unpriced) for row in found}


@pytest.fixture
async def filled(database: Database) -> Database:
    later = rows.START + DAY
    await store(
        database,
        [
            ("conv_1", rows.response(1, usage=MILLION)),
            ("conv_1", rows.response(2, usage=SOUND, agent="restaurant")),
            ("conv_1", rows.response(3, usage=None)),
            ("conv_2", rows.response(4, usage=MILLION, model="own", created_at=later)),
            ("conv_2", rows.response(5, usage=MILLION, model=None, created_at=later)),
            ("conv_2", rows.response(6, usage=MILLION, model="gpt-realtime-2025-08-28", created_at=later)),
        ],
    )
    return database


async def test_usage_is_added_up_by_what_is_asked_for(filled: Database) -> None:
    assert await used(filled, "agent") == {"restaurant": (1, 64, 0), "triage": (4, 8, 2)}
    assert await used(filled, "conversation") == {"conv_1": (2, 68, 0), "conv_2": (3, 4, 2)}
    assert await used(filled, "day") == {"2023-11-14": (2, 68, 0), "2023-11-15": (3, 4, 2)}
    assert await used(filled, "model") == {
        "": (1, None, 1),
        "gpt-realtime": (2, 68, 0),
        "gpt-realtime-2025-08-28": (1, 4, 0),
        "own": (1, None, 1),
    }


async def test_usage_is_limited_to_what_is_asked_for(filled: Database) -> None:
    later = rows.START + DAY
    assert await used(filled, "agent", since=later) == {"triage": (3, 4, 2)}
    assert await used(filled, "conversation", until=later) == {"conv_1": (2, 68, 0)}
    assert await used(filled, "day", agent="restaurant") == {"2023-11-14": (1, 64, 0)}
    assert await used(filled, "agent", conversations=["conv_1"]) == {
        "restaurant": (1, 64, 0),
        "triage": (1, 4, 0),
    }
    assert await used(filled, "agent", conversations=[]) == {}


async def test_tokens_are_told_by_kind(filled: Database) -> None:
    async with filled.read() as connection:
        (found,) = await usage_by(connection, "conversation", conversations=["conv_1"])
    assert found == Usage(
        group="conv_1",
        responses=2,
        tokens=Tokens(input_text=1_000_000, output_audio=1_000_000),
        cost=Decimal(68),
        unpriced=0,
    )


async def test_a_response_costs_what_was_listed_when_it_was_made(filled: Database) -> None:
    async with filled.transaction() as connection:
        for since, dollars in ((0.0, 1), (rows.START + DAY, 10), (rows.START + 2 * DAY, 100)):
            cost = Decimal(dollars)
            await set_price(
                connection,
                Price(model="own", modality="text", input=cost, cached=cost, output=cost, valid_from=since),
            )
    early = rows.response(7, usage=MILLION, model="own", created_at=rows.START)
    await store(filled, [("conv_3", early)])
    assert (await used(filled, "model"))["own"] == (2, 11, 0)


async def test_a_kind_without_a_price_leaves_the_others_their_cost(filled: Database, rows_of: RowsOf) -> None:
    picture: JsonObject = {"input_tokens": 9, "input_token_details": {"image_tokens": 9}}
    await store(filled, [("conv_1", rows.response(8, usage=picture))])
    assert (await used(filled, "conversation"))["conv_1"] == (3, 68, 1)


COUNTS = st.integers(-2, 2000) | st.none() | st.just("many") | st.floats(0, 9) | st.just(10**25)
CACHED = st.fixed_dictionaries({}, optional={f"{kind}_tokens": COUNTS for kind in ("text", "audio", "image")})
INPUTS = st.fixed_dictionaries(
    {},
    optional={f"{kind}_tokens": COUNTS for kind in ("text", "audio", "image", "cached")}
    | {"cached_tokens_details": CACHED | st.none()},
)
OUTPUTS = st.fixed_dictionaries({}, optional={"text_tokens": COUNTS, "audio_tokens": COUNTS})
USAGES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": COUNTS,
        "output_tokens": COUNTS,
        "input_token_details": INPUTS | st.none() | st.just([]),
        "output_token_details": OUTPUTS | st.none() | st.just("none"),
    },
)
RESPONSES = st.lists(
    st.tuples(st.sampled_from(["gpt-realtime", "gpt-realtime-2", "unknown"]), USAGES), max_size=8
)


def test_postgres_counts_as_the_formula_does(database_url: str) -> None:
    async def both(made: list[tuple[str, JsonObject]]) -> tuple[list[Usage], PriceList]:
        database = Database(database_url)
        async with database.transaction() as connection:
            await connection.exec_driver_sql("DELETE FROM conversations")
        responses = [
            rows.response(number, usage=usage, model=model) for number, (model, usage) in enumerate(made)
        ]
        await store(database, [("conv_1", response) for response in responses])
        async with database.read() as connection:
            found = await usage_by(connection, "conversation")
            prices = await load_prices(connection)
        await database.close()
        return found, prices

    @settings(max_examples=60, deadline=None)
    @given(RESPONSES)
    def holds(made: list[tuple[str, JsonObject]]) -> None:
        found, prices = asyncio.run(both(made))
        costs = [prices.cost(model, usage, rows.START) for model, usage in made]
        priced = [cost for cost in costs if cost is not None]
        counted = [tokens_of(usage) for _, usage in made]
        assert [row.responses for row in found] == ([len(made)] if made else [])
        for row in found:
            assert row.tokens.total == sum(tokens.total for tokens in counted)
            assert row.tokens.cached_audio == sum(tokens.cached_audio for tokens in counted)
            assert row.tokens.cached_image == sum(tokens.cached_image for tokens in counted)
            assert row.cost == (sum(priced) if priced else None)
            assert row.unpriced == costs.count(None)

    holds()
