import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import BrainError, TextDelta
from orchestrator.engine.embedded import EmbeddedEngine
from orchestrator.engine.faculties import Faculties
from orchestrator.engine.server.connection import Limits
from orchestrator.engine.server.pace import Pace
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import SpokenReply, Voice
from orchestrator.speech.reply import Clauses, Emit, open_reply
from orchestrator.speech.tone import ToneVoice
from tests.engine.scripted_brain import ScriptedBrain
from tests.engine.scripted_speech import ScriptedEars, loud
from tests.engine.session_probe import field, text, tool_call, types, user_message
from tests.engine.wire_client import connected
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge


async def test_a_text_turn_over_a_socket() -> None:
    async with (
        EmbeddedEngine(ScriptedBrain([TextDelta("Hello there, Ada.")])) as engine,
        connected(engine) as client,
    ):
        events = await client.say("hello")
        assert [e["delta"] for e in events if e["type"] == "response.output_text.delta"] == [
            "Hello",
            " there,",
            " Ada.",
        ]
        assert types(events)[-2:] == ["response.done", "rate_limits.updated"]


async def test_events_sent_before_session_created_was_read_are_applied_in_order() -> None:
    async with (
        EmbeddedEngine(ScriptedBrain()) as engine,
        connected(engine, opened=False) as client,
    ):
        await client.send("session.update", session={"type": "realtime", "instructions": "Be kind."})
        await client.send("conversation.item.create", item=user_message("hello"))
        await client.send("response.create")
        events = await client.read_until("response.created")
        assert types(events) == [
            "session.created",
            "session.updated",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
        ]


async def test_frames_that_are_no_events_are_told_and_the_session_lives_on() -> None:
    async with EmbeddedEngine(ScriptedBrain()) as engine, connected(engine) as client:
        for frame, code in (
            ("{broken", "invalid_json"),
            ("[1, 2]", "invalid_json"),
            ('"text"', "invalid_json"),
            (b"\x00\x01", "invalid_event"),
            ("{}", "missing_required_parameter"),
            ('{"type":"session.destroy","event_id":"e1"}', "invalid_value"),
        ):
            await client.socket.send(frame)
            assert (await client.error())["code"] == code
        assert types(await client.say("hello"))[-1] == "rate_limits.updated"


async def test_a_response_is_cancelled_between_deltas() -> None:
    gate = asyncio.Event()
    brain = ScriptedBrain([TextDelta("Hello"), gate, TextDelta(" there")])
    async with EmbeddedEngine(brain) as engine, connected(engine) as client:
        await client.send("response.create")
        await client.read_until("response.output_text.delta")
        await client.send("response.cancel")
        events = await client.read_until("response.done")
        response = field(events[-1], "response")
        assert response["status"] == "cancelled"
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)
        assert types(await client.say("hello"))[-1] == "rate_limits.updated"


async def test_a_paced_reply_is_cancelled_between_its_words() -> None:
    held = asyncio.Event()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            await held.wait()

    brain = ScriptedBrain([TextDelta("one two three four")])
    async with EmbeddedEngine(brain, pace=Pace(10.0, sleep)) as engine, connected(engine) as client:
        await client.send("response.create")
        for _ in range(2):
            await client.read_until("response.output_text.delta")
        await client.send("response.cancel")
        events = await client.read_until("response.done")
        part = next(event for event in events if event["type"] == "response.output_text.done")
        assert part["text"] == "one two"
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)


async def test_a_reply_that_reached_its_limit_lets_go_of_the_brain() -> None:
    brain = ScriptedBrain([TextDelta("one two three"), asyncio.Event()])
    async with EmbeddedEngine(brain) as engine, connected(engine) as client:
        await client.send("response.create", response={"max_output_tokens": 1})
        events = await client.read_until("response.done")
        assert field(events[-1], "response")["status"] == "incomplete"
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)


