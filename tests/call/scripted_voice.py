"""A text-to-speech that the test plays: what it is given to say is seen, sound comes when the test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestrator.speech.errors import SpeechLostError, SpeechUnavailableError
from orchestrator.speech.protocol import Speech, Voice, VoiceCapabilities, WordTime


def sound(milliseconds: int) -> bytes:
    return b"\1\0" * (24 * milliseconds)


def said(text: str, *, at: int = 0, at_ms: int = 0, ms: int = 1000) -> Speech:
    """A piece of speech that says a text, each word as long as the others."""
    words, place = [], 0
    spoken = text.split()
    for number, word in enumerate(spoken):
        start = text.index(word, place)
        place = start + len(word)
        begin, end = at_ms + ms * number // len(spoken), at_ms + ms * (number + 1) // len(spoken)
        words.append(WordTime(at + start, at + place, begin, end))
    return Speech(sound(ms), tuple(words))


class ScriptedReply:
    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.text = ""
        self.finished = asyncio.Event()
        self.closed = False
        self._pieces: asyncio.Queue[Speech | str | None] = asyncio.Queue()
        self.fed = asyncio.Event()

    def say(self, *pieces: Speech) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)

    def end(self) -> None:
        self._pieces.put_nowait(None)

    def fail(self) -> None:
        self._pieces.put_nowait("lost")

    async def feed(self, text: str) -> None:
        self.text += text
        self.fed.set()

    async def finish(self) -> None:
        self.finished.set()

    async def cancel(self) -> None:
        self.end()

    def __aiter__(self) -> AsyncIterator[Speech]:
        return self

    async def __anext__(self) -> Speech:
        piece = await self._pieces.get()
        if isinstance(piece, str):
            raise SpeechLostError("It is gone.")
        if piece is None:
            raise StopAsyncIteration
        return piece


class ScriptedVoice:
    """A `TextToSpeech` whose replies wait for the test."""

    capabilities = VoiceCapabilities(word_times="given")
    voices = ()

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.replies: list[ScriptedReply] = []
        self._opened = asyncio.Event()

    @asynccontextmanager
    async def open(self, voice: Voice) -> AsyncIterator[ScriptedReply]:
        reply = ScriptedReply(voice)
        self.replies.append(reply)
        self._opened.set()
        try:
            yield reply
        finally:
            reply.closed = True

    async def reply(self, number: int = 0) -> ScriptedReply:
        """Wait for the reply of this number to be opened."""
        while len(self.replies) <= number:
            self._opened.clear()
            await self._opened.wait()
        return self.replies[number]


class ScriptedVoices:
    """The voices of a node; the first is its own."""

    def __init__(self, *voices: ScriptedVoice) -> None:
        self._voices = {voice.name: voice for voice in voices}
        self._default = voices[0]

    def named(self, name: str | None = None) -> ScriptedVoice:
        if name is None:
            return self._default
        if name not in self._voices:
            raise SpeechUnavailableError(f"There is no {name}.")
        return self._voices[name]
