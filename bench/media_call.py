"""One call of the load: replays packets, stamps what comes."""

import asyncio
import json
import random
import time
from typing import Any

import httpx
import numpy as np

from bench.media_arrivals import STAMPED, Arrivals
from bench.media_pump import PHASES
from bench.media_sound import LOUD, pulse
from orchestrator.media import rtp
from orchestrator.media.caller import CallerEvents, MediaCaller
from orchestrator.media.g711 import Law, decode
from orchestrator.media.opus import OpusDecoder
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.wire import WireCodec

CONNECT_SECONDS = 10.0
_COMPONENT = 1

ROUNDS = 5
"""From one look at the socket to the next, while nothing is watched for: reading many costs little more."""


class LoadCall:
    """One call.

    Args:
        number: Of the run.
        payloads: Encoded frames of 20 ms, replayed in a circle.
        codec: `opus` or `pcmu`.
        loss: Share of the packets that are lost on the way to the server.

    Attributes:
        arrivals: Times of received packets, while nothing is watched for.
        loud: Times of received packets that are no silence, while something is.
        setup: Seconds from the offer to the connection.
        sent_ms: How much sound was sent, what was lost included.
        pulsed: When the last pulse began to be sent.
    """

    def __init__(self, number: int, payloads: list[bytes], codec: str, loss: float = 0.0) -> None:
        self.number = number
        self.loss = loss
        self.arrivals: list[float] = []
        self.loud: list[float] = []
        self.setup = 0.0
        self.sent_ms = 0
        self.pulsed = 0.0
        self._codec = codec
        self._payloads = payloads
        self._quiet, self._tone = pulse(codec)
        self._next = 0
        self._chance = random.Random(number)
        self._watching = False
        self._hushed = False
        self._pulse: list[bytes] = []
        self._decoder = OpusDecoder() if codec == "opus" else None
        self._caller = MediaCaller(CallerEvents(on_packet=self._stamp), WireCodec(codec))
        self._protocol: Any = None
        self._incoming: Arrivals | None = None
        self._came = 0.0
        # Calls that share a phase do not look in the same round.
        self._rounds = number // PHASES

    async def connect(self, door: str, port: int) -> None:
        """Place the call; return when it is connected."""
        offer = await self._caller.offer()
        began = time.perf_counter()
        answer = await (self._post(port, offer) if door == "http" else self._tell(port, offer))
        await self._caller.accept(answer)
        await self._caller.connected(CONNECT_SECONDS)
        self.setup = time.perf_counter() - began

    async def _tell(self, port: int, offer: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(json.dumps({"sdp": offer, "codec": self._codec}).encode() + b"\n")
        answer = json.loads(await reader.readline())
        writer.close()
        return str(answer["sdp"])

    async def _post(self, port: int, offer: str) -> str:
        kind = {"type": f"audio/{self._codec}"} if self._codec != "opus" else None
        session = {"type": "realtime", "model": "first"}
        if kind is not None:
            session |= {"audio": {"input": {"format": kind}, "output": {"format": kind}}}  # type: ignore[dict-item]
        form = {
            "sdp": (None, offer, "application/sdp"),
            "session": (None, json.dumps(session), "application/json"),
        }
        async with httpx.AsyncClient(timeout=CONNECT_SECONDS, trust_env=False) as http:
            answer = await http.post(f"http://127.0.0.1:{port}/v1/realtime/calls", files=form)
        answer.raise_for_status()
        return answer.text

    def attend(self) -> None:
        """Count from here on, and where the kernel tells when packets came, read nothing but by `receive`."""
        self.arrivals.clear()
        if STAMPED:
            self._protocol = self._caller._ice._nominated[_COMPONENT].protocol  # noqa: SLF001
            self._incoming = Arrivals(self._protocol, self._take)

    def receive(self) -> None:
        """Read what came, if it is time for it; called every round."""
        self._rounds += 1
        if self._watching or self._rounds % ROUNDS == 0:
            self.read()

    def read(self) -> None:
        """Read what came."""
        if self._incoming is not None:
            self._incoming.read()

    def send_next(self) -> None:
        """Send the next packet, or let it be lost."""
        self.sent_ms += 20
        if self._pulse:
            if len(self._pulse) == len(self._tone):
                self.pulsed = time.monotonic()
            payload = self._pulse.pop(0)
        elif self._hushed:
            payload = self._quiet[-1]
        else:
            payload = self._payloads[self._next % len(self._payloads)]
        self._next += 1
        if self.loss and self._chance.random() < self.loss:
            self._caller.lose_packet()
        else:
            self._caller.send_packet(payload)

    def hush(self) -> None:
        """Send silence from now on."""
        self._hushed = True

    def pulse(self) -> None:
        """Send a short tone."""
        self._pulse = list(self._tone)

    def watch(self, *, on: bool) -> None:
        """Decode what comes, and stamp what is no silence; or stamp all of it."""
        self.read()
        self._watching = on
        self.loud.clear()

    async def close(self) -> None:
        """Hang up."""
        if self._incoming is not None:
            self._incoming.close()
        await self._caller.close()

    def _take(self, data: bytes, address: Any, at: float) -> None:
        """Take RTP or RTCP: what is only counted need not be decrypted, as its header is clear text."""
        if self._watching or len(data) < rtp.HEADER.size or rtp.is_rtcp(data):
            self._came = at
            self._protocol.datagram_received(data, address)
            return
        self.arrivals.append(at)
        packet = rtp.parse(data)
        if packet is not None:
            self._caller.reception.packet(packet, at)

    def _stamp(self, packet: RtpPacket, now: float) -> None:
        at = self._came if self._incoming is not None else now
        if not self._watching:
            self.arrivals.append(at)
            return
        sound = (
            decode(packet.payload, Law.MU) if self._decoder is None else self._decoder.decode(packet.payload)
        )
        # What a codec carries over of the packet before, 7 ms at most, is no sound of this one.
        samples = np.frombuffer(sound, "<i2").astype(np.int32)
        if np.abs(samples[len(samples) // 2 :]).max(initial=0) > LOUD:
            self.loud.append(at)
