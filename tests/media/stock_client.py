"""A caller made of stock aiortc, as a browser would be: speaks, listens, uses the event channel."""

import asyncio
import fractions
from typing import Any, Self

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from tests.media.signals import Signals

FRAME = 0.02
RATE = 24000


class Microphone(MediaStreamTrack):
    """Plays 24 kHz PCM once, then silence, in real time."""

    kind = "audio"

    def __init__(self, pcm: bytes = b"") -> None:
        super().__init__()
        self._pcm = pcm
        self._frames = 0
        self._start: float | None = None

    def say(self, pcm: bytes) -> None:
        """Play this from now on."""
        self._pcm = self._pcm[: self._frames * 960].ljust(self._frames * 960, b"\0") + pcm

    async def recv(self) -> av.AudioFrame:
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        await asyncio.sleep(max(0.0, self._start + self._frames * FRAME - now))
        piece = self._pcm[self._frames * 960 : self._frames * 960 + 960].ljust(960, b"\0")
        frame = av.AudioFrame(format="s16", layout="mono", samples=480)
        frame.planes[0].update(piece)
        frame.sample_rate, frame.pts = RATE, self._frames * 480
        frame.time_base = fractions.Fraction(1, RATE)
        self._frames += 1
        return frame


class StockClient:
    """One caller.

    Args:
        pcm: What it says, at 24 kHz.
        audio: Whether it has a microphone and a speaker.
        channel: The label of its data channel; empty for none.
        codec: Such as `audio/PCMU`, to offer that one alone.
    """

    def __init__(
        self, pcm: bytes = b"", *, audio: bool = True, channel: str = "oai-events", codec: str = ""
    ) -> None:
        self.signals = Signals()
        self.events: list[str | bytes] = []
        self.heard = bytearray()
        self.frames = 0
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel: RTCDataChannel | None = None
        self._listening: asyncio.Task[None] | None = None
        if audio:
            self._add_audio(pcm, codec)
        if channel:
            self.channel = self.peer.createDataChannel(channel)
            self.channel.on("open", self.signals.poke)
            self.channel.on("close", self.signals.poke)
            self.channel.on("message", self._event)
        self.peer.on("connectionstatechange", self.signals.poke)
        self.peer.on("track", self._track)

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return str(self.peer.localDescription.sdp)

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def connected(self) -> None:
        await self.signals.until(lambda: self.peer.connectionState == "connected")

    async def channel_open(self) -> RTCDataChannel:
        channel = self.channel
        assert channel is not None
        await self.signals.until(lambda: channel.readyState == "open")
        return channel

    async def close(self) -> None:
        await self.peer.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def dtls(self) -> Any:
        """The transport of the bundle."""
        transceivers = self.peer.getTransceivers()
        if transceivers:
            return transceivers[0].receiver.transport
        assert self.peer.sctp is not None
        return self.peer.sctp.transport

    def _add_audio(self, pcm: bytes, codec: str) -> None:
        self.microphone = Microphone(pcm)
        transceiver = self.peer.addTransceiver(self.microphone, "sendrecv")
        if codec:
            known = RTCRtpSender.getCapabilities("audio").codecs
            transceiver.setCodecPreferences([each for each in known if each.mimeType == codec])

    def _event(self, message: str | bytes) -> None:
        self.events.append(message)
        self.signals.poke()

    def _track(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.ensure_future(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, av.AudioFrame)
            self.heard += _mono_24k(frame)
            self.frames += 1
            self.signals.poke()


def _mono_24k(frame: av.AudioFrame) -> bytes:
    """The left channel at 24 kHz: crude, and enough for tones below 4 kHz."""
    samples = frame.to_ndarray().ravel()
    step = len(frame.layout.channels) * frame.sample_rate // RATE
    if step:
        return bytes(samples[::step].tobytes())
    return bytes(samples.repeat(3).tobytes())
