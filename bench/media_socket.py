"""Load for the WebSocket door: duplex calls whose sound is base64 in JSON."""

import asyncio
import base64
import json
import sys
import time
from typing import Any

import msgspec
import numpy as np
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from bench.media_figures import quantiles
from bench.media_load import Task
from bench.media_probes import Control
from bench.media_pump import FRAME, next_due
from bench.media_sound import LOUD, frames_of, speech, tone_of

ROUNDS = 3
PULSES = 8

_DELTA = '"response.output_audio.delta"'


class SocketCall:
    """One call.

    Args:
        number: Of the run.
        socket: Connected.
    """

    def __init__(self, number: int, socket: ClientConnection) -> None:
        self.number = number
        self.audio_ms = 0.0
        self.loud: list[float] = []
        self.pulsed = 0.0
        self._socket = socket
        self._frames = [_append(frame) for frame in frames_of(speech(), 20, law=False)]
        self._quiet = _append(bytes(960))
        self._tone = _append(tone_of(20))
        self._sent = 0
        self._hushed = self._pulse = self._watching = False

    async def pump(self, offset: float) -> None:
        """Send 20 ms of sound every 20 ms."""
        due = time.monotonic() + offset
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            frame = self._quiet if self._hushed else self._frames[self._sent % len(self._frames)]
            self._sent += 1
            if self._pulse:
                self._pulse, frame, self.pulsed = False, self._tone, time.monotonic()
            await self._socket.send(frame)
            due = next_due(due, FRAME, time.monotonic())

    async def read(self) -> None:
        """Count what comes, and stamp it while it is watched."""
        async for frame in self._socket:
            if _DELTA not in str(frame)[:200]:
                continue
            delta = msgspec.json.decode(frame)["delta"]
            self.audio_ms += len(delta) * 3 / 4 / 48
            if self._watching:
                peak = np.abs(np.frombuffer(base64.b64decode(delta), "<i2").astype(np.int32)).max(initial=0)
                if peak > LOUD:
                    self.loud.append(time.monotonic())

    def watch(self) -> None:
        """Be silent, and stamp what comes."""
        self._hushed = self._watching = True

    def pulse(self) -> None:
        """Send a short tone."""
        self._pulse = True


def _append(frame: bytes) -> str:
    return f'{{"type":"input_audio_buffer.append","audio":"{base64.b64encode(frame).decode()}"}}'


async def run(task: Task) -> dict[str, Any]:
    """Do it, and return the figures."""
    control = await Control.open(task.control)
    load: list[SocketCall] = []
    for number in range(task.calls):
        url = f"ws://127.0.0.1:{task.port}/v1/realtime?model=first"
        socket = await connect(url, compression=None, max_size=None, proxy=None)
        while "session.created" not in str(await socket.recv())[:200]:
            pass
        load.append(SocketCall(number, socket))
        await control.ask("name", call=number)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call.read()) for call in load]
        tasks += [group.create_task(call.pump(call.number * FRAME / len(load))) for call in load]
        for call in load:
            await control.ask("talk", call=call.number)
        await asyncio.sleep(1.5)
        print(json.dumps({"event": "measure"}), flush=True)
        before = sum(call.audio_ms for call in load)
        await asyncio.sleep(task.seconds)
        delivered = sum(call.audio_ms for call in load) - before
        print(json.dumps({"event": "measured"}), flush=True)
        probes = await _probe(load[: task.probed], control)
        for each in tasks:
            each.cancel()
    return {"event": "result", "packets": delivered / 20, "probes": probes}


async def _probe(load: list[SocketCall], control: Control) -> dict[str, dict[str, float]]:
    microphone, speaker = [], []
    for call in load:
        call.watch()
        await control.ask("hush", call=call.number)
        await asyncio.sleep(0.3)
        for _ in range(PULSES):
            await control.ask("listen", call=call.number)
            call.pulse()
            heard = (await control.ask("heard", call=call.number))["at"]
            if heard is not None:
                microphone.append((heard - call.pulsed) * 1000)
            await asyncio.sleep(0.05)
        for _ in range(ROUNDS):
            call.loud.clear()
            left = (await control.ask("say", call=call.number, ms=200))["at"]
            await asyncio.sleep(0.3)
            speaker += [(at - left) * 1000 for at in call.loud[:1]]
    return {"microphone": quantiles(microphone), "speaker": quantiles(speaker)}


if __name__ == "__main__":
    found = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=Task)))
    print(json.dumps(found), flush=True)
