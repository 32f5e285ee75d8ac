import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from orchestrator.store.usage import Usage, usage_by
from orchestrator.web import figures as figures_module
from orchestrator.web.figures import KEPT_SECONDS, OVER_SECONDS, RecentFigures
from orchestrator.web.period import read_period
from tests.api.node import Node
from tests.web.stored_calls import START, store_call

pytestmark = pytest.mark.db

DAY = 86_400.0
TODAY = f"{datetime.fromtimestamp(START, UTC):%Y-%m-%d}"
YESTERDAY = f"{datetime.fromtimestamp(START - DAY, UTC):%Y-%m-%d}"
WEEK = read_period("7", START)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is reckoned, as it is."""
    found = []

    async def counted(connection: object, grouping: str, **wanted: object) -> list[Usage]:
        found.append(grouping)
        return await usage_by(connection, grouping, **wanted)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(figures_module, "usage_by", counted)
    return found


async def test_costs_are_reckoned_once_for_everybody_and_again_after_a_while(
    node: Node, asked: list[str]
) -> None:
    await store_call(node.services.database, "one", usage=1_000_000)
    clock = Clock()
    figures = RecentFigures(node.services.database, clock)
    found = await asyncio.gather(*(figures.costs("agent", START - 60) for _ in range(5)))
    assert found == [{"desk": Decimal(4)}] * 5
    assert asked == ["agent"]
    assert await figures.costs("model", START - 60) != found[0]
    clock.now = KEPT_SECONDS
    await store_call(node.services.database, "two", usage=1_000_000)
    assert await figures.costs("agent", START - 60) == {"desk": Decimal(8)}
    assert asked == ["agent", "model", "agent"]


async def test_days_that_are_over_are_reckoned_more_rarely_than_today(node: Node, asked: list[str]) -> None:
    await store_call(node.services.database, "then", at=START - DAY, usage=1_000_000)
    clock = Clock()
    figures = RecentFigures(node.services.database, clock)
    assert await figures.costs_by_day(WEEK) == {YESTERDAY: Decimal(4)}
    await store_call(node.services.database, "now", usage=1_000_000)
    clock.now = KEPT_SECONDS
    assert await figures.costs_by_day(WEEK) == {YESTERDAY: Decimal(4), TODAY: Decimal(4)}
    assert len(asked) == 3
    clock.now = OVER_SECONDS
    await figures.costs_by_day(WEEK)
    assert len(asked) == 5


async def test_today_alone_is_one_question(node: Node, asked: list[str]) -> None:
    await store_call(node.services.database, "now", usage=1_000_000)
    figures = RecentFigures(node.services.database)
    assert await figures.costs_by_day(read_period("1", START)) == {TODAY: Decimal(4)}
    assert asked == ["day"]


async def test_waits_are_those_of_each_day(node: Node) -> None:
    database = node.services.database
    for name, at, seconds in (("then", START - DAY, 2), ("now", START, 1)):
        await store_call(database, name, at=at, usage=1)
        async with database.transaction() as connection:
            waited = (
                f"UPDATE responses SET requested_at = created_at, first_output_at = created_at "
                f"+ interval '{seconds} s' WHERE id = 'resp_{name}'"
            )
            await connection.execute(text(waited))
    waits = await RecentFigures(database).waits(WEEK)
    assert {day: each.p50_ms for day, each in waits.items()} == {YESTERDAY: 2000, TODAY: 1000}
