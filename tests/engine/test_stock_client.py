"""The stock `openai` client, unmodified but for its URL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import (
    RealtimeConversationItemFunctionCall,
    RealtimeErrorEvent,
    ResponseDoneEvent,
    ResponseTextDeltaEvent,
)
from openai.types.realtime.realtime_server_event import RealtimeServerEvent

from orchestrator.engine.brain import Brain, TextDelta
from orchestrator.engine.embedded import EmbeddedEngine
from tests.engine.scripted_brain import ScriptedBrain
from tests.engine.session_probe import tool_call

pytestmark = pytest.mark.edge


@asynccontextmanager
async def stock_connection(brain: Brain) -> AsyncIterator[AsyncRealtimeConnection]:
    async with EmbeddedEngine(brain, api_key="k") as engine:
        base = engine.url + "/v1"
        async with (
            AsyncOpenAI(
                api_key="k", base_url=base.replace("ws", "http", 1), websocket_base_url=base
            ) as client,
            client.realtime.connect(model="gpt-realtime") as connection,
        ):
            yield connection


async def until_done(connection: AsyncRealtimeConnection) -> list[RealtimeServerEvent]:
    events: list[RealtimeServerEvent] = []
    async with asyncio.timeout(10):
        async for event in connection:
            events.append(event)
            if event.type == "response.done":
                break
    return events


async def test_a_text_turn() -> None:
    async with stock_connection(ScriptedBrain([TextDelta("Hello there, Ada.")])) as connection:
        await connection.session.update(
            session={"type": "realtime", "output_modalities": ["text"], "instructions": "Be kind."}
        )
        await connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
        )
        await connection.response.create()
        events = await until_done(connection)
        deltas = [event.delta for event in events if isinstance(event, ResponseTextDeltaEvent)]
        assert "".join(deltas) == "Hello there, Ada."
        done = events[-1]
        assert isinstance(done, ResponseDoneEvent)
        assert done.response.status == "completed"
        assert done.response.usage is not None
        assert done.response.usage.total_tokens


async def test_a_tool_turn() -> None:
    brain = ScriptedBrain(tool_call("get_weather", '{"city":"Paris"}'), [TextDelta("It is sunny.")])
    async with stock_connection(brain) as connection:
        await connection.session.update(
            session={
                "type": "realtime",
                "tools": [{"type": "function", "name": "get_weather", "parameters": {"type": "object"}}],
            }
        )
        await connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
        )
        await connection.response.create()
        done = (await until_done(connection))[-1]
        assert isinstance(done, ResponseDoneEvent)
        (call,) = done.response.output or []
        assert isinstance(call, RealtimeConversationItemFunctionCall)
        assert (call.name, call.arguments) == ("get_weather", '{"city":"Paris"}')
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id or "", "output": '{"sky":"sunny"}'}
        )
        await connection.response.create()
        spoken = (await until_done(connection))[-1]
        assert isinstance(spoken, ResponseDoneEvent)
        assert spoken.response.status == "completed"
    assert [item["type"] for item in brain.contexts[1].items] == [
        "message",
        "function_call",
        "function_call_output",
    ]


async def test_an_error_is_parsed_and_the_connection_lives_on() -> None:
    async with stock_connection(ScriptedBrain()) as connection:
        await connection.response.cancel(event_id="mine")
        async with asyncio.timeout(10):
            assert (await connection.recv()).type == "session.created"
            error = await connection.recv()
        assert isinstance(error, RealtimeErrorEvent)
        assert (error.error.code, error.error.event_id) == ("response_cancel_not_active", "mine")
        await connection.response.create()
        assert (await until_done(connection))[-1].type == "response.done"
