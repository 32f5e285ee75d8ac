"""The naive media server that the project is measured against: stock aiortc tracks, as its examples show.

Received frames are resampled to the engine's 24 kHz mono; the engine's sound goes out through a track that
paces itself. Run by `bench.media_parts`; prints its signalling port, then serves until it is ended.
"""

import asyncio
import fractions
import json
import time

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from bench.media_sound import RATE, speech

_FRAME_SAMPLES = RATE // 50
_FRAME_BYTES = _FRAME_SAMPLES * 2


class AgentTrack(MediaStreamTrack):
    """The engine's sound, 20 ms at a time, in real time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sound = speech()
        self._frames = 0
        self._start = 0.0

    async def recv(self) -> av.AudioFrame:
        """Return the next frame when its time has come."""
        if not self._start:
            self._start = time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._frames * 0.02 - time.monotonic()))
        at = self._frames * _FRAME_BYTES % len(self._sound)
        frame = av.AudioFrame(format="s16", layout="mono", samples=_FRAME_SAMPLES)
        frame.planes[0].update(self._sound[at : at + _FRAME_BYTES])
        frame.sample_rate = RATE
        frame.pts = self._frames * _FRAME_SAMPLES
        frame.time_base = fractions.Fraction(1, RATE)
        self._frames += 1
        return frame


async def listen(track: MediaStreamTrack) -> None:
    """Hand the caller's sound to the engine, as 24 kHz mono."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        for ready in resampler.resample(frame):  # type: ignore[arg-type]
            bytes(ready.planes[0])


class Baseline:
    """Answers offers that come over TCP, a line of JSON each."""

    def __init__(self) -> None:
        self._peers: set[RTCPeerConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def signal(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one offer."""
        asked = json.loads(await reader.readline())
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.add(peer)
        peer.on("track", self._listen)
        await peer.setRemoteDescription(RTCSessionDescription(asked["sdp"], "offer"))
        sender = peer.addTrack(AgentTrack())
        if asked["codec"] == "pcmu":
            wanted = [c for c in RTCRtpSender.getCapabilities("audio").codecs if c.mimeType == "audio/PCMU"]
            for transceiver in peer.getTransceivers():
                if transceiver.sender is sender:
                    transceiver.setCodecPreferences(wanted)
            await peer.setRemoteDescription(RTCSessionDescription(asked["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        writer.write(json.dumps({"sdp": peer.localDescription.sdp}).encode() + b"\n")
        await writer.drain()
        writer.close()

    def _listen(self, track: MediaStreamTrack) -> None:
        task = asyncio.ensure_future(listen(track))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def main() -> None:
    baseline = Baseline()
    server = await asyncio.start_server(baseline.signal, "127.0.0.1", 0, limit=1 << 20)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