async def test_out_of_band_responses_run_at_the_same_time() -> None:
    gate = asyncio.Event()
    brain = ScriptedBrain([gate, *text("first")], [*text("second")])
    async with EmbeddedEngine(brain) as engine, connected(engine) as client:
        await client.send("response.create")
        await client.send("response.create", response={"conversation": "none", "metadata": {"n": "2"}})
        aside = field((await client.read_until("response.done"))[-1], "response")
        assert aside["metadata"] == {"n": "2"}
        gate.set()
        assert field((await client.read_until("response.done"))[-1], "response")["conversation_id"]


async def test_a_brain_error_becomes_a_failed_response() -> None:
    error = BrainError("rate_limit_exceeded", "Slow down.", kind="rate_limit_exceeded")
    async with EmbeddedEngine(ScriptedBrain([error])) as engine, connected(engine) as client:
        response = field((await client.say("hello"))[-2], "response")
        assert field(response, "status_details")["error"] == {
            "type": "rate_limit_exceeded",
            "code": "rate_limit_exceeded",
            "message": "Slow down.",
        }


async def test_a_broken_brain_fails_its_response_and_logs_no_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    brain = ScriptedBrain([ValueError("my secret words")])
    with caplog.at_level(logging.DEBUG):
        async with EmbeddedEngine(brain) as engine, connected(engine) as client:
            response = field((await client.say("my secret words"))[-2], "response")
            assert response["status"] == "failed"
            assert field(field(response, "status_details"), "error")["code"] == "server_error"
            assert types(await client.say("hello"))[-1] == "rate_limits.updated"
    assert "ValueError" in caplog.text
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("orchestrator")]
    assert not any("secret" in message for message in ours)


async def test_a_reply_that_takes_too_long_fails() -> None:
    brain = ScriptedBrain([asyncio.Event()])
    limits = Limits(response_seconds=0.01)
    async with EmbeddedEngine(brain, limits=limits) as engine, connected(engine) as client:
        response = field((await client.say("hello"))[-2], "response")
        assert "longer than" in str(field(field(response, "status_details"), "error")["message"])


async def test_a_session_ends_when_its_life_is_over() -> None:
    limits = Limits(session_seconds=2)  # in which its response begins
    brain = ScriptedBrain([TextDelta("Hel"), asyncio.Event()])
    async with EmbeddedEngine(brain, limits=limits) as engine, connected(engine) as client:
        await client.send("response.create")
        events, code, _ = await client.read_to_close()
        assert types(events)[-3:] == ["response.done", "rate_limits.updated", "error"]
        assert field(events[-1], "error")["code"] == "session_expired"
        assert code == 1001


async def test_a_client_that_leaves_takes_its_responses_along() -> None:
    brain = ScriptedBrain([TextDelta("Hel"), asyncio.Event()])
    async with EmbeddedEngine(brain) as engine:
        async with connected(engine) as client:
            await client.send("response.create")
            await client.read_until("response.output_text.delta")
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)


async def test_a_client_that_drops_takes_its_responses_along() -> None:
    brain = ScriptedBrain([TextDelta("Hel"), asyncio.Event()])
    async with EmbeddedEngine(brain) as engine, connected(engine) as client:
        await client.send("response.create")
        await client.read_until("response.output_text.delta")
        client.socket.transport.abort()
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)


async def test_an_oversize_frame_closes_its_session_and_no_other() -> None:
    limits = Limits(frame_bytes=10_000)
    async with EmbeddedEngine(ScriptedBrain(), limits=limits) as engine, connected(engine) as other:
        async with connected(engine) as client:
            await client.send("conversation.item.create", item=user_message("x" * 20_000))
            _, code, _ = await client.read_to_close()
            assert code == 1009
        assert types(await other.say("hello"))[-1] == "rate_limits.updated"


async def test_the_largest_append_fits_a_frame() -> None:
    audio = base64.b64encode(bytes(15 * 1024 * 1024)).decode()
    async with EmbeddedEngine(ScriptedBrain()) as engine, connected(engine) as client:
        await client.send("input_audio_buffer.append", audio=audio)
        await client.send("input_audio_buffer.commit")
        assert (await client.read())["type"] == "input_audio_buffer.committed"


