"""Callers who speak, to engines that find no turns or only read: the embedded voice, our own hearing."""

import asyncio
import base64
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.testing.local_service import local_service
from orchestrator.testing.turns import SessionView, says
from tests.end_to_end.conftest import SHOP, NodeMaker
from tests.end_to_end.sdk_talk import kinds_of, until, write
from tests.media.sound import loudness
from tests.speech.speaking import heard, say, silence

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")
pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
pytestmark = pytest.mark.media

GENEROUS = Deadlines(connect=120, first=60, next=60, final=120)
APPEND = 100 * BYTES_PER_MS
SPEECH_SECONDS = 60.0
"""Recognisers and voices start with the first call, on machines that do other things too."""
INPUT = "input_audio_buffer."


@pytest.fixture(scope="module")
def order() -> bytes:
    """Somebody who says "I would like two loaves of bread please", between silences."""

    async def spoken() -> bytes:
        async with EspeakVoice.run(GENEROUS) as voice:
            return heard(await say(voice, "I would like two loaves of bread please.", Voice("echo")))

    return silence(600) + asyncio.run(spoken()) + silence(1200)


async def speak(connection: AsyncRealtimeConnection, sound: bytes) -> None:
    for start in range(0, len(sound), APPEND):
        piece = base64.b64encode(sound[start : start + APPEND]).decode()
        await connection.input_audio_buffer.append(audio=piece)


def echo(view: SessionView) -> Any:
    return says(f"You said: {view.user_text}")


async def test_an_engine_that_finds_no_turns_holds_a_spoken_one(node: NodeMaker, order: bytes) -> None:
    async with (
        node(echo, settings={"engine_hearing": "sound"}) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await running.engine.wait_for("session.update")
        running.engine.session.audio.will_hear("two loaves please")
        await speak(connection, order)
        events = await until(connection, "response.done", "error", seconds=SPEECH_SECONDS)
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
        events = await until(connection, "response.done", "error", seconds=SPEECH_SECONDS)
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
        node(ask, settings={"engine_hearing": "sound"}) as running,
        running.openai.realtime.connect(model="counter") as connection,
    ):
        await patiently(connection)
        await say_text(connection, "hello")
        events = await until(connection, f"{INPUT}timeout_triggered", "error", seconds=SPEECH_SECONDS)
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
            events = await until(connection, "response.done", "error", seconds=SPEECH_SECONDS)
            heard = sum(
                len(base64.b64decode(event.delta))
                for event in events
                if event.type == "response.output_audio.delta"
            )
            await speak(connection, bytes(heard + 6000 * BYTES_PER_MS))
            events = await until(connection, "response.done", "error", seconds=SPEECH_SECONDS)
    idle, committed = [event for event in events if event.type.startswith(INPUT)]
    assert idle.type == f"{INPUT}timeout_triggered"
    assert committed.type == f"{INPUT}committed"
    assert idle.item_id == committed.item_id
    assert events[-1].response.output[0].content[0].transcript


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
