"""What carries frames to an engine and back, and how a WebSocket is opened.

The rest of the package knows `Transport` alone; `orchestrator.realtime.memory` has one without sockets.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Final, Protocol

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException
from websockets.protocol import Side, State

from orchestrator.core.errors import EngineError, EngineLostError
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.direct_connection import DirectConnection
from orchestrator.realtime.failures import Failure, handshake_refused
from orchestrator.realtime.framing import text_frame
from orchestrator.realtime.shortcut import Take

LONGEST_REASON: Final = 123
"""Bytes of the reason in a close frame (RFC 6455, section 5.5)."""

# The library logs headers, our key among them, and every frame at DEBUG, whatever level the root logger has.
_log: Final = logging.getLogger(__name__)
_log.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Deadlines in seconds and sizes in bytes of one connection.

    Attributes:
        open_seconds: From the start until the session is configured, retries included.
        connect_seconds: For one handshake.
        write_seconds: For the network to take one frame.
        close_seconds: For the closing handshake.
        ping_seconds: Between keep-alive pings, and for the answer to one.
        first_backoff_seconds, longest_backoff_seconds: Between handshakes.
        largest_frame: Of incoming frames.
        outbox_frames, outbox_bytes: What may wait to be sent.
    """

    open_seconds: float = 10.0
    connect_seconds: float = 5.0
    write_seconds: float = 10.0
    close_seconds: float = 1.0
    ping_seconds: float = 20.0
    first_backoff_seconds: float = 0.1
    longest_backoff_seconds: float = 2.0
    largest_frame: int = 64 * 1024 * 1024
    outbox_frames: int = 20_000
    outbox_bytes: int = 64 * 1024 * 1024


class TransportClosedError(EngineLostError):
    """The other side closed the connection, or it broke.

    Args:
        close_code: Of the close frame, None without one.
        reason: Of the close frame.
    """

    def __init__(self, close_code: int | None, reason: str) -> None:
        super().__init__(f"The connection was closed with code {close_code or 1006} {reason}".rstrip())
        self.close_code = close_code
        self.reason = reason


class DialError(EngineError):
    """The engine could not be reached, or refused the handshake; `failure` says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Transport(Protocol):
    """One open connection. `receive` is called by one task, `send` by one other."""

    async def receive(self) -> str | bytes:
        """Wait for the next frame; raises `TransportClosedError` when there will be none."""

    async def send(self, frame: str | bytes) -> None:
        """Hand over a frame, waiting while too many are under way; raises `TransportClosedError`."""

    def send_now(self, frame: str | bytes) -> bool:
        """Hand over a frame without waiting; False, and nothing was done, where `send` is to be used."""

    def writer(self) -> Callable[[bytes], None] | None:
        """What takes a frame that is masked already, right now; None where `send` is to be used."""

    def taking(self, take: Take) -> AbstractContextManager[None]:
        """Have text frames taken as they come; those that are not still come by `receive`."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in an orderly way, within the connection's limits; closing twice is harmless."""


Dial = Callable[[EngineEndpoint, str | None, ConnectionLimits], Awaitable[Transport]]
"""Opens a connection for a model, once, within `connect_seconds`; raises `DialError`."""


