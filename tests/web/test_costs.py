import asyncio
from decimal import Decimal

import pytest

from orchestrator.store.usage import Usage, usage_by
from orchestrator.web import costs as costs_module
from orchestrator.web.costs import KEPT_SECONDS, RecentCosts
from tests.api.node import Node
from tests.web.stored_calls import START, store_call

pytestmark = pytest.mark.db


async def test_costs_are_reckoned_once_for_everybody_and_again_after_a_while(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def counted(connection: object, grouping: str, **wanted: object) -> list[Usage]:
        asked.append((grouping, wanted["since"]))
        return await usage_by(connection, grouping, **wanted)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(costs_module, "usage_by", counted)
    await store_call(node.services.database, "one", usage=1_000_000)
    now = 0.0
    costs = RecentCosts(node.services.database, clock=lambda: now)
    found = await asyncio.gather(*(costs.by("agent", START - 60) for _ in range(5)))
    assert found == [{"desk": Decimal(4)}] * 5
    assert asked == [("agent", START - 60)]
    assert await costs.by("day", START - 60) == {"2026-11-27": Decimal(4)}
    now = KEPT_SECONDS
    await store_call(node.services.database, "two", usage=1_000_000)
    assert await costs.by("agent", START - 60) == {"desk": Decimal(8)}
    assert len(asked) == 3
