"""The stock `openai` SDK against the door, unmodified but for the URL."""

import asyncio
import base64
from typing import Any

import httpx
import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from orchestrator.testing.turns import says
from tests.end_to_end.baker import baker
from tests.end_to_end.conftest import NodeMaker
from tests.end_to_end.sdk_talk import as_text, kinds_of, say, text_of, until, write
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


async def test_a_text_turn_goes_through_the_whole_lifecycle(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        events = await say(connection, "good morning")
        kinds = kinds_of(events)
        assert [kind for kind in kinds if not kind.endswith("delta")] == [
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "response.output_text.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ]
        assert text_of(events) == "You said: good morning"
        assert events[-1].response.output[0].content[0].text == "You said: good morning"


async def test_an_audio_turn_brings_sound_and_its_transcript(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        events = await say(connection, "good morning")
        sound = [event.delta for event in events if event.type == "response.output_audio.delta"]
        assert len(base64.b64decode("".join(sound[:1]))) > 0
        assert text_of(events) == "You said: good morning"
        assert {event.response_id for event in events if hasattr(event, "response_id")} == {
            events[-1].response.id
        }


async def test_tools_of_the_service_stay_behind_the_door(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        events = await say(connection, "a loaf please")
        assert text_of(events) == "The answer was 1 loaves"
        assert kinds_of(events).count("response.created") == 1
        assert [item.type for item in events[-1].response.output] == ["message"]
        assert not any("function_call" in kind for kind in kinds_of(events))


async def test_two_tools_of_one_response_are_answered_by_one_reply(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        events = await say(connection, "three loaves and the hours")
        assert text_of(events) == "The answer was open on Monday from 7 to 18"
        session = running.engine.sessions[0]
        outputs = [
            item["output"] for item in session.conversation.items if item["type"] == "function_call_output"
        ]
        assert outputs == ["3 loaves", "open on Monday from 7 to 18"]


async def test_a_handoff_is_one_reply_and_another_session(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        events = await say(connection, "a cake please")
        assert events[-1].response.status == "completed"
        assert kinds_of(events).count("response.created") == 1
        assert "session.updated" in kinds_of(events)
        assert [session.session["instructions"] for session in running.engine.sessions][
            1
        ] == "You bake cakes."


async def test_history_can_be_seeded_before_the_first_response(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        await write(connection, "I was here yesterday")
        answer = [{"type": "output_text", "text": "Welcome back."}]
        welcome: Any = {"type": "message", "role": "assistant", "content": answer}
        await connection.conversation.item.create(item=welcome)
        events = await say(connection, "good morning")
        assert text_of(events) == "You said: good morning"
        roles = [item.get("role") for item in running.engine.sessions[0].conversation.items]
        assert roles == ["user", "assistant", "user", "assistant"]


async def test_history_can_be_edited(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        content = [{"type": "input_text", "text": "second"}]
        second: Any = {"id": "item_second", "type": "message", "role": "user", "content": content}
        await connection.conversation.item.create(item=second)
        await until(connection, "conversation.item.done")
        first: Any = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "first"}]}
        await connection.conversation.item.create(item=first, previous_item_id="root")
        added = (await until(connection, "conversation.item.done"))[0]
        assert added.previous_item_id is None
        await connection.conversation.item.retrieve(item_id="item_second")
        retrieved = (await until(connection, "conversation.item.retrieved"))[-1]
        assert retrieved.item.content[0].text == "second"
        await connection.conversation.item.delete(item_id="item_second")
        assert (await until(connection, "conversation.item.deleted"))[-1].item_id == "item_second"
        await connection.conversation.item.retrieve(item_id="item_second")
        assert (await until(connection, "error"))[-1].error.code == "item_retrieve_invalid_item_id"


async def test_a_client_tool_is_the_clients_to_answer(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        tool = {
            "type": "function",
            "name": "get_weather",
            "description": "Weather.",
            "parameters": {"type": "object"},
        }
        session: Any = {"type": "realtime", "output_modalities": ["text"], "tools": [tool]}
        await connection.session.update(session=session)
        await until(connection, "session.updated")
        events = await say(connection, "the weather?")
        call = events[-1].response.output[0]
        assert (call.type, call.name, call.arguments) == ("function_call", "get_weather", '{"city":"Oslo"}')
        output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
        await connection.conversation.item.create(item=output)
        await connection.response.create()
        assert text_of(await until(connection, "response.done")) == "The answer was rain"


async def test_a_reply_can_be_cancelled(node: NodeMaker) -> None:
    held = says("one two three four five", hold_after=2)
    async with (
        node(lambda _: held) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await as_text(connection)
        await write(connection, "count")
        await connection.response.create()
        await until(connection, "response.output_text.delta")
        await connection.response.cancel()
        done = (await until(connection, "response.done"))[-1]
        assert done.response.status == "cancelled"
        await connection.response.cancel()
        assert (await until(connection, "error"))[-1].error.code == "response_cancel_not_active"


async def test_an_answer_out_of_band_leaves_no_trace(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        await say(connection, "good morning")
        aside: Any = {"conversation": "none", "metadata": {"topic": "aside"}, "output_modalities": ["text"]}
        await connection.response.create(response=aside)
        events = await until(connection, "response.done")
        assert events[0].response.metadata == {"topic": "aside"}
        assert events[-1].response.conversation_id is None
        assert not any(kind.startswith("conversation.item") for kind in kinds_of(events))


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"output_modalities": ["text"]}, "missing_required_parameter", "session.type"),
        ({"type": "realtime", "colour": "red"}, "unknown_parameter", "session.colour"),
        (
            {"type": "realtime", "output_modalities": ["smell"]},
            "invalid_value",
            "session.output_modalities[0]",
        ),
        ({"type": "realtime", "hints": {}}, "unknown_parameter", "session.hints"),
    ],
)
async def test_a_wrong_update_names_the_field_and_changes_nothing(
    node: NodeMaker, session: dict[str, object], code: str, param: str
) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        update: Any = {"type": "session.update", "event_id": "event_mine", "session": session}
        await connection.send(update)
        error = (await until(connection, "error"))[-1].error
        assert (error.code, error.param, error.event_id) == (code, param, "event_mine")
        await as_text(connection)
        assert text_of(await say(connection, "still there?")) == "You said: still there?"


async def test_a_name_of_the_agents_own_tools_is_refused_for_a_client_tool(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        tool: Any = {"type": "function", "name": "add_loaves", "parameters": {"type": "object"}}
        await connection.session.update(session={"type": "realtime", "tools": [tool]})
        error = (await until(connection, "error"))[-1].error
        assert (error.code, error.param) == ("invalid_value", "session.tools[0].name")


async def test_instructions_are_told_to_nobody(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        events = await as_text(connection) + await say(connection, "good morning")
        assert "SECRET" not in "".join(event.to_json() for event in events)


async def test_a_failed_tool_tells_the_model_and_no_secret(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        assert "The oven is cold." in text_of(await say(connection, "burn it"))
        assert "hunter2" not in text_of(await say(connection, "break it"))
        assert "did not answer" in text_of(await say(connection, "wait for ever"))


async def test_a_second_response_while_one_is_active_is_refused(node: NodeMaker) -> None:
    held = says("one two three four five", hold_after=2)
    async with (
        node(lambda _: held) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await as_text(connection)
        await write(connection, "count")
        await connection.response.create()
        await connection.response.create()
        error = (await until(connection, "error"))[-1].error
        assert error.code == "conversation_already_has_active_response"
        await connection.response.cancel()
        await until(connection, "response.done")


async def test_a_caller_comes_back_to_the_same_conversation(node: NodeMaker) -> None:
    async with node(baker) as running:
        async with running.openai.realtime.connect(model="counter") as connection:
            await as_text(connection)
            events = await say(connection, "loaves")
            conversation = events[-1].response.conversation_id
        query = {"conversation": conversation}
        async with running.openai.realtime.connect(model="counter", extra_query=query) as connection:
            await as_text(connection)
            assert text_of(await say(connection, "a loaf")) == "The answer was 3 loaves"


async def test_a_sideband_sees_and_says_what_the_client_does(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as connection:
        await as_text(connection)
        (live,) = running.service.services.switchboard.conversations.values()
        assert live.client is not None
        async with running.openai.realtime.connect(call_id=live.client.call_id) as sideband:
            assert (await until(sideband, "session.created"))[-1].session.id
            await write(sideband, "good morning")
            await sideband.response.create()
            assert text_of(await until(connection, "response.done")) == "You said: good morning"
            assert text_of(await until(sideband, "response.done")) == "You said: good morning"


async def test_a_client_secret_opens_the_session_that_it_was_made_for(node: NodeMaker) -> None:
    async with node(baker) as running:
        session: Any = {"type": "realtime", "model": "kitchen", "output_modalities": ["text"]}
        secret = await running.openai.realtime.client_secrets.create(session=session)
        assert secret.value.startswith("ek_")
        async with AsyncOpenAI(
            api_key=secret.value, base_url=f"{running.url}/v1", websocket_base_url=f"{running.url}/v1"
        ) as browser:
            connection = await browser.realtime.connect(model="kitchen").enter()
            assert text_of(await say(connection, "good morning")) == "You said: good morning"
            await connection.close()
        assert running.engine.sessions[-1].session["instructions"] == "You bake cakes."


async def test_an_unknown_model_means_the_default_agent(node: NodeMaker) -> None:
    async with (
        node(baker) as running,
        running.openai.realtime.connect(model="gpt-realtime-2.1") as connection,
    ):
        created = (await until(connection, "session.created"))[-1]
        assert created.session.model == "gpt-realtime-2.1"
        await as_text(connection)
        await say(connection, "hello")
        assert str(running.engine.sessions[0].session["instructions"]).startswith("You sell bread.")


@pytest.mark.parametrize(
    ("query", "headers", "code", "close"),
    [
        ("model=counter", {"Authorization": "Bearer ok_wrong"}, "invalid_api_key", 3000),
        ("model=counter", {"Authorization": "Bearer ek_wrong"}, "invalid_api_key", 3000),
        ("model=counter", {"Origin": "http://elsewhere.example"}, "invalid_api_key", 3000),
        ("", {}, "missing_model", 4000),
        ("model=counter", {"OpenAI-Beta": "realtime=v1"}, "beta_api_shape_disabled", 4000),
        ("model=counter&conversation=conv_none", {}, "not_found", 4000),
        ("call_id=rtc_none", {}, "invalid_value", 4000),
    ],
)
async def test_a_refused_handshake_says_why_and_closes(
    node: NodeMaker, query: str, headers: dict[str, str], code: str, close: int
) -> None:
    async with (
        node(baker) as running,
        connect(f"{running.url}/v1/realtime?{query}", additional_headers=headers) as socket,
    ):
        assert f'"{code}"' in str(await socket.recv())
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == close


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("nonsense", "invalid_json"),
        ("[1, 2]", "invalid_json"),
        ('{"type": "make.coffee"}', "invalid_value"),
        ('{"no": "type"}', "missing_required_parameter"),
        ('{"type": "conversation.item.create", "item": 5}', "invalid_value"),
        (
            '{"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 5}',
            "item_truncate_invalid_item_id",
        ),
        ('{"type": "output_audio_buffer.clear"}', "invalid_value"),
        (b"binary", "invalid_event"),
    ],
)
async def test_a_bad_frame_is_told_and_the_rest_is_unharmed(
    node: NodeMaker, frame: str | bytes, code: str
) -> None:
    async with node(baker) as running, connect(f"{running.url}/v1/realtime?model=counter") as socket:
        assert '"session.created"' in str(await socket.recv())
        await socket.send(frame)
        assert f'"code":"{code}"' in str(await socket.recv())
        await socket.send('{"type": "session.update", "session": {"type": "realtime"}}')
        assert '"session.updated"' in str(await socket.recv())


async def flood(socket: ClientConnection) -> None:
    """Send more than one frame may hold, and read until the connection ends."""
    await socket.send('{"type": "' + "x" * 40_000_000 + '"}')
    while True:
        await asyncio.wait_for(socket.recv(), PATIENCE)


async def test_an_oversize_frame_ends_that_connection_alone(node: NodeMaker) -> None:
    async with node(baker) as running, running.openai.realtime.connect(model="counter") as other:
        await as_text(other)
        async with connect(f"{running.url}/v1/realtime?model=counter", max_size=None) as socket:
            await socket.recv()
            with pytest.raises(ConnectionClosed):
                await flood(socket)
        assert text_of(await say(other, "still there?")) == "You said: still there?"


async def test_the_plain_page_of_the_door_asks_for_a_websocket(node: NodeMaker) -> None:
    async with node(baker) as running, httpx.AsyncClient() as client:
        answer = await client.get(running.url.replace("ws://", "http://") + "/v1/realtime?model=counter")
        assert answer.status_code in {400, 404, 405, 426}
