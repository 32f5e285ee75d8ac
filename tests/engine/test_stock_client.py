"""The stock `openai` client, unmodified but for its URL."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import (
    RealtimeConversationItemFunctionCall,
    RealtimeErrorEvent,
    ResponseAudioDeltaEvent,
    ResponseAudioTranscriptDeltaEvent,
    ResponseDoneEvent,
    ResponseTextDeltaEvent,
)
from openai.types.realtime.realtime_server_event import RealtimeServerEvent

from orchestrator.engine.brain import Brain, TextDelta
from orchestrator.engine.embedded import EmbeddedEngine
from orchestrator.engine.faculties import Faculties
from orchestrator.speech.protocol import BYTES_PER_MS
from orchestrator.speech.tone import ToneVoice
from tests.engine.scripted_brain import ScriptedBrain
from tests.engine.scripted_speech import ScriptedEars, loud
from tests.engine.session_probe import tool_call
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge


@asynccontextmanager
async def stock_connection(mind: Brain | Faculties) -> AsyncIterator[AsyncRealtimeConnection]:
    async with EmbeddedEngine(mind, api_key="k") as engine:
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
    async with asyncio.timeout(PATIENCE):
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


async def test_a_voice_turn() -> None:
    brain = ScriptedBrain([TextDelta("Two loaves, "), TextDelta("it is.")])
    ears = ScriptedEars("two loaves please")
    async with stock_connection(Faculties(brain, ears, ToneVoice())) as connection:
        await connection.session.update(
            session={
                "type": "realtime",
                "audio": {
                    "input": {"transcription": {"model": "embedded"}, "turn_detection": None},
                    "output": {"voice": "cedar"},
                },
            }
        )
        caller = loud(1000)
        for at in range(0, len(caller), 4800):
            await connection.input_audio_buffer.append(audio=b64encode(caller[at : at + 4800]).decode())
        await connection.input_audio_buffer.commit()
        await connection.response.create()
        events = await until_done(connection)
    (heard,) = [e for e in events if e.type == "conversation.item.input_audio_transcription.completed"]
    assert heard.transcript == "two loaves please"
    assert ears.utterances == [caller]
    assert "".join(e.delta for e in events if isinstance(e, ResponseAudioTranscriptDeltaEvent)) == (
        "Two loaves, it is."
    )
    sound = b"".join(b64decode(e.delta) for e in events if isinstance(e, ResponseAudioDeltaEvent))
    assert len(sound) > BYTES_PER_MS * 500
    done = events[-1]
    assert isinstance(done, ResponseDoneEvent)
    assert done.response.status == "completed"
    assert done.response.usage is not None
    assert done.response.usage.output_token_details is not None
    assert done.response.usage.output_token_details.audio_tokens


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
        async with asyncio.timeout(PATIENCE):
            assert (await connection.recv()).type == "session.created"
            error = await connection.recv()
        assert isinstance(error, RealtimeErrorEvent)
        assert (error.error.code, error.error.event_id) == ("response_cancel_not_active", "mine")
        await connection.response.create()
        assert (await until_done(connection))[-1].type == "response.done"
