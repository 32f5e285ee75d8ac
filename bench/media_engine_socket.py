"""A connection of the benchmark's engine, which must cost little beside the server that is measured.

The caller's sound is heard where it is read, and what the engine says is written at once: the library's
queue, its locks and the waking of a task cost more than all that the engine does with either.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State
from websockets.server import ServerProtocol

from orchestrator.realtime.framing import text_frame
from orchestrator.realtime.shortcut import Shortcut

APPEND: Final = '{"type":"input_audio_buffer.append"'


class EngineSocket(ServerConnection):
    """A WebSocket whose pieces of the caller's sound go straight to whom they are for.

    Args:
        protocol, server, options: As for any connection of the library's.
    """

    def __init__(self, protocol: ServerProtocol, server: Server, **options: Any) -> None:
        super().__init__(protocol, server, **options)
        self._shortcut = Shortcut(protocol, self._fail)

    def hearing(self, hear: Callable[[str], None]) -> AbstractContextManager[None]:
        """Have appends given to `hear`; all else is still received in the usual way."""

        def take(text: str) -> None:
            if text.startswith(APPEND):
                hear(text)
            else:
                super(EngineSocket, self).process_event(Frame(Opcode.TEXT, text.encode()))

        return self._shortcut.taking(take)

    async def say(self, message: bytes) -> None:
        """Send a text message: at once, unless what was sent before has not left yet."""
        if self.state is State.OPEN and not self.transport.get_write_buffer_size():
            self.transport.write(text_frame(message.decode(), masked=False))
        else:
            await self.send(message, text=True)

    def data_received(self, data: bytes) -> None:
        """Take in what was read."""
        rest = self._shortcut.take_from(data)
        if rest:
            super().data_received(rest)
            self._shortcut.observe()

    def process_event(self, event: Event) -> None:
        """Take in a frame, or the request of the handshake."""
        if not isinstance(event, Frame) or not self._shortcut.takes_frame(event):
            super().process_event(event)

    def _fail(self, error: Exception) -> None:
        self.loop.call_exception_handler({"message": "An append was not understood.", "exception": error})
        self.transport.abort()
