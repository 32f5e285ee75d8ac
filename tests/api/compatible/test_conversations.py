"""OpenAI's own client, on its Conversations API."""

from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI

from tests.api.node import ADMIN_KEY, Node, calling

pytestmark = pytest.mark.db


def written(text: str, **more: Any) -> Any:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **more}


async def texts_of(sdk: AsyncOpenAI, conversation_id: str) -> list[str]:
    page = await sdk.conversations.items.list(conversation_id, order="asc", limit=100)
    return [
        part.text
        for item in page.data
        if item.type == "message"
        for part in item.content
        if part.type in {"input_text", "output_text"}
    ]


async def test_a_conversation_is_begun_shown_changed_and_erased(sdk: AsyncOpenAI) -> None:
    made = await sdk.conversations.create(metadata={"table": "12"})
    assert made.id.startswith("conv_")
    assert made.object == "conversation"
    assert made.metadata == {"table": "12"}
    assert (await sdk.conversations.retrieve(made.id)).created_at == made.created_at
    changed = await sdk.conversations.update(made.id, metadata={"table": "13"})
    assert changed.metadata == {"table": "13"}
    gone = await sdk.conversations.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "conversation.deleted")
    with pytest.raises(openai.NotFoundError):
        await sdk.conversations.retrieve(made.id)


