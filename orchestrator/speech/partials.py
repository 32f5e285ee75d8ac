"""What is heard before an utterance is over, for whoever wants to know: the newest counts, none piles up."""

import asyncio
from typing import Self

from orchestrator.speech.protocol import Transcript


class Partials:
    """An asynchronous iterator of partial transcripts; a newer one takes the place of one not fetched yet."""

    def __init__(self) -> None:
        self._newest: Transcript | None = None
        self._closed = False
        self._changed = asyncio.Event()

    def add(self, transcript: Transcript) -> None:
        """Tell what is heard so far."""
        self._newest = transcript
        self._changed.set()

    def close(self) -> None:
        """End the iteration, after the newest."""
        self._closed = True
        self._changed.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Transcript:
        await self._changed.wait()
        newest, self._newest = self._newest, None
        if newest is None:
            raise StopAsyncIteration
        if not self._closed:
            self._changed.clear()
        return newest
