"""Text messages of a WebSocket on the short way: from where they are read straight to whom they are for.

On the long way the `websockets` library takes a frame apart in nine steps and puts it into a queue, and a
task is woken for it. Sound comes fifty times a second: that costs more than all that is done with it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import GeneratorType
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State
from websockets.streams import StreamReader

from orchestrator.realtime.framing import whole_text

Take = Callable[[str], None]

_WAITS_FOR_A_FRAME: Final = StreamReader.at_eof.__code__


class Shortcut:
    """Beside the library's protocol object of one connection, which reads whatever is not taken here.

    Args:
        protocol: That object.
        on_failure: Told what the taker of a message raised; nothing more is taken then.
    """

    def __init__(self, protocol: Protocol, on_failure: Callable[[Exception], None]) -> None:
        self._protocol = protocol
        self._masked = protocol.side is Side.SERVER
        self._on_failure = on_failure
        self._between_messages = False
        self._take: Take | None = None

    @contextmanager
    def taking(self, take: Take) -> Iterator[None]:
        """Have messages taken.

        Args:
            take: Called on the event loop; it must not block.
        """
        self._take = take
        try:
            yield
        finally:
            self._take = None

    def takes(self, data: bytes) -> bool:
        """Take what was read, where it is one whole text message; False where the library is to have it.

        Args:
            data: As it was read.
        """
        take = self._take
        if take is None or not self._between_messages or self._protocol.state is not State.OPEN:
            return False
        most = self._protocol.max_message_size
        if most is not None and len(data) > most:
            return False
        text = whole_text(data, masked=self._masked)
        return text is not None and self._hand_over(text, take)

    def observe(self) -> None:
        """Find out where the library stands, after it was given something to read."""
        waiting: object = self._protocol.parser
        while isinstance(waiting, GeneratorType) and waiting.gi_yieldfrom is not None:
            waiting = waiting.gi_yieldfrom
        between = isinstance(waiting, GeneratorType) and waiting.gi_code is _WAITS_FOR_A_FRAME
        self._between_messages = between and self._protocol.current_size is None

    def takes_frame(self, frame: Frame) -> bool:
        """Take a frame that the library read, where it is a whole text message."""
        take = self._take
        if take is None or frame.opcode is not Opcode.TEXT or not frame.fin:
            return False
        try:
            text = bytes(frame.data).decode()
        except UnicodeDecodeError:
            return False
        return self._hand_over(text, take)

    def _hand_over(self, text: str, take: Take) -> bool:
        try:
            take(text)
        except Exception as error:  # noqa: BLE001 - told to whoever waits for messages
            self._take = None
            self._on_failure(error)
        return True
