"""The load client of the text benchmark: the same for the service and for the relay, in a process of its own.

Takes JSON with what to do; writes `ready` once all callers are connected, begins when a line is read, and
then writes JSON with what came of it.
"""

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect

TEXT = {"type": "realtime", "output_modalities": ["text"]}
AT_ONCE = 8
"""Callers that connect at the same time."""
DELTA = '"response.output_text.delta"'
DONE = '"response.done"'


class Task(msgspec.Struct):
    """What to do.

    Attributes:
        url: With the query.
        callers: Connections.
        turns: Of each.
        pause: Seconds between the turns of a caller; 0: as fast as it goes.
    """

    url: str
    callers: int
    turns: int
    pause: float = 0.0


@dataclass
class Load:
    """What came of it, in seconds."""

    turns: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    _connecting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def call(self, task: Task, ready: asyncio.Barrier, begin: asyncio.Event, number: int) -> None:
        """One caller."""
        async with AsyncExitStack() as stack:
            async with self._connecting:
                opened = connect(task.url, compression=None, max_size=None, proxy=None)
                socket = await stack.enter_async_context(opened)
                await _until(socket, '"session.created"')
                await socket.send(msgspec.json.encode({"type": "session.update", "session": TEXT}), text=True)
                await _until(socket, '"session.updated"')
            await ready.wait()
            await begin.wait()
            await asyncio.sleep(task.pause * number / task.callers)
            for turn in range(task.turns):
                await self._turn(socket, turn)
                await asyncio.sleep(task.pause)

    async def _turn(self, socket: ClientConnection, turn: int) -> None:
        began = time.monotonic()
        content = [{"type": "input_text", "text": f"This is the turn of number {turn}."}]
        item = {"type": "message", "role": "user", "content": content}
        await socket.send(msgspec.json.encode({"type": "conversation.item.create", "item": item}), text=True)
        await socket.send(b'{"type":"response.create"}', text=True)
        while True:
            frame = str(await socket.recv())
            head = frame[:60]
            if DELTA in head:
                stamp = int(msgspec.json.decode(frame)["delta"])
                self.events.append((time.monotonic_ns() - stamp) / 1e9)
            elif DONE in head:
                self.turns.append(time.monotonic() - began)
                return


async def _until(socket: ClientConnection, kind: str) -> None:
    while kind not in str(await socket.recv())[:60]:
        pass


def quantile(times: list[float], share: float) -> float:
    """A quantile, in milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


async def run(task: Task) -> dict[str, float]:
    """Do it; milliseconds, but for `seconds` that all of it took."""
    load, ready, begin = Load(), asyncio.Barrier(task.callers + 1), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(task.callers):
            group.create_task(load.call(task, ready, begin, number))
        await ready.wait()
        print('"ready"', flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        begin.set()
        began = time.monotonic()
    found = {"seconds": time.monotonic() - began}
    for name, times in (("turn", load.turns), ("event", load.events)):
        for share in (0.5, 0.99):
            found[f"{name} p{share * 100:.0f}"] = quantile(times, share)
    return found


if __name__ == "__main__":
    found = uvloop.run(run(msgspec.json.decode(sys.argv[1], type=Task)))
    print(msgspec.json.encode(found).decode(), flush=True)
