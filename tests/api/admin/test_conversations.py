"""Conversations for administrators: found, shown whole, judged, exported, erased."""

import json
from typing import Any

import httpx
import pytest
from openai import AsyncOpenAI

from tests.api.node import Node, calling

pytestmark = pytest.mark.db


async def ordered(node: Node, *items: str, agent: str = "desk") -> str:
    """Hold a conversation in which things are put into the cart; its id."""
    async with calling(node, agent) as caller:
        await caller.say("hello")
        for item in items:
            await caller.say(f"use add_item {json.dumps({'item': item})}")
        return caller.conversation_id


async def found(client: httpx.AsyncClient, **query: Any) -> list[str]:
    told = await client.get("/admin/conversations", params=query)
    assert told.status_code == 200, told.text
    return [row["id"] for row in told.json()["data"]]


async def closed(node: Node) -> None:
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()


async def test_conversations_are_found_by_filters(node: Node, reviewer: httpx.AsyncClient) -> None:
    first = await ordered(node, "pizza")
    second = await ordered(node, "coke", agent="kitchen")
    await closed(node)
    assert await found(reviewer) == [second, first]
    assert await found(reviewer, agent="kitchen") == [second]
    assert await found(reviewer, status="idle") == [second, first]
    assert await found(reviewer, status="live") == []
    assert await found(reviewer, text="piz") == [first]
    assert await found(reviewer, text="add_item hello") == []
    assert await found(reviewer, text="heard hello", agent="desk") == [first]
    assert await found(reviewer, has_error=False, tool_error=False) == [second, first]
    assert await found(reviewer, slower_than_ms=60_000) == []
    assert await found(reviewer, since=0, until=1) == []
    assert await found(reviewer, created_by="key_none", ended_by="operator", label="x", verdict="y") == []


async def test_lists_are_paged_by_key(sdk: AsyncOpenAI, reviewer: httpx.AsyncClient) -> None:
    made = [(await sdk.conversations.create()).id for _ in range(3)]
    page = (await reviewer.get("/admin/conversations", params={"limit": 2})).json()
    rest = (await reviewer.get("/admin/conversations", params={"limit": 2, "after": page["next"]})).json()
    assert [row["id"] for row in page["data"] + rest["data"]] == made[::-1]
    assert rest["next"] is None
    wrong = await reviewer.get("/admin/conversations", params={"after": "nonsense"})
    assert (wrong.status_code, wrong.json()["param"]) == (400, "after")


async def test_a_conversation_is_shown_whole(node: Node, reviewer: httpx.AsyncClient) -> None:
    conversation = await ordered(node, "pizza")
    await closed(node)
    shown = (await reviewer.get(f"/admin/conversations/{conversation}")).json()
    assert shown["summary"]["turns"] == 2
    assert [item["kind"] for item in shown["items"]] == [
        "message",
        "message",
        "message",
        "function_call",
        "message",
        "function_call_output",
        "message",
    ]
    assert (shown["sessions"][0]["purpose"], shown["tool_runs"][0]["outcome"]) == ("start", "completed")
    assert shown["responses"][0]["usage"]["input_tokens"] == 100
    assert shown["revisions"][0]["value"] == {"lines": ["pizza"]}
    assert shown["records"][0]["kind"] == "order"
    assert shown["calls"][0]["transport"] == "websocket"
    assert (shown["handoffs"], shown["notes"], shown["recordings"]) == ([], [], [])
    assert (await reviewer.get("/admin/conversations/conv_none")).status_code == 404


