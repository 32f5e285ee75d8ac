"""Personal data is in no stored word, and in nothing that a reviewer is shown."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from orchestrator.settings import Settings
from tests.api.node import ADMIN_KEY, Node, calling, running_node

pytestmark = pytest.mark.db

CARD = "4111 1111 1111 1111"


@pytest.fixture
async def node(database_url: str) -> AsyncIterator[Node]:
    settings = Settings(port=0, redact="cards", redact_fields="lines")
    async with running_node(database_url, settings) as running:
        yield running


async def conversation_of(node: Node, *words: str) -> str:
    async with calling(node) as caller:
        for said in words:
            await caller.say(said)
    return caller.conversation_id


def texts(details: dict[str, Any]) -> list[str]:
    return [part["text"] for item in details["items"] for part in item["content"]]


async def test_a_card_number_is_stored_nowhere_in_what_was_said(node: Node) -> None:
    conversation = await conversation_of(node, f"my card is {CARD}")
    details = (await node.http(ADMIN_KEY).get(f"/admin/conversations/{conversation}")).json()
    assert texts(details) == ["my card is [card]", "desk heard: my card is [card]"]
    assert details["items"][0]["data"]["redacted"] == [{"part": 0, "start": 11, "end": 17, "kind": "card"}]


async def test_the_agent_hears_what_is_not_stored(node: Node) -> None:
    async with calling(node) as caller:
        assert await caller.say(f"my card is {CARD}") == f"desk heard: my card is {CARD}"


async def test_items_that_a_client_writes_without_a_call_are_redacted_too(node: Node) -> None:
    async with node.sdk() as sdk:
        written: Any = {"type": "message", "role": "user", "content": CARD}
        conversation = await sdk.conversations.create(items=[written])
        await sdk.conversations.items.create(conversation.id, items=[written])
        items = await sdk.conversations.items.list(conversation.id)
    assert CARD not in items.model_dump_json()


@pytest.mark.parametrize("part", ["", "/state", "/export?format=jsonl"])
async def test_reviewers_are_not_shown_personal_fields_and_administrators_are(node: Node, part: str) -> None:
    conversation = await conversation_of(node, 'use add_item {"item": "pizza"}')
    path = f"/admin/conversations/{conversation}{part}"
    reviewer, admin = node.http(node.keys["reviewer"]), node.http(ADMIN_KEY)
    assert '"lines":"[field]"' in (await _text(reviewer, path))
    assert '"lines":["pizza"]' in (await _text(admin, path))


async def test_records_are_masked_for_reviewers(node: Node) -> None:
    await conversation_of(node, f'use add_item {{"item": "{CARD}"}}')
    for path in ("/admin/records", "/admin/records/1"):
        assert CARD not in await _text(node.http(node.keys["reviewer"]), path)
        assert CARD in await _text(node.http(ADMIN_KEY), path)


async def _text(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text.replace(": ", ":")
