"""Bounds on every wait for a provider or a worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from orchestrator.speech.errors import SpeechTimeoutError


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a voice or a recogniser may take.

    Attributes:
        connect: Seconds until a socket is open.
        first: Seconds to the first sound of a clause.
        next: Seconds from one piece of sound, or one message that is owed, to the next.
        final: Seconds from the end of an utterance to its final transcript.
    """

    connect: float = 5.0
    first: float = 5.0
    next: float = 5.0
    final: float = 10.0


@asynccontextmanager
async def deadline(seconds: float, what: str) -> AsyncIterator[None]:
    """Bound the block.

    Raises:
        SpeechTimeoutError: It took longer; the message says `what` was late.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise SpeechTimeoutError(f"{what} did not come within {seconds:g} s.") from None
