"""What tools left behind, over REST."""

import httpx
import pytest

from tests.api.node import Node, calling

pytestmark = pytest.mark.db


async def test_records_are_listed_and_shown(node: Node, reviewer: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say('use add_item {"item": "pizza"}')
        await caller.say('use add_item {"item": "coke"}')
    page = (await reviewer.get("/admin/records", params={"kind": "order", "limit": 1})).json()
    (newest,) = page["data"]
    assert (newest["data"], newest["conversation_id"]) == ({"item": "coke"}, caller.conversation_id)
    query = {"conversation": caller.conversation_id, "after": page["next"]}
    (older,) = (await reviewer.get("/admin/records", params=query)).json()["data"]
    assert older["data"] == {"item": "pizza"}
    assert (await reviewer.get(f"/admin/records/{older['number']}")).json() == older
    assert (await reviewer.get("/admin/records/999999")).status_code == 404
    assert (await reviewer.get("/admin/records", params={"kind": "message"})).json()["data"] == []