class WebSocketTransport:
    """A WebSocket of either side as a transport.

    Args:
        connection: Open, of the `websockets` library.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._protocol = connection.protocol
        self._is_client = connection.protocol.side is Side.CLIENT
        self._receiving = False

    async def receive(self) -> str | bytes:
        """Wait for the next frame."""
        self._receiving = True
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            if isinstance(self._connection, DirectConnection) and self._connection.failure is not None:
                raise self._connection.failure from None
            raise _closed(closed) from None
        finally:
            self._receiving = False

    def taking(self, take: Take) -> AbstractContextManager[None]:
        """Have text frames taken as they come, where the connection can; the others come by `receive`."""
        direct = self._connection
        return direct.shortcut.taking(take) if isinstance(direct, DirectConnection) else nullcontext()

    async def send(self, frame: str | bytes) -> None:
        """Send a text frame."""
        try:
            await self._connection.send(frame, text=True)
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    def send_now(self, frame: str | bytes) -> bool:
        """Send a text frame past the library's flow control, which costs more than the frame itself.

        Only while everything that was written before has left, so that nothing piles up. Nothing is
        compressed: no extension is ever negotiated.
        """
        if not self._is_free:
            return False
        self._connection.transport.write(text_frame(frame, masked=self._is_client))
        return True

    def writer(self) -> Callable[[bytes], None] | None:
        """What writes a frame of the client's side, with the reservations of `send_now`."""
        return self._connection.transport.write if self._is_client and self._is_free else None

    @property
    def _is_free(self) -> bool:
        """Whether the connection is open, and everything that was written before has left."""
        return self._protocol.state is State.OPEN and not self._connection.transport.get_write_buffer_size()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close; the library gives up on a silent peer after its `close_timeout`."""
        shown = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
        try:
            async with asyncio.TaskGroup() as group:
                discarding = group.create_task(self._discard())
                await self._connection.close(code, shown)
                discarding.cancel()
        except asyncio.CancelledError:
            self.abort()
            raise

    async def _discard(self) -> None:
        """Make room for the peer's close frame, behind whatever it was sending."""
        with suppress(ConnectionClosed):
            while not self._receiving:
                await self._connection.recv()

    def abort(self) -> None:
        """Break the connection without a word, as a failing network would."""
        self._connection.transport.abort()


def _closed(closed: ConnectionClosed) -> TransportClosedError:
    # What we sent counts where nothing came back: the library's own closes (frame too large, no pong).
    frame = closed.rcvd or closed.sent
    return TransportClosedError(frame.code, frame.reason) if frame else TransportClosedError(None, "")


class _Connect(connect):
    """Follows no redirects: they would carry the key, in a header of any name, to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def dial_websocket(
    endpoint: EngineEndpoint, model: str | None, limits: ConnectionLimits
) -> WebSocketTransport:
    """Open a WebSocket to an engine (section 2.1). Certificates are checked as the platform does.

    Raises:
        DialError: It could not be reached in time, or refused.
    """
    try:
        connection = await _Connect(
            endpoint.websocket_url(model),
            additional_headers=endpoint.headers(),
            compression=None,
            create_connection=DirectConnection,
            user_agent_header="orchestrator",
            # An engine on this machine is reached directly, whatever proxy the environment names.
            proxy=None if endpoint.is_loopback else True,
            open_timeout=limits.connect_seconds,
            ping_interval=limits.ping_seconds,
            ping_timeout=limits.ping_seconds,
            close_timeout=limits.close_seconds,
            max_size=limits.largest_frame,
            logger=_log,
        )
    except (OSError, WebSocketException) as error:
        raise DialError(_dial_failure(error, endpoint)) from None
    return WebSocketTransport(connection)


def _dial_failure(error: Exception, endpoint: EngineEndpoint) -> Failure:
    where = endpoint.shown_url
    if isinstance(error, InvalidStatus):
        failure = handshake_refused(error.response.status_code, bytes(error.response.body or b""))
        message = endpoint.redact(failure.message)
        return Failure(failure.code, message, failure.retryable, failure.transient)
    if isinstance(error, TimeoutError):
        message = f"The engine at {where} did not answer the handshake in time."
        return Failure("engine_timeout", message, retryable=True, transient=True)
    if isinstance(error, ssl.SSLCertVerificationError | InvalidURI):
        return Failure("engine_refused", f"The engine at {where} cannot be trusted: {error}", retryable=False)
    message = f"The engine at {where} cannot be reached: {type(error).__name__}."
    return Failure("engine_lost", message, retryable=True, transient=True)