async def test_a_conversation_is_shown_while_it_is_live(node: Node, reviewer: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        shown = (await reviewer.get(f"/admin/conversations/{caller.conversation_id}")).json()
        assert shown["summary"]["status"] == "live"
        assert shown["items"][-1]["content"][0]["text"] == "desk heard: hello"


async def test_states_are_shown_as_they_are_and_as_they_were(node: Node, reviewer: httpx.AsyncClient) -> None:
    conversation = await ordered(node, "pizza", "coke")
    path = f"/admin/conversations/{conversation}"
    revisions = (await reviewer.get(path)).json()["revisions"]
    now = (await reviewer.get(f"{path}/state")).json()
    assert now == {"at": None, "states": {"cart": {"lines": ["pizza", "coke"]}}}
    then = (await reviewer.get(f"{path}/state", params={"at": revisions[0]["sequence"]})).json()
    assert then["states"] == {"cart": {"lines": ["pizza"]}}
    before = (await reviewer.get(f"{path}/state", params={"at": 0})).json()
    assert before["states"] == {"cart": {"lines": []}}


async def test_labels_and_verdicts_are_given_and_taken(
    reviewer: httpx.AsyncClient, caller: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    conversation = (await caller.post("/v1/conversations", json={})).json()["id"]
    path = f"/admin/conversations/{conversation}"
    judged = (
        await reviewer.patch(path, json={"labels": ["loud", "refund", "loud"], "verdict": "good"})
    ).json()
    assert (judged["labels"], judged["verdict"]) == (["loud", "refund"], "good")
    assert await found(reviewer, label="loud", verdict="good") == [conversation]
    assert (await reviewer.get("/admin/labels")).json()["data"] == ["loud", "refund"]
    taken = (await reviewer.patch(path, json={"verdict": None})).json()
    assert (taken["labels"], taken["verdict"]) == (["loud", "refund"], None)
    await reviewer.patch(path, json={})
    entries = (await admin.get("/admin/audit", params={"action": "conversation.judge"})).json()["data"]
    assert len(entries) == 2
    assert (await caller.patch(path, json={})).status_code == 403
    assert (await reviewer.patch("/admin/conversations/conv_none", json={})).status_code == 404


async def test_notes_are_written_listed_and_removed(
    reviewer: httpx.AsyncClient, caller: httpx.AsyncClient
) -> None:
    items = [{"role": "user", "content": "hello", "id": "item_1"}]
    conversation = (await caller.post("/v1/conversations", json={"items": items})).json()["id"]
    path = f"/admin/conversations/{conversation}/notes"
    whole = (await reviewer.post(path, json={"text": "Odd."})).json()
    await reviewer.post(path, json={"text": "Here.", "item_id": "item_1"})
    listed = (await reviewer.get(path)).json()["data"]
    assert [(note["text"], note["item_id"], note["author"]) for note in listed] == [
        ("Odd.", None, "reviewer"),
        ("Here.", "item_1", "reviewer"),
    ]
    assert (await reviewer.delete(f"{path}/{whole['number']}")).status_code == 204
    assert (await reviewer.delete(f"{path}/{whole['number']}")).status_code == 404
    assert (await reviewer.post(path, json={"text": "Where?", "item_id": "item_9"})).status_code == 404
    assert (await reviewer.post(path, json={"text": ""})).status_code == 400


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("json", "application/json"),
        ("jsonl", "application/jsonl"),
        ("txt", "text/plain; charset=utf-8"),
        ("vtt", "text/vtt; charset=utf-8"),
    ],
)
async def test_conversations_are_exported_as_files(
    node: Node, reviewer: httpx.AsyncClient, form: str, media_type: str
) -> None:
    conversation = await ordered(node, "pizza")
    told = await reviewer.get(f"/admin/conversations/{conversation}/export", params={"format": form})
    assert told.headers["content-type"] == media_type
    assert told.headers["content-disposition"] == f'attachment; filename="{conversation}.{form}"'
    assert told.headers["cache-control"] == "no-store"
    assert "hello" in told.text
    wrong = await reviewer.get(f"/admin/conversations/{conversation}/export", params={"format": "pdf"})
    assert wrong.status_code == 400


async def test_erasing_leaves_an_entry_and_nothing_else(
    node: Node, admin: httpx.AsyncClient, reviewer: httpx.AsyncClient
) -> None:
    conversation = await ordered(node, "pizza")
    path = f"/admin/conversations/{conversation}"
    assert (await reviewer.delete(path)).status_code == 403
    assert (await admin.delete(path)).json() == {"id": conversation, "recordings": 0}
    assert (await admin.delete(path)).status_code == 404
    assert (await admin.get("/admin/records")).json()["data"] == []
    (entry,) = (await admin.get("/admin/audit", params={"target": conversation})).json()["data"]
    assert entry["action"] == "conversation.erase"


async def test_a_live_conversation_is_hung_up_and_erased(node: Node, admin: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        assert (await admin.delete(f"/admin/conversations/{caller.conversation_id}")).status_code == 200
        assert caller.conversation_id not in node.services.switchboard.conversations
