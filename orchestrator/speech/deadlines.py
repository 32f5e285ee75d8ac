"""Bounds on every wait for a provider or a worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

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


OWN_PROCESS: Final = Deadlines(connect=30.0)
"""For workers on this machine: how soon one starts is up to how busy the machine is."""


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


class Patience:
    """A deadline that is set anew as things happen. Use it around the waiting, once.

    Args:
        what: What is waited for, for the message.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._timeout = asyncio.Timeout(None)
        self._seconds = 0.0

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise SpeechTimeoutError(f"{self._what} did not come within {self._seconds:g} s.") from None

    def wait(self, seconds: float) -> None:
        """From now on, no longer than this."""
        self._seconds = seconds
        self._timeout.reschedule(asyncio.get_running_loop().time() + seconds)

    def rest(self) -> None:
        """From now on, as long as it takes: nothing is owed."""
        self._timeout.reschedule(None)
