"""Replays over REST: begun, watched, looked at side by side, cancelled."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from orchestrator.engine.brain import BrainContext
from tests.api.node import Node, calling
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


async def talked(node: Node, *says: str) -> str:
    """Hold a conversation; its id."""
    async with calling(node) as caller:
        for text in says:
            await caller.say(text)
        conversation = caller.conversation_id
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()
    return conversation


async def replayed(node: Node, admin: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    """Begin a replay and wait for its end; what is shown of it."""
    begun = await admin.post("/admin/replays", json=asked)
    assert begun.status_code == 202, begun.text
    path = begun.headers["location"]
    await node.services.replays.ended(begun.json()["id"])
    shown: dict[str, Any] = (await admin.get(path)).json()
    return shown


async def test_a_replay_is_begun_listed_and_shown(
    node: Node, admin: httpx.AsyncClient, reviewer: httpx.AsyncClient
) -> None:
    original = await talked(node, "hello", 'use add_item {"item": "pizza"}')
    shown = await replayed(node, admin, conversations=[original], note="before the new menu")
    run, [case] = shown["replay"], shown["cases"]
    assert (run["status"], run["total"], run["same"], run["author"]) == ("done", 1, 1, "operator")
    assert (case["original_id"], case["outcome"], case["turns"]) == (original, "same", 3)
    assert (await reviewer.get("/admin/replays")).json()["data"] == [run]
    assert run["note"] == "before the new menu"


async def test_it_is_marked_kept_out_of_lists_and_of_usage_and_places_no_orders(
    node: Node, admin: httpx.AsyncClient
) -> None:
    original = await talked(node, 'use add_item {"item": "pizza"}')
    before = (await admin.get("/admin/usage")).json()["total"]
    [case] = (await replayed(node, admin, conversations=[original]))["cases"]
    made = case["replayed_id"]
    summary = (await admin.get(f"/admin/conversations/{made}")).json()["summary"]
    assert summary["replay_of"] == original
    assert summary["metadata"]["replay"].startswith("replay_")

    async def found(**query: str) -> list[str]:
        rows = (await admin.get("/admin/conversations", params=query)).json()["data"]
        return [row["id"] for row in rows]

    assert await found() == [original]
    assert await found(replays="only") == [made]
    assert await found(replays="with") == [made, original]
    assert (await admin.get("/admin/usage")).json()["total"] == before
    with_replays = (await admin.get("/admin/usage", params={"replays": "true"})).json()["total"]
    assert with_replays["responses"] == 2 * before["responses"]
    records = (await admin.get("/admin/records")).json()["data"]
    assert [record["conversation_id"] for record in records] == [original]


async def test_what_went_differently_is_shown_side_by_side(node: Node, admin: httpx.AsyncClient) -> None:
    original = await talked(node, "hello", 'use add_item {"item": "pizza"}', "thanks")
    respond = node.brain.respond

    def forgetful(context: BrainContext) -> Any:
        *earlier, last = context.items
        if "pizza" in str(last.get("content")):
            last = {**last, "content": [{"type": "input_text", "text": "use broken {}"}]}
        return respond(replace(context, items=type(context.items)([*earlier, last])))

    node.brain.respond = forgetful  # type: ignore[method-assign]
    shown = await replayed(node, admin, conversations=[original])
    [case] = shown["cases"]
    assert (case["outcome"], case["first_turn"]) == ("different", 2)
    assert set(case["kinds"]) == {"tool_missing", "tool_added", "state"}
    path = f"/admin/replays/{shown['replay']['id']}/cases"
    whole = (await admin.get(f"{path}/1")).json()
    pair = whole["turns"][2]
    assert pair["original"]["said"] == pair["replayed"]["said"] == ['use add_item {"item": "pizza"}']
    assert [step["name"] for step in pair["original"]["steps"]] == ["add_item"]
    assert [(step["name"], step["outcome"]) for step in pair["replayed"]["steps"]] == [("broken", "failed")]
    assert [each["where"] for each in whole["final"]] == ["cart.lines[0]"]
    assert (await admin.get(f"{path}/2")).status_code == 404
    assert (await admin.get(shown["replay"]["id"])).status_code == 404


async def test_conversations_are_chosen_by_a_filter(node: Node, admin: httpx.AsyncClient) -> None:
    await talked(node, "hello")
    fed = await talked(node, "go to kitchen", "soup")
    shown = await replayed(node, admin, filter={"agent": "kitchen", "limit": 10}, engine="embedded")
    assert [case["original_id"] for case in shown["cases"]] == [fed]
    assert shown["replay"]["same"] == 1


async def test_an_agent_is_met_as_another_revision_says(node: Node, admin: httpx.AsyncClient) -> None:
    original = await talked(node, "hello")
    await admin.patch("/admin/agents/desk", json={"instructions": "Be rude."})
    for choice, instructions in (
        ({"revision": 0}, "Be kind."),
        ({"revision": 1}, "Be rude."),
        ({"overrides": {"instructions": "Be brief."}}, "Be brief."),
    ):
        await replayed(node, admin, conversations=[original], agents={"desk": choice})
        assert node.brain.contexts[-1].instructions.startswith(instructions)


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        ({}, 400, "conversations"),
        ({"conversations": []}, 400, "conversations"),
        ({"conversations": ["conv_none"]}, 404, "conversations"),
        ({"conversations": ["conv_none"], "filter": {}}, 400, "conversations"),
        ({"filter": {"agent": "nobody"}}, 400, "conversations"),
        ({"conversations": ["conv_none"], "engine": "warp"}, 400, "engine"),
        ({"conversations": ["conv_none"], "agents": {"nobody": {"revision": 0}}}, 404, "agent"),
        ({"conversations": ["conv_none"], "agents": {"desk": {}}}, 400, "agents.desk"),
        ({"conversations": ["conv_none"], "agents": {"desk": {"revision": 7}}}, 404, "revision"),
    ],
)
async def test_what_cannot_be_replayed_is_refused(
    admin: httpx.AsyncClient, asked: dict[str, Any], status: int, param: str
) -> None:
    refused = await admin.post("/admin/replays", json=asked)
    assert (refused.status_code, refused.json().get("param")) == (status, param), refused.text


async def test_reviewers_look_and_administrators_begin(
    node: Node, admin: httpx.AsyncClient, reviewer: httpx.AsyncClient
) -> None:
    original = await talked(node, "hello")
    refused = await reviewer.post("/admin/replays", json={"conversations": [original]})
    assert refused.status_code == 403
    run = (await replayed(node, admin, conversations=[original]))["replay"]
    assert (await reviewer.get(f"/admin/replays/{run['id']}")).status_code == 200
    assert (await reviewer.post(f"/admin/replays/{run['id']}/cancel")).status_code == 403
    audited = (await admin.get("/admin/audit", params={"action": "replay.begin"})).json()["data"]
    assert [entry["target"] for entry in audited] == [run["id"]]


async def test_a_replay_is_cancelled_where_it_stands(node: Node, admin: httpx.AsyncClient) -> None:
    originals = [await talked(node, "hello") for _ in range(3)]
    begun, respond = asyncio.Event(), node.brain.respond

    async def silent(context: BrainContext) -> Any:
        begun.set()
        await asyncio.Event().wait()
        async for event in respond(context):
            yield event

    node.brain.respond = silent  # type: ignore[method-assign]
    run = (await admin.post("/admin/replays", json={"conversations": originals, "concurrency": 1})).json()
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
    cancelled = await admin.post(f"/admin/replays/{run['id']}/cancel")
    assert cancelled.status_code == 202
    await node.services.replays.ended(run["id"])
    shown = (await admin.get(f"/admin/replays/{run['id']}")).json()
    assert shown["replay"]["status"] == "cancelled"
    assert [case["outcome"] for case in shown["cases"]] == ["cancelled"] * 3
    again = await admin.post(f"/admin/replays/{run['id']}/cancel")
    assert again.json()["status"] == "cancelled"
