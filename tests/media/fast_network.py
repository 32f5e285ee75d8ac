"""The fast path between two sockets on loopback, and beside it what hears the same in Python alone."""

import socket

import pylibsrtp

from orchestrator.media import rtp
from orchestrator.media.fast_path import Address, FastPort, InboundPath, OutboundPath
from orchestrator.media.handlers import Forwarding
from orchestrator.media.opus import EncoderMode, OpusEncoder
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.srtp import ProtectedStream
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.ear import Ear
from tests.media.sound import frames, speech

KEY = bytes(range(30))
SSRC = 7
FRAME = 0.02
COUNT = 60


def encoded() -> list[bytes]:
    with OpusEncoder(mode=EncoderMode.LOW_DELAY) as encoder:
        return [encoder.encode(frame) for frame in frames(speech(COUNT * FRAME))]


PACKETS = encoded()


def keys(direction: int = pylibsrtp.Policy.SSRC_ANY_INBOUND) -> ProtectedStream:
    return ProtectedStream(pylibsrtp.Session(pylibsrtp.Policy(key=KEY, ssrc_type=direction)))


def sealed(
    number: int, payload: bytes, *, payload_type: int = 96, marker: bool = False, leap: int = 0
) -> bytes:
    """What a client sends: packet `number`, protected."""
    packet = RtpPacket(payload_type, marker, number & 0xFFFF, number * 960 + leap, SSRC, payload)
    protected = keys(pylibsrtp.Policy.SSRC_ANY_OUTBOUND).protect(rtp.build(packet))
    assert protected is not None
    return protected


class SlowEar(Ear):
    """What hears one client's datagrams, all of them in Python."""

    def __init__(
        self,
        codec: WireCodec = WireCodec.OPUS,
        audio_format: AudioFormat = AudioFormat.PCM,
        forwarding: Forwarding | None = None,
    ) -> None:
        super().__init__(codec, audio_format, forwarding)
        self.refused = 0
        self.keys = keys()

    def take(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            plain = self.keys.unprotect(datagram) if len(datagram) > 12 else None
            if plain is None:
                self.refused += 1
            else:
                self.opened(plain, self.loop.time())

    def opened(self, plain: bytes, now: float) -> None:
        packet = rtp.parse(plain)
        assert packet is not None
        self.inbound.packet(packet, now)

    def measured(self) -> object:
        reception = self.inbound.reception
        return self.inbound.buffer.counts, reception.jitter_ms, reception.report(self.loop.time())


class FastEar(SlowEar):
    """The same, by the fast path; `left` are the datagrams that it left to Python."""

    def __init__(
        self,
        port: FastPort,
        client: socket.socket,
        target: Address,
        codec: WireCodec = WireCodec.OPUS,
        audio_format: AudioFormat = AudioFormat.PCM,
        forwarding: Forwarding | None = None,
    ) -> None:
        super().__init__(codec, audio_format, forwarding)
        self.left: list[bytes] = []
        self._port, self._client, self._target = port, client, target
        self.path = InboundPath(port, self.keys, self.inbound, self.opened)
        self.path.comes_from(client.getsockname())

    def take(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self._client.sendto(datagram, self._target)
        count, left = self._port.receive(self.loop.time())
        assert count == len(datagrams)
        assert {source for _, source in left} <= {self._client.getsockname()}
        self.left += [data for data, _ in left]
        super().take(*[data for data, _ in left])


class Network:
    """A port, and a client's socket, on loopback."""

    def __init__(self, family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> None:
        self.server = socket.socket(family, socket.SOCK_DGRAM)
        self.server.bind((host, 0))
        self.client = socket.socket(family, socket.SOCK_DGRAM)
        self.client.bind((host, 0))
        self.target: Address = self.server.getsockname()[:2]
        port = FastPort.of(self.server)
        assert port is not None, "fast_path.c was not compiled: install a C compiler, and the package anew"
        self.port = port

    def ear(
        self,
        codec: WireCodec = WireCodec.OPUS,
        audio_format: AudioFormat = AudioFormat.PCM,
        forwarding: Forwarding | None = None,
    ) -> FastEar:
        return FastEar(self.port, self.client, self.target, codec, audio_format, forwarding)

    def outbound(self) -> OutboundPath:
        return self.port.outbound(keys(pylibsrtp.Policy.SSRC_ANY_OUTBOUND), SSRC)

    def received(self) -> RtpPacket:
        plain = keys().unprotect(self.client.recv(2000))
        packet = None if plain is None else rtp.parse(plain)
        assert packet is not None
        return packet

    def close(self) -> None:
        self.server.close()
        self.client.close()
