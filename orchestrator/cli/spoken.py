"""The caller's voice in a call from a terminal: the embedded one speaks what is written."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from orchestrator.speech.deadlines import OWN_PROCESS
from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import Voice

VOICE: Final = "echo"
"""Unlike the one that agents have who name none."""

Speak = Callable[[str], Awaitable[bytes]]


@asynccontextmanager
async def speaking() -> AsyncIterator[Speak]:
    """Keep the voice ready; what it is given it speaks, as PCM at 24 kHz."""
    async with EspeakVoice.run(OWN_PROCESS) as espeak:

        async def speak(text: str) -> bytes:
            async with espeak.open(Voice(VOICE)) as reply:
                await reply.feed(text)
                await reply.finish()
                return b"".join([piece.pcm async for piece in reply])

        yield speak
