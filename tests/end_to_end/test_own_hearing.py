"""Callers who speak, to engines that find no turns or only read: the embedded voice, our own hearing."""

import asyncio
import base64
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.testing.local_service import local_service
from orchestrator.testing.turns import SessionView, says
from tests.end_to_end.conftest import SHOP, NodeMaker
from tests.end_to_end.sdk_talk import kinds_of, until, write
from tests.end_to_end.webrtc_call import WebRtcCall, calling
from tests.media.sound import loudness
from tests.patience import PATIENCE, PATIENT
from tests.speech.speaking import cough, heard, say, silence

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")
pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
pytestmark = pytest.mark.media

APPEND = 100 * BYTES_PER_MS
"""Recognisers and voices start with the first call, on machines that do other things too."""
FRAME = 20 * BYTES_PER_MS
SOUND = {"engine_hearing": "sound"}
INPUT = "input_audio_buffer."


@pytest.fixture(scope="module")
def order() -> bytes:
    """Somebody who says "I would like two loaves of bread please", between silences."""
    return spoken("I would like two loaves of bread please.")


@pytest.fixture(scope="module")
def listening() -> bytes:
    """Somebody who says "mm-hm", between silences."""
    return spoken("mm-hm")


def spoken(text: str) -> bytes:
    async def said() -> bytes:
        async with EspeakVoice.run(PATIENT) as voice:
            return heard(await say(voice, text, Voice("echo")))

    return silence(600) + asyncio.run(said()) + silence(1200)


async def speak(connection: AsyncRealtimeConnection, sound: bytes) -> None:
    for start in range(0, len(sound), APPEND):
        piece = base64.b64encode(sound[start : start + APPEND]).decode()
        await connection.input_audio_buffer.append(audio=piece)


def echo(view: SessionView) -> Any:
    return says(f"You said: {view.user_text}")


