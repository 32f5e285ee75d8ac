"""A sender on a loop whose time the test moves, and what left it."""

import itertools

from orchestrator.media.opus import OpusDecoder
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.send import Sender
from orchestrator.media.ticker import Ticker
from orchestrator.media.wire import AudioFormat, SoundEncoder, WireCodec
from tests.media.fake_loop import FakeLoop


class Line:
    """A sender on a loop whose time the test moves, and what left it."""

    def __init__(
        self, codec: WireCodec = WireCodec.PCMU, audio_format: AudioFormat = AudioFormat.PCMU
    ) -> None:
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
            transmit=self._transmit,
            on_paced=lambda left_ms, in_ms: self.paced.append((self.loop.time(), left_ms, in_ms)),
            on_started=lambda item_id: self.happened.append(("started", item_id)),
            on_ended=lambda item_id: self.happened.append(("ended", item_id)),
            on_failed=self.errors.append,
        )

    def _transmit(
        self, encoder: SoundEncoder | None, sound: bytes, second: int, sequence: int, timestamp: int
    ) -> int:
        payload = sound if encoder is None else encoder.encode(sound)
        packet = RtpPacket(second & 0x7F, second > 0x7F, sequence, timestamp, 7, payload)
        self.packets.append((self.loop.time(), packet))
        return len(payload)

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
