"""The naive service that the project is measured against: stock aiortc tracks, and websockets to the engine.

It is what the examples of these two libraries make: a track that the caller is heard by, resampled to the
engine's 24 kHz; a track that plays a queue; base64 in JSON both ways; a queue that is cleared when the caller
speaks. Offers come over TCP, a line of JSON each.
"""

import asyncio
import base64
import fractions
import json
import sys
import time
from contextlib import suppress
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

RATE = 24000
FRAME = RATE // 50 * 2


class AgentTrack(MediaStreamTrack):
    """What the agent says, 20 ms at a time, in real time; silence where there is nothing."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.queue = bytearray()
        self.played = 0
        self._frames = 0
        self._start = 0.0

    async def recv(self) -> av.AudioFrame:
        """Return the next frame when its time has come."""
        if not self._start:
            self._start = time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._frames * 0.02 - time.monotonic()))
        piece = bytes(self.queue[:FRAME])
        del self.queue[:FRAME]
        self.played += len(piece)
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME // 2)
        frame.planes[0].update(piece.ljust(FRAME, b"\0"))
        frame.sample_rate = RATE
        frame.pts = self._frames * FRAME // 2
        frame.time_base = fractions.Fraction(1, RATE)
        self._frames += 1
        return frame


class Call:
    """One caller and its engine.

    Args:
        peer: The caller's connection.
        engine: Connected.
    """

    def __init__(self, peer: RTCPeerConnection, engine: ClientConnection) -> None:
        self.track = AgentTrack()
        self._engine = engine
        self._channel: RTCDataChannel | None = None
        self._item = ""
        peer.on("track", self._heard)
        peer.on("datachannel", self._opened)
        self._tasks = {asyncio.create_task(self._read())}

    def _opened(self, channel: RTCDataChannel) -> None:
        self._channel = channel

    def _heard(self, track: MediaStreamTrack) -> None:
        self._tasks.add(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: MediaStreamTrack) -> None:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        with suppress(MediaStreamError, ConnectionClosed):
            while True:
                for frame in resampler.resample(await track.recv()):  # type: ignore[arg-type]
                    sound = base64.b64encode(bytes(frame.planes[0])[: frame.samples * 2]).decode()
                    await self._engine.send(
                        json.dumps(
                            {"type": "input_audio_buffer.append", "audio": sound}, separators=(",", ":")
                        )
                    )

    async def _read(self) -> None:
        session = {"type": "realtime", "instructions": "You take calls."}
        await self._send("session.update", session=session)
        with suppress(ConnectionClosed):
            async for frame in self._engine:
                await self._take(json.loads(frame))

    async def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "response.output_audio.delta":
            if event["item_id"] != self._item:
                self._item, self.track.played = event["item_id"], 0
            self.track.queue += base64.b64decode(event["delta"])
            return
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(json.dumps(event))
        if kind == "input_audio_buffer.speech_started" and self.track.queue:
            self.track.queue.clear()
            played = self.track.played * 1000 // (RATE * 2)
            await self._send(
                "conversation.item.truncate", item_id=self._item, content_index=0, audio_end_ms=played
            )
        elif kind == "response.output_item.done" and event["item"]["type"] == "function_call":
            output = {"type": "function_call_output", "call_id": event["item"]["call_id"], "output": "{}"}
            await self._send("conversation.item.create", item=output)
            await self._send("session.update", session={"type": "realtime", "instructions": "SECOND"})
            await self._send("response.create")

    async def _send(self, kind: str, **fields: Any) -> None:
        await self._engine.send(json.dumps({"type": kind, **fields}))


class Baseline:
    """Answers offers.

    Args:
        engine: Its URL.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._calls: list[tuple[RTCPeerConnection, Call]] = []

    async def signal(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one offer."""
        asked = json.loads(await reader.readline())
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        engine = await connect(self._engine, compression=None, max_size=None, proxy=None)
        call = Call(peer, engine)
        self._calls.append((peer, call))
        await peer.setRemoteDescription(RTCSessionDescription(asked["sdp"], "offer"))
        peer.addTrack(call.track)
        await peer.setLocalDescription(await peer.createAnswer())
        writer.write(json.dumps({"sdp": peer.localDescription.sdp}).encode() + b"\n")
        await writer.drain()
        writer.close()


async def main() -> None:
    """Serve on a free port, told on standard output."""
    baseline = Baseline(sys.argv[1])
    server = await asyncio.start_server(baseline.signal, "127.0.0.1", 0, limit=1 << 20)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
