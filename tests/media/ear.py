"""What hears one caller, for tests."""

from orchestrator.media.handlers import Forwarding
from orchestrator.media.inbound import InboundAudio
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.fake_loop import FakeLoop


class Ear:
    """The receiving side on a loop whose time the test moves, and what it heard."""

    def __init__(
        self,
        codec: WireCodec = WireCodec.OPUS,
        audio_format: AudioFormat = AudioFormat.PCM,
        forwarding: Forwarding | None = None,
    ) -> None:
        self.loop = FakeLoop()
        self.heard: list[tuple[float, bytes, int]] = []
        self.errors: list[Exception] = []
        self.codec = codec
        self.inbound = InboundAudio(
            self.loop.as_loop(), codec, 96, audio_format, self._hear, self.errors.append, forwarding
        )

    def _hear(self, sound: bytes, position: int) -> None:
        self.heard.append((self.loop.time(), sound, position))

    def packet(self, number: int, payload: bytes, *, payload_type: int = 96) -> None:
        units = self.codec.frame_units
        packet = RtpPacket(payload_type, False, number & 0xFFFF, number * units, 5, payload)
        self.inbound.packet(packet, self.loop.time())

    def sound(self) -> bytes:
        return b"".join(sound for _, sound, _ in self.heard)
