"""Load for the media benchmarks: duplex WebRTC calls, as cheap as they can be, in a process of their own.

Encoded packets are replayed at the right times, and what comes back is stamped by the kernel and not decoded,
so that one core of load drives many calls. Takes JSON with what to do, and prints lines of JSON: `measure`
when the time that counts begins, `measured` when it is over, and `result`.
"""

import asyncio
import json
import sys
import time
from typing import Any

import msgspec

from bench.media_call import LoadCall
from bench.media_figures import UNDERRUN_MS, lateness, median_second, on_time, quantiles, underruns
from bench.media_probes import Control, loss_figures, probe
from bench.media_pump import FRAME, pump
from bench.media_sound import encoded_speech

SETTLING_SECONDS = 2.0
"""From the beginning of the last first reply to what counts. They begin a frame apart, not all at once."""


class Task(msgspec.Struct):
    """What to do.

    Attributes:
        port: Of the server.
        door: How offers are posted: `http` for the service, `tcp` for the baselines.
        calls: At a time.
        seconds: That count.
        codec: `opus` or `pcmu`.
        control: Port of the engine's control; 0 for servers without an engine.
        probed: Calls whose times are measured, one after another.
        losses: Shares of packets that are lost, dealt out to the calls in turn.
    """

    port: int
    door: str = "tcp"
    calls: int = 10
    seconds: float = 6.0
    codec: str = "opus"
    control: int = 0
    probed: int = 0
    losses: list[float] = []


async def connected(task: Task, control: Control | None) -> list[LoadCall]:
    """Place the calls, one after another, so that the engine knows whose session is whose."""
    load = []
    for number in range(task.calls):
        loss = task.losses[number % len(task.losses)] if task.losses else 0.0
        call = LoadCall(number, encoded_speech(task.codec), task.codec, loss)
        await call.connect(task.door, task.port)
        if control is not None:
            await control.ask("name", call=number)
        load.append(call)
    return load


async def run(task: Task) -> dict[str, Any]:
    """Do it, and return the figures."""
    control = await Control.open(task.control) if task.control else None
    load = await connected(task, control)
    found: dict[str, Any] = {"event": "result"}
    async with asyncio.TaskGroup() as group:
        for call in load:
            call.attend()
        pumping = group.create_task(pump(load))
        if control is not None:
            for call in load:
                await control.ask("talk", call=call.number)
                await asyncio.sleep(FRAME)
        await asyncio.sleep(SETTLING_SECONDS)
        began = time.monotonic()
        print(json.dumps({"event": "measure"}), flush=True)
        losses = await loss_figures(load, control, task.seconds) if task.losses and control else None
        if losses is None:
            await asyncio.sleep(task.seconds)
        ended = time.monotonic()
        print(json.dumps({"event": "measured"}), flush=True)
        for call in load:
            call.read()
        found |= _pace(load, began, ended)
        if losses is not None:
            found["losses"] = losses
        if control is not None and task.probed:
            found["probes"] = await probe(load[: task.probed], control)
        pumping.cancel()
    if control is not None:
        for call in load:
            await control.ask("rest", call=call.number)
    await asyncio.gather(*(call.close() for call in load))
    return found


def _pace(load: list[LoadCall], began: float, ended: float) -> dict[str, Any]:
    """Return how the packets of the time that counts came, behind speakers that were started before it."""
    calls = [
        [
            (at, late)
            for at, late in zip(call.arrivals, lateness(call.arrivals, FRAME), strict=True)
            if began <= at < ended
        ]
        for call in load
    ]
    packets = [packet for call in calls for packet in call]
    waited = [
        wait
        for call in load
        for at, wait in zip(call.arrivals, underruns(call.arrivals, FRAME), strict=True)
        if began <= at < ended
    ]
    underran = [wait for wait in waited if wait >= UNDERRUN_MS]
    return {
        "packets": len(packets),
        "delivered": len(packets) * FRAME / ((ended - began) * len(load)),
        "late": quantiles([late for _, late in packets]),
        "underruns": quantiles(underran),
        "underrun_share": 100 * len(underran) / len(waited) if waited else None,
        "late_second": median_second(packets, began, int(ended - began)),
        "on_time": sum(on_time([late for _, late in call]) for call in calls),
        "setup": quantiles([call.setup * 1000 for call in load]),
    }


if __name__ == "__main__":
    # Not uvloop: it lets nobody else read the socket of a transport.
    found = asyncio.run(run(msgspec.json.decode(sys.argv[1], type=Task)))
    print(json.dumps(found), flush=True)
