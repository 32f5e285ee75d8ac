"""Callers who speak, to engines that find no turns or only read: the embedded voice, our own hearing."""

import asyncio
import base64
from typing import Any

import pytest
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.testing.turns import SessionView, says
from tests.end_to_end.conftest import NodeMaker
from tests.end_to_end.sdk_talk import kinds_of, until
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
