"""A WebSocket to an engine whose text messages may be taken as they come."""

from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import Event

from orchestrator.realtime.shortcut import Shortcut


class DirectConnection(ClientConnection):
    """A connection whose text messages may be taken as they come.

    Attributes:
        shortcut: Of text messages, past `recv`.
        failure: What their taker raised; the connection is broken then.
    """

    def __init__(self, protocol: ClientProtocol, **options: Any) -> None:
        super().__init__(protocol, **options)
        self.shortcut = Shortcut(protocol, self._fail)
        self.failure: Exception | None = None

    def data_received(self, data: bytes) -> None:
        """Take in what was read."""
        rest = data if self.recv_messages.frames else self.shortcut.take_from(data)
        if rest:
            super().data_received(rest)
            self.shortcut.observe()

    def process_event(self, event: Event) -> None:
        """Take in a frame, or the answer to the handshake."""
        if isinstance(event, Frame) and not self.recv_messages.frames and self.shortcut.takes_frame(event):
            return
        super().process_event(event)

    def _fail(self, error: Exception) -> None:
        self.failure = error
        self.transport.abort()
