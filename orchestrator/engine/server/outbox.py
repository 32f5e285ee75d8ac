"""Frames on their way to one client: ordered, bounded, closable."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.codec import encode


class Outbox:
    """The only way to the socket, so that events leave in the order in which they happened.

    `push` never waits; whoever made the events then waits for `room`, so a client that reads slowly slows
    down its own session and no other. A wait for room ends when the writer, which has the deadline, sends or
    gives up.

    Args:
        high_water: Frames that may wait before producers must.
    """

    def __init__(self, high_water: int) -> None:
        self._high_water = high_water
        self._waiting: deque[str] = deque()
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, events: Iterable[JsonObject]) -> None:
        """Add events; after `close` they are dropped."""
        if self._closed:
            return
        self._waiting.extend(encode(event) for event in events)
        self._settle()

    async def room(self) -> None:
        """Wait until fewer than `high_water` frames wait, or the outbox is closed."""
        await self._room.wait()

    def close(self) -> None:
        """Take nothing more; `frames` still hands over what waits."""
        self._closed = True
        self._settle()

    async def frames(self) -> AsyncGenerator[str, None]:
        """Hand over frames until the outbox is closed and empty; one consumer only."""
        while True:
            while self._waiting:
                frame = self._waiting.popleft()
                self._settle()
                yield frame
            if self._closed:
                return
            await self._something.wait()

    def _settle(self) -> None:
        full = len(self._waiting) >= self._high_water and not self._closed
        (self._room.clear if full else self._room.set)()
        ready = self._waiting or self._closed
        (self._something.set if ready else self._something.clear)()
