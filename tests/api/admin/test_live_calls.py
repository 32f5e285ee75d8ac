"""What operators do to calls that are on."""

from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.node import Node, calling

pytestmark = pytest.mark.db


async def test_live_calls_are_listed_and_shown(node: Node, reviewer: httpx.AsyncClient) -> None:
    assert (await reviewer.get("/admin/calls")).json()["data"] == []
    async with calling(node) as caller:
        await caller.say("hello")
        (call,) = (await reviewer.get("/admin/calls")).json()["data"]
        assert call["conversation_id"] == caller.conversation_id
        assert (call["agent"], call["turn"], call["authority"]) == ("desk", "idle", "settled")
        assert (call["transport"], call["store"], call["switching"]) == ("websocket", "ok", False)
        by_call = (await reviewer.get(f"/admin/calls/{call['call_id']}")).json()
        assert by_call["conversation_id"] == caller.conversation_id
    assert (await reviewer.get("/admin/calls/conv_none")).status_code == 404


async def test_the_agent_says_the_operators_words(node: Node, admin: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        told = await admin.post(f"/admin/calls/{caller.conversation_id}/say", json={"text": "We close soon."})
        assert told.status_code == 202
        assert await caller.reply() == "We close soon."


async def test_the_model_is_told_what_the_caller_does_not_hear(node: Node, admin: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        body = {"text": "The caller is a regular.", "respond": True}
        await admin.post(f"/admin/calls/{caller.conversation_id}/inject", json=body)
        await caller.reply()
        assert "The caller is a regular." in str(node.brain.contexts[-1].items)
        assert not any("regular" in str(getattr(event, "item", "")) for event in caller.events)


async def test_another_agent_is_put_on_duty(node: Node, admin: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        path = f"/admin/calls/{caller.conversation_id}/handoff"
        node.reachable.clear()
        told = await admin.post(path, json={"agent": "kitchen", "reason": "busy"})
        assert (told.status_code, told.json()["switching"]) == (202, True)
        again = await admin.post(path, json={"agent": "kitchen"})
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        node.reachable.set()
        await caller.until(lambda event: event.type == "orchestrator.handoff.committed")
        await caller.reply()
        assert (await caller.say("hello")).startswith("kitchen heard")
        on_duty = await admin.post(path, json={"agent": "kitchen"})
        assert "on duty already" in on_duty.json()["detail"]
        unknown = await admin.post(path, json={"agent": "nobody"})
        assert (unknown.status_code, unknown.json()["param"]) == (404, "agent")


async def test_an_agent_that_is_switched_off_is_not_put_on_duty(node: Node, admin: httpx.AsyncClient) -> None:
    await admin.patch("/admin/agents/kitchen", json={"enabled": False})
    async with calling(node) as caller:
        await caller.say("hello")
        told = await admin.post(f"/admin/calls/{caller.conversation_id}/handoff", json={"agent": "kitchen"})
        assert told.status_code == 409
        assert "switched off" in told.json()["detail"]


async def test_a_fresh_session_takes_over(node: Node, admin: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        path = f"/admin/calls/{caller.conversation_id}/reconnect"
        node.reachable.clear()
        assert (await admin.post(path)).status_code == 202
        assert (await admin.post(path)).status_code == 409
        node.reachable.set()
        await caller.until(lambda event: event.type == "orchestrator.engine.restored")
        assert await caller.say("still there?") == "desk heard: still there?"
    details = (await admin.get(f"/admin/conversations/{caller.conversation_id}")).json()
    assert [session["purpose"] for session in details["sessions"]] == ["start", "reconnect"]


@pytest.mark.parametrize(("body", "status"), [(None, "idle"), ({"final": True, "reason": "enough"}, "ended")])
async def test_a_call_is_hung_up(
    node: Node, admin: httpx.AsyncClient, body: dict[str, Any] | None, status: str
) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        live = node.services.switchboard.conversations[caller.conversation_id]
        path = f"/admin/calls/{caller.conversation_id}/hangup"
        assert (await admin.request("POST", path, json=body)).status_code == 202
        with pytest.raises(ConnectionClosed):
            await caller.until(lambda _event: False)
        await live.closed.wait()
        assert (await admin.post(path, json={})).status_code == 404
    details = (await admin.get(f"/admin/conversations/{caller.conversation_id}")).json()
    assert details["summary"]["status"] == status


@pytest.mark.parametrize(("approve", "said"), [(True, "5 given back"), (False, "Ask the boss.")])
async def test_a_tool_waits_for_an_operator(
    node: Node, admin: httpx.AsyncClient, approve: bool, said: str
) -> None:
    async with calling(node) as caller:
        content: list[Any] = [{"type": "input_text", "text": 'use refund {"amount": 5}'}]
        await caller.connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": content}
        )
        await caller.connection.response.create()
        waiting = await caller.until(lambda event: event.type == "orchestrator.tool.approval")
        (approval,) = (await admin.get("/admin/approvals")).json()["data"]
        assert (approval["name"], approval["tool_call_id"]) == ("refund", waiting.call_id)
        path = f"/admin/calls/{caller.conversation_id}/approvals/{waiting.call_id}"
        told = await admin.post(path, json={"approve": approve, "reason": "Ask the boss."})
        assert (told.status_code, told.json()["approvals"]) == (202, [])
        assert said in await caller.reply()
        assert (await admin.post(path, json={"approve": True})).status_code == 404


async def test_nothing_is_done_to_a_call_that_nobody_is_connected_to(
    node: Node, admin: httpx.AsyncClient
) -> None:
    async with calling(node) as caller:
        live = node.services.switchboard.conversations[caller.conversation_id]
        client, live.client = live.client, None
        told = await admin.post(f"/admin/calls/{live.id}/say", json={"text": "hello"})
        assert told.status_code == 409
        live.client = client


async def test_what_operators_do_is_written_down_without_their_words(
    node: Node, admin: httpx.AsyncClient, reviewer: httpx.AsyncClient
) -> None:
    async with calling(node) as caller:
        path = f"/admin/calls/{caller.conversation_id}/say"
        assert (await reviewer.post(path, json={"text": "Psst."})).status_code == 403
        await admin.post(path, json={"text": "Psst."})
    (entry,) = (await admin.get("/admin/audit", params={"target": caller.conversation_id})).json()["data"]
    assert (entry["action"], entry["detail"]) == ("call.say", {})
