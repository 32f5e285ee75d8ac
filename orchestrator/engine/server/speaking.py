"""A response said aloud: the words of each message go to a voice as they come, its sound to the session."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeAlias

from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Speech, SpokenReply, TextToSpeech, Voice
from orchestrator.speech.scope import beside

TakeSpeech: TypeAlias = Callable[[Speech], Awaitable[None]]
"""Takes the next sound of the response; it waits while the client has no room."""


class Speaking:
    """Says the messages of one response, each in a reply of its own, so that word times count from its start.

    Open with `speaking`.
    """

    def __init__(self, voices: TextToSpeech, voice: Voice, take: TakeSpeech) -> None:
        self._voices = voices
        self._voice = voice
        self._take = take
        self._message = AsyncExitStack()
        self._reply: SpokenReply | None = None
        self._said = asyncio.Event()
        self._failure: SpeechError | None = None

    async def begin(self) -> None:
        """Open the voice for the next message; a remote one connects while the model still thinks."""
        if self._reply is None:
            self._said.clear()
            self._reply = await self._message.enter_async_context(self._voices.open(self._voice))
            await self._message.enter_async_context(beside(self._relay(self._reply)))

    async def say(self, text: str) -> None:
        """Add words to the message, and begin one if none is open.

        Raises:
            SpeechError: The voice failed.
        """
        await self.begin()
        if self._failure is not None:
            raise self._failure
        if self._reply is not None:
            await self._reply.feed(text)

    async def finish(self) -> None:
        """End the message, and wait until all of it was said.

        Raises:
            SpeechError: The voice failed.
        """
        if self._reply is None:
            return
        await self._reply.finish()
        await self._said.wait()
        await self.close()
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """Let go of the voice; what was not said yet is not said any more."""
        self._reply = None
        await self._message.aclose()

    async def _relay(self, reply: SpokenReply) -> None:
        try:
            async for speech in reply:
                await self._take(speech)
        except SpeechError as error:
            self._failure = error
        finally:
            self._said.set()


@asynccontextmanager
async def speaking(voices: TextToSpeech, voice: Voice, take: TakeSpeech) -> AsyncIterator[Speaking]:
    """Say one response with a voice; leaving the block stops it.

    Args:
        voices: The adapter.
        voice: How it is to sound.
        take: Takes the sound.
    """
    speaker = Speaking(voices, voice, take)
    try:
        yield speaker
    finally:
        await speaker.close()
