"""A WebSocket of the server whose text messages a handler may take as they come, and send without waiting.

ASGI puts a queue, a dictionary and the waking of a task between the socket and its handler, and the server
stops and starts reading around every message: for a call that speaks all the time that costs more than all
that is done with its sound. All else, binary messages and the end among it, goes the way of ASGI, and so does
everything under a server that was not told to serve WebSockets with this.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from orchestrator.realtime.framing import text_frame
from orchestrator.realtime.shortcut import Shortcut

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent

EXTENSION: Final = "orchestrator.direct_socket"
INTERNAL_ERROR: Final = 1011


class DirectSocket(WebSocketsSansIOProtocol):
    """What uvicorn is to serve WebSockets with.

    Attributes:
        shortcut: Of text messages, past `receive`; what their taker raises is raised there.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._failure: Exception | None = None
        self.shortcut = Shortcut(self.conn, self._fail)

    async def run_asgi(self) -> None:
        """Run the application, which finds this in its scope."""
        self.scope["extensions"][EXTENSION] = {"socket": self}
        await super().run_asgi()

    def send_now(self, message: str) -> bool:
        """Send a text message; False, and nothing was done, while it would have to wait, or for good.

        Only while everything that was sent before has left, so that nothing piles up. Nothing is compressed.
        """
        if self.conn.state is not State.OPEN or self.transport.get_write_buffer_size():
            return False
        self.transport.write(text_frame(message, masked=False))
        return True

    def data_received(self, data: bytes) -> None:
        """Take in what was read."""
        rest = self.shortcut.take_from(data) if self.queue.empty() else data
        if rest:
            super().data_received(rest)
            self.shortcut.observe()

    def handle_text(self, event: Frame) -> None:
        """Take in a frame of text."""
        if self.close_sent or not self.queue.empty() or not self.shortcut.takes_frame(event):
            super().handle_text(event)

    async def receive(self) -> "ASGIReceiveEvent":
        """Wait for what is left to ASGI."""
        message = await super().receive()
        if self._failure is not None:
            raise self._failure
        return message

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self.queue.put_nowait({"type": "websocket.disconnect", "code": INTERNAL_ERROR})


def direct_socket(scope: Mapping[str, Any]) -> DirectSocket | None:
    """The socket behind a connection; None under another server.

    Args:
        scope: Of ASGI.
    """
    found: DirectSocket | None = ((scope.get("extensions") or {}).get(EXTENSION) or {}).get("socket")
    return found
