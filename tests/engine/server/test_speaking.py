import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from orchestrator.engine.server.speaking import speaking
from orchestrator.speech.clauses import Clause
from orchestrator.speech.clausewise import Clausewise
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Speech, SpokenReply, Voice
from orchestrator.speech.reply import open_reply
from orchestrator.speech.tone import ToneVoice
from tests.patience import PATIENCE
from tests.speech.speaking import heard, timed

pytestmark = pytest.mark.unit


class Listener:
    """Takes sound, and can be waited for."""

    def __init__(self) -> None:
        self.pieces: list[Speech] = []
        self.first = asyncio.Event()

    async def take(self, speech: Speech) -> None:
        self.pieces.append(speech)
        self.first.set()


class HoarseVoice(ToneVoice):
    """Fails in the middle of every reply."""

    @asynccontextmanager
    async def open(self, voice: Voice) -> AsyncIterator[SpokenReply]:
        async def synthesise(_clause: Clause) -> AsyncGenerator[Speech, None]:
            yield Speech(bytes(48))
            raise SpeechError("The voice is hoarse.")

        speaker = Clausewise(synthesise, Deadlines(), estimate=False)
        async with open_reply(speaker.speak, voice.language) as reply:
            yield reply


async def test_the_first_clause_sounds_before_the_reply_is_complete() -> None:
    listener = Listener()
    async with asyncio.timeout(PATIENCE), speaking(ToneVoice(), Voice(), listener.take) as speaker:
        await speaker.say("Hello there Ada, this is the pizzeria. What")
        await listener.first.wait()
        await speaker.say(" would you like?")
        await speaker.finish()
    words = timed(listener.pieces)
    assert [(word.start, word.end) for word in words][-1] == (54, 59)
    assert words[-1].end_ms <= len(heard(listener.pieces)) // 48


async def test_each_message_begins_anew() -> None:
    listener = Listener()
    async with asyncio.timeout(PATIENCE), speaking(ToneVoice(), Voice(), listener.take) as speaker:
        await speaker.begin()
        await speaker.say("One.")
        await speaker.finish()
        await speaker.finish()
        await speaker.say("Two.")
        await speaker.finish()
    assert [(word.start, word.start_ms) for word in timed(listener.pieces)] == [(0, 0), (0, 0)]


async def test_nothing_to_say_makes_no_sound() -> None:
    listener = Listener()
    async with asyncio.timeout(PATIENCE), speaking(ToneVoice(), Voice(), listener.take) as speaker:
        await speaker.begin()
        await speaker.finish()
    assert listener.pieces == []


async def test_leaving_stops_the_voice() -> None:
    listener = Listener()
    async with asyncio.timeout(PATIENCE), speaking(ToneVoice(), Voice(), listener.take) as speaker:
        await speaker.say("Hello there Ada, this is the pizzeria. ")
        await listener.first.wait()
    said = len(listener.pieces)
    await asyncio.sleep(0)
    assert len(listener.pieces) == said


async def test_a_voice_that_fails_is_told_when_the_message_ends_and_when_it_goes_on() -> None:
    listener = Listener()
    async with asyncio.timeout(PATIENCE), speaking(HoarseVoice(), Voice(), listener.take) as speaker:
        await speaker.say("Hello there Ada, this is the pizzeria. ")
        with pytest.raises(SpeechError, match="hoarse"):
            await speaker.finish()
        with pytest.raises(SpeechError, match="hoarse"):
            await speaker.say("Still there?")