async def test_a_slow_reader_is_let_go_and_stops_no_other() -> None:
    flood = [TextDelta("word " * 40_000)] * 8
    limits = Limits(send_seconds=0.2, close_seconds=0.2, waiting_frames=16)
    brain = ScriptedBrain(flood)
    async with EmbeddedEngine(brain, limits=limits) as engine, connected(engine, max_queue=1) as slow:
        await slow.send("response.create")
        await asyncio.wait_for(brain.asked.wait(), PATIENCE)
        async with connected(engine) as quick:
            assert types(await quick.say("hello"))[-1] == "rate_limits.updated"
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)
        slow.socket.transport.abort()


async def test_tool_calls_reach_the_client_whole() -> None:
    brain = ScriptedBrain([*tool_call("look", '{"at":"sky"}'), *tool_call("listen", "{}", "call_b")])
    async with EmbeddedEngine(brain) as engine, connected(engine) as client:
        output = field((await client.say("look"))[-2], "response")["output"]
        assert isinstance(output, list)
        assert [(i["name"], i["arguments"]) for i in output if isinstance(i, dict)] == [
            ("look", '{"at":"sky"}'),
            ("listen", "{}"),
        ]


class HoarseVoice(ToneVoice):
    """Fails instead of speaking."""

    @asynccontextmanager
    async def open(self, voice: Voice) -> AsyncIterator[SpokenReply]:
        async def speak(_clauses: Clauses, _emit: Emit) -> None:
            raise SpeechError("The voice is hoarse.")

        async with open_reply(speak, voice.language) as reply:
            yield reply


async def test_a_message_is_said_to_its_end_before_a_call_follows() -> None:
    brain = ScriptedBrain([TextDelta("One moment."), *tool_call("look", "{}")])
    faculties = Faculties(brain, None, ToneVoice())
    async with EmbeddedEngine(faculties) as engine, connected(engine) as client:
        await client.send("response.create")
        told = types(await client.read_until("response.done"))
    assert told.index("response.output_audio.delta") < told.index("response.output_audio.done")
    assert told.index("response.output_audio.done") < told.index("response.function_call_arguments.done")


async def test_a_voice_that_fails_ends_the_response_and_not_the_session() -> None:
    faculties = Faculties(ScriptedBrain(), None, HoarseVoice())
    async with EmbeddedEngine(faculties) as engine, connected(engine) as client:
        await client.send("response.create")
        response = field((await client.read_until("response.done"))[-1], "response")
        assert response["status"] == "failed"
        assert field(field(response, "status_details"), "error")["message"] == "The voice is hoarse."
        await client.send("response.create", response={"output_modalities": ["text"]})
        response = field((await client.read_until("response.done"))[-1], "response")
        assert response["status"] == "completed"


async def test_a_reply_in_sound_is_cancelled_while_it_is_said() -> None:
    brain = ScriptedBrain([TextDelta("Hello there Ada, this is the pizzeria."), asyncio.Event()])
    async with EmbeddedEngine(Faculties(brain, None, ToneVoice())) as engine, connected(engine) as client:
        await client.send("response.create")
        await client.read_until("response.output_audio.delta")
        await client.send("response.cancel")
        response = field((await client.read_until("response.done"))[-1], "response")
        assert response["status"] == "cancelled"
        await asyncio.wait_for(brain.closed.wait(), PATIENCE)


async def test_manual_turns_are_heard_and_a_deaf_recogniser_is_told() -> None:
    ears = ScriptedEars("two loaves please", SpeechError("It was lost."))
    manual: JsonObject = {"input": {"turn_detection": None, "transcription": {"model": "embedded"}}}
    async with (
        EmbeddedEngine(Faculties(ScriptedBrain(), ears)) as engine,
        connected(engine) as client,
    ):
        await client.send("session.update", session={"type": "realtime", "audio": manual})
        for outcome in ("completed", "failed"):
            audio = base64.b64encode(loud(500)).decode()
            await client.send("input_audio_buffer.append", audio=audio)
            await client.send("input_audio_buffer.commit")
            await client.read_until(f"conversation.item.input_audio_transcription.{outcome}")
    assert ears.utterances == [loud(500), loud(500)]