async def test_an_engine_that_finds_no_turns_holds_a_spoken_one(node: NodeMaker, order: bytes) -> None:
    async with (
        node(echo, settings=SOUND) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await running.engine.wait_for("session.update")
        running.engine.session.audio.will_hear("two loaves please")
        await speak(connection, order)
        events = await until(connection, "response.done", "error", seconds=PATIENCE)
        session: Any = running.engine.session
        assert session.session["audio"]["input"]["turn_detection"] is None
        passed = session.audio.heard_ms * BYTES_PER_MS
    events = [event for event in events if event.type != "session.created"]
    assert kinds_of(events)[:5] == [
        f"{INPUT}speech_started",
        f"{INPUT}speech_stopped",
        f"{INPUT}committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    started, stopped, committed = events[:3]
    assert len({started.item_id, stopped.item_id, committed.item_id}) == 1
    assert 200 <= started.audio_start_ms <= 650
    assert passed < len(order), "the silence around a turn is not the engine's to hear"
    assert events[-1].response.output[0].content[0].transcript == "You said: two loaves please"


async def test_an_engine_that_only_reads_is_told_what_the_caller_says_and_is_spoken_for(
    node: NodeMaker, order: bytes
) -> None:
    async with (
        node(echo, settings={"engine_hearing": "nothing"}) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await speak(connection, order)
        events = await until(connection, "response.done", "error", seconds=PATIENCE)
        assert running.engine.session.audio.heard_ms == 0
        (said,) = [item for item in running.engine.session.conversation.items if item.get("role") == "user"]
    (transcript,) = [event.transcript for event in events if event.type.endswith("transcription.completed")]
    assert "loaves" in transcript or "two" in transcript, transcript
    assert said["content"] == [{"type": "input_text", "text": transcript}]
    assert events[-1].response.output[0].content[0].transcript == f"You said: {transcript}"
    sound = b"".join(
        base64.b64decode(event.delta) for event in events if event.type == "response.output_audio.delta"
    )
    assert loudness(sound) > 300


async def test_a_caller_who_says_nothing_is_asked_for_an_engine_that_does_not_ask(node: NodeMaker) -> None:
    def ask(view: SessionView) -> Any:
        return says("Are you still there?" if "said nothing" in view.user_text else "Good evening.")

    async with (
        node(ask, settings=SOUND) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await patiently(connection)
        await say_text(connection, "hello")
        events = await until(connection, f"{INPUT}timeout_triggered", "error", seconds=PATIENCE)
        heard_ms = sum(
            len(base64.b64decode(event.delta)) // BYTES_PER_MS
            for event in events
            if event.type == "response.output_audio.delta"
        )
        idle = events[-1]
        assert idle.audio_end_ms - idle.audio_start_ms == 5000
        assert idle.audio_start_ms >= heard_ms > 0
        events = await until(connection, "response.done", "error")
    assert events[-1].response.output[0].content[0].transcript == "Are you still there?"


async def test_a_caller_who_says_nothing_is_asked_by_the_embedded_engine(database_url: str) -> None:
    async with local_service(SHOP, database_url=database_url) as service:
        client = AsyncOpenAI(
            api_key="sk-none",
            base_url=service.url.replace("ws://", "http://") + "/v1",
            websocket_base_url=f"{service.url}/v1",
            max_retries=0,
        )
        async with client, client.realtime.connect(model="counter") as connection:
            await patiently(connection)
            await say_text(connection, "hello")
            events = await until(connection, "response.done", "error", seconds=PATIENCE)
            heard = sum(
                len(base64.b64decode(event.delta))
                for event in events
                if event.type == "response.output_audio.delta"
            )
            await speak(connection, bytes(heard + 6000 * BYTES_PER_MS))
            events = await until(connection, "response.done", "error", seconds=PATIENCE)
    idle, committed = [event for event in events if event.type.startswith(INPUT)]
    assert idle.type == f"{INPUT}timeout_triggered"
    assert committed.type == f"{INPUT}committed"
    assert idle.item_id == committed.item_id
    assert events[-1].response.output[0].content[0].transcript


async def test_a_caller_who_listens_aloud_holds_a_reply_back_and_does_not_end_it(
    node: NodeMaker, listening: bytes
) -> None:
    async with (
        node(lambda _: says("One loaf, two loaves.", audio_ms=4000), settings=SOUND) as running,
        calling(running, query="?model=counter&include=orchestrator.events") as call,
    ):
        await call.write("count")
        await call.until("output_audio_buffer.started")
        call.client.microphone.say(listening)
        await call.until("orchestrator.audio.paused")
        before = sounding_ms(call)
        await call.until("orchestrator.audio.resumed")
        assert sounding_ms(call) - before <= 400, "what was on its way is heard, and no more"
        assert before < 3000
        await call.until("output_audio_buffer.stopped")
        assert sounding_ms(call) >= 3800, "all of the reply is heard"
        (live,) = running.service.services.switchboard.conversations.values()
        (reply,) = [item for item in live.machine.durable.items if item.role == "assistant"]
        assert reply.heard is None
        assert not call.of("conversation.item.truncated")
        assert not call.of(f"{INPUT}speech_started")


async def test_a_caller_who_coughs_and_says_mm_does_not_interrupt_and_one_who_speaks_does(
    node: NodeMaker, order: bytes, listening: bytes
) -> None:
    sounds = silence(600) + cough() + silence(1200) + listening
    async with (
        node(lambda _: says("One loaf, two loaves.", audio_ms=60_000), settings=SOUND) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await say_text(connection, "count")
        await until(connection, "response.done", "error")
        running.engine.session.audio.will_hear("two loaves please")
        await speak(connection, sounds + order)
        events = await until(connection, "response.done", "error", seconds=PATIENCE)
        assert len(running.engine.session.received_of("input_audio_buffer.commit")) == 1
    spoken = [event for event in events if event.type.startswith(INPUT)]
    assert [event.type for event in spoken] == [
        f"{INPUT}speech_started",
        f"{INPUT}speech_stopped",
        f"{INPUT}committed",
    ]
    assert spoken[0].audio_start_ms > len(sounds) / BYTES_PER_MS - 300


def sounding_ms(call: WebRtcCall) -> int:
    """How much sound was received that is no silence."""
    pieces = (bytes(call.client.heard[at : at + FRAME]) for at in range(0, len(call.client.heard), FRAME))
    return 20 * sum(loudness(piece) > 100 for piece in pieces)


async def patiently(connection: AsyncRealtimeConnection) -> None:
    """Have the caller asked after five seconds, the shortest there is."""
    detection: Any = {"type": "server_vad", "idle_timeout_ms": 5000}
    await connection.session.update(
        session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    )
    await until(connection, "session.updated", "error")


async def say_text(connection: AsyncRealtimeConnection, text: str) -> None:
    await write(connection, text)
    await connection.response.create()