async def test_a_conversation_begins_with_items_and_the_agent_knows_them(
    node: Node, sdk: AsyncOpenAI
) -> None:
    items: list[Any] = [
        written("My name is Ada."),
        {"role": "assistant", "content": "Hello Ada."},
        {"type": "function_call", "call_id": "call_a", "name": "lookup", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_a", "output": "found"},
    ]
    made = await sdk.conversations.create(items=items)
    async with calling(node, conversation=made.id) as caller:
        assert await caller.say("Who am I?") == "desk heard: Who am I?"
    known = [item.get("type") for item in node.brain.contexts[-1].items]
    assert known[:2] == ["message", "message"]
    page = await sdk.conversations.items.list(made.id, order="asc")
    assert [item.type for item in page.data] == [
        "message",
        "message",
        "function_call",
        "function_call_output",
        "message",
        "message",
    ]


async def test_items_are_listed_newest_first_and_in_pages(sdk: AsyncOpenAI) -> None:
    made = await sdk.conversations.create(items=[written(f"number {n}", id=f"item_{n}") for n in range(5)])
    first = await sdk.conversations.items.list(made.id, limit=2)
    assert [item.id for item in first.data] == ["item_4", "item_3"]
    assert (first.has_more, first.last_id) == (True, "item_3")
    every = [item.id async for item in sdk.conversations.items.list(made.id, limit=2, order="asc")]
    assert every == [f"item_{n}" for n in range(5)]


async def test_an_empty_conversation_lists_nothing(caller: httpx.AsyncClient) -> None:
    made = (await caller.post("/v1/conversations", json={})).json()
    page = (await caller.get(f"/v1/conversations/{made['id']}/items")).json()
    assert page == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


async def test_items_are_added_shown_and_deleted(sdk: AsyncOpenAI) -> None:
    made = await sdk.conversations.create()
    added = await sdk.conversations.items.create(made.id, items=[written("one", id="item_1"), written("two")])
    assert (added.first_id, added.last_id) == ("item_1", added.data[1].id)
    shown: Any = await sdk.conversations.items.retrieve("item_1", conversation_id=made.id)
    assert (shown.role, shown.content[0].text, shown.status) == ("user", "one", "completed")
    left = await sdk.conversations.items.delete("item_1", conversation_id=made.id)
    assert left.id == made.id
    assert await texts_of(sdk, made.id) == ["two"]
    with pytest.raises(openai.NotFoundError):
        await sdk.conversations.items.retrieve("item_1", conversation_id=made.id)


async def test_items_are_added_to_a_call_that_is_on(node: Node, sdk: AsyncOpenAI) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        await sdk.conversations.items.create(
            caller.conversation_id, items=[written("By the way.", id="item_x")]
        )
        event = await caller.until(lambda event: event.type == "conversation.item.added")
        assert event.item.id == "item_x"
        assert await texts_of(sdk, caller.conversation_id) == ["hello", "desk heard: hello", "By the way."]
        await caller.say("again")
        assert any("By the way." in str(item) for item in node.brain.contexts[-1].items)
        await sdk.conversations.items.delete("item_x", conversation_id=caller.conversation_id)
        await caller.until(lambda event: event.type == "conversation.item.deleted")
        assert "By the way." not in await texts_of(sdk, caller.conversation_id)


async def test_what_a_call_says_can_be_read_at_once(node: Node, sdk: AsyncOpenAI) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        assert (await texts_of(sdk, caller.conversation_id))[-1] == "desk heard: hello"


async def test_an_id_that_exists_is_refused_live_and_stored(node: Node, sdk: AsyncOpenAI) -> None:
    made = await sdk.conversations.create(items=[written("one", id="item_1")])
    for _ in range(2):
        with pytest.raises(openai.ConflictError):
            await sdk.conversations.items.create(made.id, items=[written("two", id="item_1")])
    async with calling(node, conversation=made.id):
        with pytest.raises(openai.ConflictError):
            await sdk.conversations.items.create(made.id, items=[written("two", id="item_1")])


async def test_markers_and_notes_of_operators_are_left_out(node: Node, sdk: AsyncOpenAI) -> None:
    operator = node.http(ADMIN_KEY)
    async with calling(node) as caller:
        await operator.post(f"/admin/calls/{caller.conversation_id}/inject", json={"text": "A regular."})
        await caller.say("go to kitchen")
        conversation = caller.conversation_id
        page = await sdk.conversations.items.list(conversation, order="asc", limit=100)
    assert {item.type for item in page.data} == {"message", "function_call", "function_call_output"}
    assert "A regular." not in await texts_of(sdk, conversation)
    async with node.sdk(ADMIN_KEY) as reader:
        assert "A regular." in await texts_of(reader, conversation)
    whole = (await operator.get(f"/admin/conversations/{conversation}")).json()
    hidden = [item["id"] for item in whole["items"] if item["kind"] == "handoff"]
    with pytest.raises(openai.NotFoundError):
        await sdk.conversations.items.retrieve(hidden[0], conversation_id=conversation)


async def test_metadata_is_bounded_as_the_api_says(sdk: AsyncOpenAI) -> None:
    for metadata in ({f"key{n}": "x" for n in range(17)}, {"k" * 65: "x"}, {"k": "x" * 513}):
        with pytest.raises(openai.BadRequestError):
            await sdk.conversations.create(metadata=metadata)


async def test_a_wrong_item_is_refused_with_its_place(sdk: AsyncOpenAI) -> None:
    item: Any = {"type": "message", "role": "user", "content": [{"type": "input_video"}]}
    with pytest.raises(openai.BadRequestError) as told:
        await sdk.conversations.create(items=[written("fine"), item])
    assert (told.value.code, told.value.param) == ("invalid_value", "items[1].content[0].type")
    assert told.value.type == "invalid_request_error"


async def test_keys_see_their_own_conversations_alone(node: Node, caller: httpx.AsyncClient) -> None:
    made = (await caller.post("/v1/conversations", json={"metadata": {}})).json()["id"]
    other = node.http(await node.make_key("caller", "another"))
    assert (await other.get(f"/v1/conversations/{made}")).status_code == 404
    assert (await other.get(f"/v1/conversations/{made}/items")).status_code == 404
    assert (await other.delete(f"/v1/conversations/{made}")).status_code == 404
    assert (await caller.get(f"/v1/conversations/{made}")).status_code == 200


async def test_reviewers_read_all_and_change_nothing_of_others(
    caller: httpx.AsyncClient, reviewer: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    made = (await caller.post("/v1/conversations", json={})).json()["id"]
    assert (await reviewer.get(f"/v1/conversations/{made}")).status_code == 200
    refused = await reviewer.post(f"/v1/conversations/{made}", json={"metadata": {}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert (await admin.delete(f"/v1/conversations/{made}")).status_code == 200


async def test_metadata_changes_for_a_call_that_is_on(node: Node, sdk: AsyncOpenAI) -> None:
    async with calling(node) as caller:
        await sdk.conversations.update(caller.conversation_id, metadata={"table": "7"})
        live = node.services.switchboard.conversations[caller.conversation_id]
        assert live.metadata == {"table": "7"}


async def test_erasing_hangs_up_first(node: Node, sdk: AsyncOpenAI) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        await sdk.conversations.delete(caller.conversation_id)
        assert caller.conversation_id not in node.services.switchboard.conversations
    with pytest.raises(openai.NotFoundError):
        await sdk.conversations.retrieve(caller.conversation_id)
