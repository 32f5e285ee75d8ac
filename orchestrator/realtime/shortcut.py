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

from orchestrator.realtime.framing import leading_text

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

    def take_from(self, data: bytes) -> bytes:
        """Take the whole text messages that some data begins with.

        Args:
            data: As it was read.

        Returns:
            What the library is to have: all of it, where it is in the middle of a message.
        """
        take, begin = self._take, 0
        most = self._protocol.max_message_size
        while (
            self._between_messages and self._take is take is not None and self._protocol.state is State.OPEN
        ):
            found = leading_text(data, begin, masked=self._masked)
            if found is None or (most is not None and found[1] - begin > most):
                break
            text, begin = found
            self._hand_over(text, take)
        return data[begin:]

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
