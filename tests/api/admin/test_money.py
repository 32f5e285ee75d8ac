"""Tokens and prices over REST."""

from typing import Any

import httpx
import pytest

from tests.api.node import Node, calling
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

PRICE: dict[str, Any] = {
    "model": "house-model",
    "modality": "text",
    "input": "10.00",
    "cached": "1.00",
    "output": "100.00",
    "valid_from": 0.0,
}


async def test_usage_is_added_up_with_money(node: Node, admin: httpx.AsyncClient) -> None:
    await admin.patch("/admin/agents/desk", json={"model": "spoken-2026-01-01"})
    async with calling(node) as caller:
        await caller.say("hello")
        await caller.say("again")
        conversation = caller.conversation_id
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()
    unpriced = (await admin.get("/admin/usage")).json()
    assert (unpriced["total"]["cost"], unpriced["total"]["unpriced"]) == (None, 2)
    await admin.put("/admin/prices", json=PRICE | {"model": "spoken"})
    report = (await admin.get("/admin/usage", params={"by": "conversation"})).json()
    (group,) = report["data"]
    assert (group["group"], group["responses"], group["unpriced"]) == (conversation, 2, 0)
    assert group["tokens"]["input_text"] == 200
    # Twice: 80 at 10, 20 cached at 1, 10 out at 100, each for a million.
    assert group["cost"] == report["total"]["cost"] == "0.00364"


async def test_usage_is_narrowed(node: Node, reviewer: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        await node.services.switchboard.conversations[caller.conversation_id].stored(PATIENCE)
        for query, responses in (
            ({"agent": "desk"}, 1),
            ({"agent": "kitchen"}, 0),
            ({"conversation": caller.conversation_id, "by": "day"}, 1),
            ({"conversation": "conv_none"}, 0),
            ({"until": "1"}, 0),
        ):
            report = (await reviewer.get("/admin/usage", params=query)).json()
            assert report["total"]["responses"] == responses, query
    assert (await reviewer.get("/admin/usage", params={"by": "moon"})).status_code == 400


async def test_prices_are_set_mended_and_removed(admin: httpx.AsyncClient) -> None:
    assert (await admin.put("/admin/prices", json=PRICE)).json() == PRICE
    await admin.put("/admin/prices", json=PRICE | {"input": "12.5"})
    (listed,) = (await admin.get("/admin/prices", params={"model": "house-model"})).json()["data"]
    assert (listed["input"], listed["output"]) == ("12.5", "100.00")
    where = {name: PRICE[name] for name in ("model", "modality", "valid_from")}
    assert (await admin.delete("/admin/prices", params=where)).status_code == 204
    assert (await admin.delete("/admin/prices", params=where)).status_code == 404
    actions = [entry["action"] for entry in (await admin.get("/admin/audit")).json()["data"]]
    assert actions == ["price.delete", "price.set", "price.set"]


async def test_what_is_no_price_is_refused(admin: httpx.AsyncClient) -> None:
    for wrong in ({"input": "-1"}, {"input": "1e3"}, {"input": 4}, {"modality": "smell"}, {"model": ""}):
        assert (await admin.put("/admin/prices", json=PRICE | wrong)).status_code == 400, wrong
