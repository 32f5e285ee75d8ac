"""A connection to the scripted engine without a socket: what is sent is answered before `send` returns."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from orchestrator.realtime.shortcut import Take
from orchestrator.realtime.transport import TransportClosedError
from orchestrator.testing.wire_session import HangUpFrame, WireSession


class DirectTransport:
    """The client's end of a session in the same process.

    Args:
        session: The engine's side.
        take: Gives the engine a frame.
    """

    def __init__(self, session: WireSession, take: Callable[[WireSession, str | bytes], None]) -> None:
        self._session = session
        self._take = take
        self._closed: TransportClosedError | None = None

    async def receive(self) -> str | bytes:
        """Wait for the next frame."""
        if self._closed is None:
            frame = await self._session.next_outgoing()
            if not isinstance(frame, HangUpFrame):
                return frame
            self._closed = TransportClosedError(frame.code, frame.reason)
        raise self._closed

    async def send(self, frame: str | bytes) -> None:
        """Hand over a frame; one for a connection that is over is lost, as on a network."""
        if self._closed is not None:
            raise self._closed
        if self._session.is_open:
            self._take(self._session, frame if isinstance(frame, str) else frame.decode())

    def send_now(self, frame: str | bytes) -> bool:
        """Leave it to `send`: an answer must not come while the client is still sending."""
        del frame
        return False

    def writer(self) -> None:
        """Leave it to `send`."""

    def taking(self, take: Take) -> AbstractContextManager[None]:
        """Leave all of them to `receive`."""
        del take
        return nullcontext()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Leave."""
        self._closed = self._closed or TransportClosedError(code, reason)
        self._session.client_left()
