"""Who may see the page on which one talks, and who gets a secret to call with."""

import re

import httpx
import pytest

from orchestrator.store.keys import find_client_secret, find_key
from tests.api.node import Node, calling
from tests.web.conftest import Reader

pytestmark = pytest.mark.db


async def token_of(client: httpx.AsyncClient, address: str = "/talk") -> dict[str, str]:
    """The header that changes need, as the page brings it."""
    found = re.search(r'"x-csrftoken": "(\w+)"', (await client.get(address)).text)
    assert found is not None
    return {"x-csrftoken": found[1], "accept": "application/json"}


async def conversation_of(node: Node, key: str) -> str:
    async with calling(node, key=key) as caller:
        await caller.say("hello there")
        return caller.conversation_id


async def test_whoever_sits_at_the_machine_may_talk_without_a_key(reader: Reader) -> None:
    client = await reader(None)
    told = await client.get("/talk?agent=desk")
    assert told.status_code == 200
    assert '<option value="desk"' in told.text
    made = await client.post("/talk/secret", json={"agent": "desk"}, headers=await token_of(client))
    assert made.json()["value"].startswith("ek_")
    assert made.headers["cache-control"] == "no-store"


async def test_a_secret_is_not_made_for_a_page_of_another_site(reader: Reader) -> None:
    refused = await (await reader("caller")).post("/talk/secret", json={"agent": "desk"})
    assert refused.status_code == 403


async def test_a_secret_is_the_readers_own_and_opens_the_conversation_alone(
    reader: Reader, node: Node
) -> None:
    client = await reader("caller")
    conversation = await conversation_of(node, node.keys["caller"])
    asked = {"agent": "desk", "conversation": conversation}
    made = await client.post("/talk/secret", json=asked, headers=await token_of(client))
    async with node.services.database.transaction() as connection:
        secret = await find_client_secret(connection, made.json()["value"])
        key = await find_key(connection, node.keys["caller"])
    assert secret is not None
    assert key is not None
    assert secret.key_id == key.id
    assert secret.session == {"type": "realtime", "model": "desk", "conversation": conversation}


@pytest.mark.parametrize("role", ["reviewer", "admin"])
async def test_reading_conversations_of_others_is_not_talking_on_in_them(
    reader: Reader, node: Node, role: str
) -> None:
    conversation = await conversation_of(node, node.keys["caller"])
    client = await reader(role)  # type: ignore[arg-type]  # the roles above
    shown = await client.get(f"/talk?conversation={conversation}")
    assert "no such conversation of yours" in shown.text
    assert "hello there" not in shown.text
    asked = {"conversation": conversation}
    refused = await client.post("/talk/secret", json=asked, headers=await token_of(client))
    assert refused.status_code == 404
    assert refused.json()["code"] == "not_found"


async def test_what_was_said_before_is_on_the_page_as_data_and_not_as_markup(
    reader: Reader, node: Node
) -> None:
    async with calling(node, key=node.keys["caller"]) as caller:
        await caller.say("</script><script>alert(1)</script>")
    shown = await (await reader("caller")).get(f"/talk?conversation={caller.conversation_id}")
    assert "alert(1)" in shown.text
    assert "<script>alert" not in shown.text


async def test_only_those_who_may_review_are_led_to_the_review(reader: Reader) -> None:
    for role, leads in (("caller", "no"), ("reviewer", "yes")):
        shown = await (await reader(role)).get("/talk")  # type: ignore[arg-type]  # the roles above
        assert f'data-review="{leads}"' in shown.text
