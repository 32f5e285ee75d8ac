"""Conversations that may be live just now."""

import asyncio
from typing import Any

import pytest

from orchestrator.api import lives
from orchestrator.api.admission import Identity
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.errors import ConflictError, NotFoundError, StoreUnavailableError
from orchestrator.core.events import OperatorEnded
from orchestrator.core.items import Part
from orchestrator.store.leases import LeaseTable
from tests.api.node import Node, calling

pytestmark = pytest.mark.db

OPERATOR = Identity(role="admin", name="operator")
MESSAGE = EngineItem(id="", kind="message", role="user", content=(Part(text="By the way."),))


async def stored(node: Node) -> str:
    async with node.sdk() as sdk:
        return (await sdk.conversations.create()).id


async def test_an_item_waits_for_a_call_that_is_about_to_close(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        live = node.services.switchboard.conversations[caller.conversation_id]
    (item,) = await lives.add_items(node.services, caller.conversation_id, [MESSAGE])
    assert live.closed.is_set()
    assert item.origin == "client"


async def test_a_reader_waits_for_a_call_that_is_about_to_close(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        live = node.services.switchboard.conversations[caller.conversation_id]
        live.feed(OperatorEnded(by="operator", reason="enough", final=True))
        assert not live.closed.is_set()
        await lives.settle(node.services, live.id)
        assert live.closed.is_set()


async def test_a_call_that_does_not_close_is_not_waited_for_forever(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lives, "STORE_SECONDS", 0.01)
    async with calling(node) as caller:
        live = node.services.switchboard.conversations[caller.conversation_id]
        client, live.client = live.client, None
        with pytest.raises(StoreUnavailableError):
            await lives.add_items(node.services, live.id, [MESSAGE])
        live.client = client


async def test_a_conversation_that_another_node_holds_is_not_changed_here(node: Node) -> None:
    conversation = await stored(node)
    await LeaseTable(node.services.database).claim(conversation, "another-node", 60)
    with pytest.raises(ConflictError):
        await lives.add_items(node.services, conversation, [MESSAGE])
    with pytest.raises(ConflictError):
        await lives.remove_item(node.services, conversation, "item_1")


async def test_the_services_own_tool_calls_are_not_taken_out_of_a_call(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say('use add_item {"item": "pizza"}')
        async with node.sdk() as sdk:
            page: Any = await sdk.conversations.items.list(caller.conversation_id, order="asc")
        (call,) = [item.id for item in page.data if item.type == "function_call"]
        with pytest.raises(ConflictError, match="tool call of the service"):
            await lives.remove_item(node.services, caller.conversation_id, call)
        with pytest.raises(NotFoundError):
            await lives.remove_item(node.services, caller.conversation_id, "item_none")
        hidden = EngineItem(id=call, kind="message", role="user")
        with pytest.raises(ConflictError, match="cannot be added"):
            await lives.add_items(node.services, caller.conversation_id, [hidden])


async def test_an_item_is_taken_out_of_a_call_once(node: Node) -> None:
    async with calling(node) as caller:
        (item,) = await lives.add_items(node.services, caller.conversation_id, [MESSAGE])
        for _ in range(2):
            await lives.remove_item(node.services, caller.conversation_id, item.id)
        await caller.until(lambda event: event.type == "conversation.item.deleted")


async def test_erasing_does_not_wait_forever_for_a_call(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "CLOSE_SECONDS", 0.01)
    async with calling(node) as caller:
        live = node.services.switchboard.conversations[caller.conversation_id]
        monkeypatch.setattr(live.closed, "wait", asyncio.Event().wait)
        with pytest.raises(StoreUnavailableError):
            await lives.erase(node.services, live.id, OPERATOR)


async def test_what_is_erased_is_gone(node: Node) -> None:
    conversation = await stored(node)
    assert await lives.erase(node.services, conversation, OPERATOR) == 0
    with pytest.raises(NotFoundError):
        await lives.erase(node.services, conversation, OPERATOR)
    await lives.settle(node.services, conversation)
