"""A sender on a loop whose time the test moves, and what left it."""

import itertools
from collections import deque

from orchestrator.media.fast_path import SendNext
from orchestrator.media.opus import OpusDecoder
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.send import Sender
from orchestrator.media.ticker import Ticker
from orchestrator.media.wire import AudioFormat, SoundEncoder, WireCodec
from tests.media.fake_loop import FakeLoop


class Line:
    """A sender on a loop whose time the test moves, and what left it.

    Args:
        codec: On the wire.
        audio_format: Of the engine.
        lends: Whether frames may be lent, as they may where the fast path was compiled.
    """

    def __init__(
        self,
        codec: WireCodec = WireCodec.PCMU,
        audio_format: AudioFormat = AudioFormat.PCMU,
        *,
        lends: bool = True,
    ) -> None:
        self.lends = lends
        self.sent_of_loans = 0
        self._lent: deque[tuple[SoundEncoder, bytes, int, int, int]] = deque()
        self._octets = 0
        self.loop = FakeLoop()
        self.packets: list[tuple[float, RtpPacket]] = []
        self.happened: list[tuple[str, str]] = []
        self.ticker = Ticker(self.loop.as_loop())
        self.errors: list[Exception] = []
        self.paced: list[tuple[float, int, int]] = []
        self.sender = Sender(
            self.ticker,
            codec,
            0,
            audio_format,
            ssrc=7,
            sequence=0xFFFE,
            timestamp=0xFFFFFF00,
            outlet=self,
            on_paced=lambda left_ms, in_ms: self.paced.append((self.loop.time(), left_ms, in_ms)),
            on_started=lambda item_id: self.happened.append(("started", item_id)),
            on_ended=lambda item_id: self.happened.append(("ended", item_id)),
            on_failed=self.errors.append,
        )

    def send_sound(
        self, encoder: SoundEncoder | None, sound: bytes, second: int, sequence: int, timestamp: int
    ) -> int:
        payload = sound if encoder is None else encoder.encode(sound)
        packet = RtpPacket(second & 0x7F, second > 0x7F, sequence, timestamp, 7, payload)
        self.packets.append((self.loop.time(), packet))
        return len(payload)

    def lend_sound(
        self, encoder: SoundEncoder, sound: bytes, second: int, sequence: int, timestamp: int, units: int
    ) -> SendNext | None:
        self._lent.clear()
        self._octets = 0
        for number in range(len(sound) // encoder.frame_bytes if self.lends else 0):
            frame = sound[number * encoder.frame_bytes :][: encoder.frame_bytes]
            sequence, timestamp = (sequence + 1) & 0xFFFF, (timestamp + units) & 0xFFFFFFFF
            self._lent.append((encoder, frame, second, sequence, timestamp))
        return self._send_next if self.lends else None

    def _send_next(self) -> int:
        self.sent_of_loans += 1
        size = self.send_sound(*self._lent.popleft())
        self._octets += size
        return size

    def settle(self, frames: int) -> int:
        del frames
        return self._octets

    def said(self) -> bytes:
        return b"".join(packet.payload for _, packet in self.packets)

    def heard(self) -> bytes:
        with OpusDecoder() as decoder:
            return b"".join(decoder.decode(packet.payload) for _, packet in self.packets)

    def intervals(self) -> list[float]:
        times = [time for time, _ in self.packets]
        return [b - a for a, b in itertools.pairwise(times)]


def sound(milliseconds: int, mark: bytes = b"a") -> bytes:
    return mark * (8 * milliseconds)
