"""The embedded engine hears and speaks, over real sockets with the embedded recogniser and voice."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest

from orchestrator.call.loading import load
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import Brain, TextDelta
from orchestrator.engine.demo.demo_brain import DemoBrain
from orchestrator.engine.embedded import EmbeddedEngine
from orchestrator.engine.faculties import Faculties
from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.speech.sphinx import SphinxRecogniser
from orchestrator.speech.vocabulary import build_vocabulary, spoken_words
from tests.engine.scripted_brain import ScriptedBrain
from tests.engine.session_probe import field, types
from tests.engine.wire_client import WireClient, connected
from tests.patience import PATIENT
from tests.speech.restaurant import word_errors
from tests.speech.speaking import heard, say, silence

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")
pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
pytestmark = pytest.mark.media

ORDER = "two large margherita pizzas and a coke please"
APPEND_MS = 100
OTHER_REPLIES = (
    "what name should i put it under",
    "i have added a small pepperoni",
    "that comes to nine dollars",
)


@dataclass
class Speech:
    """The embedded ears and voice."""

    voice: EspeakVoice
    ears: SphinxRecogniser

    def engine(self, brain: Brain | None = None) -> EmbeddedEngine:
        """An engine that has them."""
        return EmbeddedEngine(Faculties(brain or DemoBrain(), self.ears, self.voice))

    async def spoken(self, text: str) -> bytes:
        """A caller who says that, between silences that begin and end a turn."""
        return silence(400) + heard(await say(self.voice, text, Voice("echo"))) + silence(1000)

    async def understood(self, sound: bytes, *expected: str) -> str:
        """What the recogniser makes of a reply."""
        async with self.ears.open(build_vocabulary((), expected)) as transcription:
            await transcription.feed(silence(300) + sound + silence(300))
            return (await transcription.commit()).text


@pytest.fixture
async def speech() -> AsyncIterator[Speech]:
    async with (
        EspeakVoice.run(PATIENT) as voice,
        SphinxRecogniser.run(voice.pronounce, PATIENT) as ears,
    ):
        yield Speech(voice, ears)


def restaurant(**audio: JsonValue) -> JsonObject:
    """The session that the service opens for the restaurant that ships."""
    agent = load("agents", None).agents["restaurant"]
    tools: list[JsonValue] = [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        }
        for tool in agent.tools
    ]
    return {
        "type": "realtime",
        "agent": agent.name,
        "tools": tools,
        "hints": {name: list(phrases) for name, phrases in agent.hints.items()},
        "audio": {"input": {"transcription": {"model": "embedded"}, **audio}, "output": {"voice": "cedar"}},
    }


async def speak(client: WireClient, pcm: bytes) -> None:
    """Send sound faster than it could be spoken."""
    step = APPEND_MS * BYTES_PER_MS
    for at in range(0, len(pcm), step):
        await client.send("input_audio_buffer.append", audio=b64encode(pcm[at : at + step]).decode())


def said(events: list[JsonObject]) -> bytes:
    """All sound of a reply."""
    return b"".join(
        b64decode(str(event["delta"])) for event in events if event["type"] == "response.output_audio.delta"
    )


async def test_a_spoken_order_becomes_the_right_calls_and_is_answered_aloud(speech: Speech) -> None:
    async with speech.engine() as engine, connected(engine) as client:
        await client.send("session.update", session=restaurant())
        await speak(client, await speech.spoken(ORDER))
        events = await client.read_until("rate_limits.updated")
        transcript = next(e for e in events if str(e["type"]).endswith("transcription.completed"))
        assert word_errors(ORDER, str(transcript["transcript"])) == 0
        calls = [e for e in events if e["type"] == "response.function_call_arguments.done"]
        assert [(e["name"], msgspec.json.decode(str(e["arguments"]))) for e in calls] == [
            ("add_item", {"item": "margherita", "quantity": 2, "size": "large"}),
            ("add_item", {"item": "coke", "quantity": 1}),
        ]
        for call in calls:
            output: JsonObject = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
            await client.send("conversation.item.create", item=output)
        await client.send("response.create")
        reply = await client.read_until("rate_limits.updated")
    done = next(e for e in reply if e["type"] == "response.output_audio_transcript.done")
    words = " ".join(spoken_words(str(done["transcript"])))
    understood = await speech.understood(said(reply), words, *OTHER_REPLIES)
    assert word_errors(words, understood) <= 2, (words, understood)


async def test_barge_in_cancels_the_reply_and_truncation_keeps_what_was_heard(speech: Speech) -> None:
    story = "One moment please, I will read the whole menu to you now. "
    brain = ScriptedBrain([TextDelta(story), TextDelta("There is a margherita"), asyncio.Event()])
    async with speech.engine(brain) as engine, connected(engine) as client:
        await client.send("session.update", session=restaurant())
        await client.send("response.create")
        delta = (await client.read_until("response.output_audio.delta"))[-1]
        await speak(client, await speech.spoken("no thank you"))
        events = await client.read_until("response.created")
        assert "input_audio_buffer.speech_started" in types(events)
        response = field(next(e for e in events if e["type"] == "response.done"), "response")
        assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        item_id = delta["item_id"]
        await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=1200)
        await client.read_until("conversation.item.truncated")
        await client.send("conversation.item.retrieve", item_id=item_id)
        item = field((await client.read_until("conversation.item.retrieved"))[-1], "item")
        await client.read_until("response.done")
    content = item["content"]
    assert isinstance(content, list)
    assert isinstance(content[0], dict)
    kept = str(content[0]["transcript"])
    assert kept.startswith("One moment")
    assert len(kept) < len(story) / 2
