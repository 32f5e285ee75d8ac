"""The handshake of the door, and what goes through it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from orchestrator.api.direct_socket import DirectSocket
from orchestrator.api.door import realtime
from tests.api.node import Node, calling
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


@asynccontextmanager
async def door(
    node: Node, query: str, key: str | None = None, **options: Any
) -> AsyncIterator[ClientConnection]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    address = f"ws://127.0.0.1:{node.port}/v1/realtime?{query}"
    async with connect(address, additional_headers=headers, open_timeout=PATIENCE, **options) as socket:
        yield socket


async def told(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        event: dict[str, Any] = json.loads(await socket.recv())
        return event


async def refusal(node: Node, query: str, key: str | None = None, **options: Any) -> tuple[str, int]:
    """The code of the error and of the close."""
    async with door(node, query, key, **options) as socket:
        event = await told(socket)
        assert event["type"] == "error"
        with pytest.raises(ConnectionClosed):
            await told(socket)
        assert socket.close_code is not None
        return event["error"]["code"], socket.close_code


async def secret_for(sdk: AsyncOpenAI, **more: Any) -> str:
    session: Any = {"type": "realtime", **more}
    return (await sdk.realtime.client_secrets.create(session=session)).value


async def test_who_cannot_come_in_is_told_why(node: Node) -> None:
    for query, key, code, close in (
        ("", None, "missing_model", 4000),
        ("intent=transcription", None, "invalid_value", 4000),
        ("model=desk", "ok_wrong", "invalid_api_key", 3000),
        ("model=desk", "ek_wrong", "invalid_api_key", 3000),
        ("model=desk&conversation=conv_none", None, "not_found", 4000),
        ("call_id=rtc_none", None, "invalid_value", 4000),
    ):
        assert await refusal(node, query, key) == (code, close), query


async def test_the_beta_protocol_is_refused(node: Node) -> None:
    offered = [Subprotocol("realtime"), Subprotocol("openai-beta.realtime-v1")]
    assert await refusal(node, "model=desk", subprotocols=offered) == ("beta_api_shape_disabled", 4000)


async def test_a_browser_is_answered_with_the_subprotocol_and_never_with_its_key(node: Node) -> None:
    key = node.keys["caller"]
    offered = [Subprotocol("realtime"), Subprotocol(f"openai-insecure-api-key.{key}")]
    async with door(node, "model=desk", subprotocols=offered) as socket:
        assert socket.subprotocol == "realtime"
        assert (await told(socket))["type"] == "session.created"


async def test_pages_of_other_sites_need_a_key(node: Node) -> None:
    assert await refusal(node, "model=desk", origin="https://evil.example") == ("invalid_api_key", 3000)
    async with door(node, "model=desk", node.keys["caller"], origin="https://shop.example") as socket:
        assert (await told(socket))["type"] == "session.created"


async def test_a_name_that_was_rebound_to_this_machine_is_refused(node: Node) -> None:
    address = f"ws://evil.example:{node.port}/v1/realtime?model=desk"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address, host="127.0.0.1", port=node.port):
            pass
    assert refused.value.response.status_code == 403


async def test_a_full_node_takes_no_further_calls(node: Node) -> None:
    node.services.switchboard.max_calls = 1
    async with calling(node):
        assert await refusal(node, "model=desk") == ("too_many_calls", 4429)


async def test_a_store_that_is_away_is_told(node: Node) -> None:
    node.services.switchboard._database = _Away()  # type: ignore[assignment]
    assert await refusal(node, "model=desk") == ("store_unavailable", 1011)


class _Away:
    def transaction(self) -> Any:
        from orchestrator.core.errors import StoreUnavailableError  # noqa: PLC0415

        raise StoreUnavailableError("Postgres cannot be used now.")


async def test_an_unknown_model_means_the_entry_agent(node: Node) -> None:
    async with calling(node, "gpt-realtime-2") as caller:
        assert await caller.say("hello") == "desk heard: hello"


async def test_frames_pass_at_once_where_the_server_can(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    receive, send = DirectSocket.receive, DirectSocket.send

    async def received(self: DirectSocket) -> Any:
        message = await receive(self)
        passed.append(message["type"])
        return message

    async def sent(self: DirectSocket, message: Any) -> None:
        passed.append(message["type"])
        await send(self, message)

    monkeypatch.setattr(DirectSocket, "receive", received)
    monkeypatch.setattr(DirectSocket, "send", sent)
    async with door(node, "model=desk") as socket:
        assert (await told(socket))["type"] == "session.created"
        before = list(passed)
        await socket.send(json.dumps({"type": "input_audio_buffer.clear"}))
        assert (await told(socket))["type"] == "input_audio_buffer.cleared"
        assert passed == before == ["websocket.connect", "websocket.accept", "websocket.send"]


async def test_frames_pass_under_another_server_as_well(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "direct_socket", lambda _: None)
    async with calling(node) as caller:
        assert await caller.say("hello") == "desk heard: hello"


async def test_garbage_is_refused_and_the_call_goes_on(node: Node) -> None:
    async with door(node, "model=desk") as socket:
        assert (await told(socket))["type"] == "session.created"
        for frame, code in (
            (b"\x00", "invalid_event"),
            ("{", "invalid_json"),
            ("{}", "missing_required_parameter"),
        ):
            await socket.send(frame)
            assert (await told(socket))["error"]["code"] == code
        await socket.send(json.dumps({"type": "response.create"}))
        assert (await told(socket))["type"] == "response.created"


async def test_a_conversation_is_resumed_by_its_key_alone(node: Node) -> None:
    async with calling(node, key=node.keys["caller"]) as caller:
        await caller.say("hello")
        conversation = caller.conversation_id
    query = f"conversation={conversation}"
    other = await node.make_key("caller", "another")
    assert await refusal(node, query, other) == ("not_found", 4000)
    assert await refusal(node, query) == ("not_found", 4000)
    async with calling(node, key=node.keys["caller"], conversation=conversation) as caller:
        assert await caller.say("again") == "desk heard: again"


async def test_a_client_secret_opens_its_own_conversation_alone(node: Node, sdk: AsyncOpenAI) -> None:
    made = [(await sdk.conversations.create()).id for _ in range(2)]
    secret = await secret_for(sdk, conversation=made[0])
    assert await refusal(node, f"conversation={made[1]}", secret) == ("forbidden", 4000)
    async with door(node, "", secret) as socket:
        await told(socket)
        assert made[0] in node.services.switchboard.conversations


async def test_a_client_secret_brings_its_session(node: Node, sdk: AsyncOpenAI) -> None:
    secret = await secret_for(sdk, model="kitchen", output_modalities=["text"])
    async with door(node, "", secret) as socket:
        session = (await told(socket))["session"]
        assert (session["model"], session["output_modalities"]) == ("kitchen", ["text"])


async def test_a_sideband_sees_what_the_client_sees_and_may_act(node: Node, sdk: AsyncOpenAI) -> None:
    async with calling(node) as caller:
        live = node.services.switchboard.conversations[caller.conversation_id]
        assert live.client is not None
        async with sdk.realtime.connect(call_id=live.client.call_id) as sideband:
            assert (await sideband.recv()).type == "session.created"
            await caller.say("hello")
            async with asyncio.timeout(PATIENCE):
                while (await sideband.recv()).type != "response.done":
                    pass
            await sideband.response.create()
            await caller.reply()
        assert await caller.say("still there") == "desk heard: still there"


async def test_a_later_client_takes_the_line(node: Node) -> None:
    async with calling(node) as first:
        await first.say("hello")
        async with door(node, f"conversation={first.conversation_id}") as second:
            assert (await told(second))["type"] == "session.created"
            with pytest.raises(ConnectionClosed) as lost:
                await first.until(lambda _event: False)
            assert lost.value.rcvd is not None
            assert lost.value.rcvd.code == 4409
