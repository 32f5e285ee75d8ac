"""A caller's microphone and ear: sound of a client that places a call, sent in real time."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from orchestrator.media.caller import CallerEvents, MediaCaller
from orchestrator.media.inbound import InboundAudio
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.ticker import FRAME
from orchestrator.media.wire import AudioFormat, WireCodec, make_encoder

_FORMAT: Final = AudioFormat.PCM
_FRAME_MS: Final = round(FRAME * 1000)
_FRAME_BYTES: Final = _FRAME_MS * _FORMAT.bytes_per_ms

_logger = logging.getLogger(__name__)


class Handset:
    """Sound in and out of one call, PCM at 24 kHz.

    Args:
        on_event: Called with each event of the service.
        on_closed: Called when the connection is over.
        on_sound: Called with what is heard, and its position: milliseconds since the first of it. What the
            service did not send, because it was silent, positions leap over.

    Attributes:
        caller: The connection; `offer`, `accept`, `connected` and `close` are its.
    """

    def __init__(
        self,
        on_event: Callable[[str], None],
        on_closed: Callable[[], None],
        on_sound: Callable[[bytes, int], None],
    ) -> None:
        self.caller = MediaCaller(CallerEvents(self._packet, on_event, on_closed))
        self._on_sound = on_sound
        self._inbound: InboundAudio | None = None
        self._unsaid = bytearray()
        self._silent = asyncio.Event()
        self._silent.set()

    def say(self, sound: bytes) -> None:
        """Speak, after what is being said."""
        self._unsaid += sound
        if self._unsaid:
            self._silent.clear()

    async def silent(self) -> None:
        """Wait until everything was said."""
        await self._silent.wait()

    async def talk(self) -> None:
        """Send a frame every 20 ms, silence too, as a microphone does; until cancelled."""
        loop = asyncio.get_running_loop()
        encoder = make_encoder(WireCodec.OPUS, _FORMAT, error_correction=True)
        due = loop.time()
        try:
            while True:
                self.caller.send_packet(encoder.encode(self._next_frame()))
                due = max(due + FRAME, loop.time() - FRAME)  # late ones are not made up for in a burst
                await asyncio.sleep(due - loop.time())
        finally:
            encoder.close()
            if self._inbound is not None:
                self._inbound.close()

    def _next_frame(self) -> bytes:
        frame = bytes(self._unsaid[:_FRAME_BYTES])
        del self._unsaid[:_FRAME_BYTES]
        if not self._unsaid:
            self._silent.set()
        return frame

    def _packet(self, packet: RtpPacket, now: float) -> None:
        if self._inbound is None:
            self._inbound = InboundAudio(
                asyncio.get_running_loop(),
                WireCodec.OPUS,
                packet.payload_type,
                _FORMAT,
                self._on_sound,
                _failed,
            )
        self._inbound.packet(packet, now)


def _failed(error: Exception) -> None:
    _logger.error("What the service sent could not be heard", exc_info=error)
