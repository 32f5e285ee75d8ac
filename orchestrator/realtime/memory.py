"""A connection within this process: for an engine in the same process, and for tests in virtual time."""

import asyncio
from contextlib import AbstractContextManager, nullcontext

from orchestrator.realtime.shortcut import Take
from orchestrator.realtime.transport import TransportClosedError


class MemoryTransport:
    """One end of a connection; `connected_pair` makes both.

    Args:
        incoming: What the other end sends.
        outgoing: What the other end receives.
    """

    def __init__(
        self,
        incoming: "asyncio.Queue[str | TransportClosedError]",
        outgoing: "asyncio.Queue[str | TransportClosedError]",
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._closed: TransportClosedError | None = None

    async def receive(self) -> str | bytes:
        """Wait for the next frame."""
        if self._closed is not None and self._incoming.empty():
            raise self._closed
        received = await self._incoming.get()
        if isinstance(received, TransportClosedError):
            self._closed = received
            raise received
        return received

    async def send(self, frame: str | bytes) -> None:
        """Hand a frame to the other end, never waiting."""
        if self._closed is not None:
            raise self._closed
        self._outgoing.put_nowait(frame if isinstance(frame, str) else frame.decode())

    def send_now(self, frame: str | bytes) -> bool:
        """Leave it to `send`."""
        del frame
        return False

    def writer(self) -> None:
        """Leave it to `send`."""

    def taking(self, take: Take) -> AbstractContextManager[None]:
        """Leave all of them to `receive`."""
        del take
        return nullcontext()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close both ends."""
        self._end(code, reason)

    def abort(self) -> None:
        """Break the connection without a word."""
        self._end(None, "")

    def _end(self, code: int | None, reason: str) -> None:
        if self._closed is None:
            self._closed = TransportClosedError(code, reason)
            self._incoming.put_nowait(self._closed)
            self._outgoing.put_nowait(TransportClosedError(code, reason))


def connected_pair() -> tuple[MemoryTransport, MemoryTransport]:
    """Make two ends; what one sends, the other receives."""
    there: asyncio.Queue[str | TransportClosedError] = asyncio.Queue()
    back: asyncio.Queue[str | TransportClosedError] = asyncio.Queue()
    return MemoryTransport(there, back), MemoryTransport(back, there)
