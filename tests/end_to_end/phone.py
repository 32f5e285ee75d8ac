"""A caller who counts: every packet that is sent and received can be told apart, and nothing is decoded."""

import asyncio
import base64
import json
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import numpy as np

from orchestrator.media import g711
from orchestrator.media.caller import CallerEvents, MediaCaller
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.wire import WireCodec
from orchestrator.testing.local_service import LocalService
from tests.media.signals import Signals
from tests.patience import PATIENCE

CALLS = "/v1/realtime/calls"
FRAME = 0.02
LOUD = 50
PCMU = {"type": "audio/pcmu"}
SESSION = {"type": "realtime", "audio": {"input": {"format": PCMU}, "output": {"format": PCMU}}}


class Phone:
    """One call in G.711, which the service passes through.

    Attributes:
        loud: Of each packet that was no silence, the processor time of this thread when it came.
        sent: How many packets were sent; each carries its number.
    """

    def __init__(self) -> None:
        self.signals = Signals()
        self.events: list[dict[str, Any]] = []
        self.loud: list[float] = []
        self.sent = 0
        self.caller = MediaCaller(CallerEvents(self._packet, self._event, self.signals.poke), WireCodec.PCMU)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        await self.signals.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def heard(self, packets: int) -> None:
        """Wait until so many packets came that were no silence."""
        await self.signals.until(lambda: len(self.loud) >= packets)

    def write(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        self.caller.send_event(json.dumps({"type": "conversation.item.create", "item": item}))
        self.caller.send_event('{"type": "response.create"}')

    async def speak(self) -> None:
        """Send a packet every 20 ms, each with its number, until cancelled."""
        while True:
            self.caller.send_packet(struct.pack(">H", self.sent) * 80)
            self.sent += 1
            await asyncio.sleep(FRAME)

    def _packet(self, packet: RtpPacket, now: float) -> None:
        del now
        sound = np.frombuffer(g711.decode(packet.payload, g711.Law.MU), "<i2")
        if np.abs(sound.astype(np.int32)).max(initial=0) > LOUD:
            self.loud.append(time.thread_time())
            self.signals.poke()

    def _event(self, text: str) -> None:
        self.events.append(json.loads(text))
        self.signals.poke()


def numbers(audio: list[str]) -> list[int]:
    """The numbers of the packets in what an engine was sent."""
    sound = b"".join(base64.b64decode(piece) for piece in audio)
    return [struct.unpack_from(">H", sound, at)[0] for at in range(0, len(sound), 160)]


@asynccontextmanager
async def phoning(service: LocalService, agent: str = "counter") -> AsyncIterator[Phone]:
    """Place a call, and wait until it is connected."""
    phone = Phone()
    base = service.url.replace("ws://", "http://")
    session = json.dumps(SESSION | {"model": agent})
    try:
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE) as http:
            form = {"sdp": (None, await phone.caller.offer()), "session": (None, session)}
            answer = await http.post(CALLS, files=form)
        assert answer.status_code == 201, answer.text
        await phone.caller.accept(answer.text)
        await phone.caller.connected(PATIENCE)
        await phone.until("session.created")
        yield phone
    finally:
        await phone.caller.close()
