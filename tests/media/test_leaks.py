"""Calls that come and go leave nothing behind: no task, thread, file, object, memory."""

import asyncio
import gc
import json
import sys
import threading
import weakref
from typing import Any

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from orchestrator.media.call import MediaCall
from orchestrator.media.handlers import MediaHandlers
from orchestrator.media.server import MediaServer
from tests.media.driver import Driver
from tests.media.offers import CHROMIUM
from tests.media.sound import tone
from tests.media.stock_client import StockClient
from tests.patience import PATIENCE

pytestmark = pytest.mark.media

CALLS = 100
AT_ONCE = 5


async def short_call(server: MediaServer, *, server_hangs_up: bool) -> list[weakref.ref[Any]]:
    """Place a call, talk a moment, hang up; return what should be gone."""
    driver = Driver()
    async with StockClient() as client:
        call = await server.answer(await client.offer(), driver.handlers())
        gone: list[weakref.ref[Any]] = [
            weakref.ref(call),
            weakref.ref(call._peer),
            weakref.ref(call._inbound),
        ]
        await client.take(call.answer_sdp)
        await driver.connected()
        call.send_audio("item", tone(500, 10))
        call.send_event("hello")
        await driver.signals.until(lambda: len(driver.heard) >= 960 * 3)
        if server_hangs_up:
            await call.close()
    await driver.ended()
    return gone


async def several(server: MediaServer, count: int) -> list[weakref.ref[Any]]:
    gone = []
    for start in range(0, count, AT_ONCE):
        batch = [
            short_call(server, server_hangs_up=bool(number % 2)) for number in range(start, start + AT_ONCE)
        ]
        for refs in await asyncio.gather(*batch):
            gone += refs
    return gone


def resources() -> tuple[int, list[str], int]:
    """Tasks, threads and files; without the workers of the loop's executor, in which the client encodes."""
    threads = sorted(each.name for each in threading.enumerate() if not each.name.startswith("asyncio_"))
    return len(asyncio.all_tasks()), threads, psutil.Process().num_fds()


async def test_a_hundred_calls_leave_nothing_behind(server: MediaServer) -> None:
    await several(server, 20)
    gc.collect()
    before = resources()
    gone = await several(server, CALLS)
    gc.collect()
    assert server.calls == frozenset()
    assert resources() == before
    assert [ref() for ref in gone if ref() is not None] == []
    assert server._open_port()._by_address == {}
    assert server._open_port().transactions == {}


async def test_memory_stays_flat_over_hundreds_of_calls() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.media.lone_server",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    try:
        await calls_of_a_process(process, 200)
        settled = psutil.Process(process.pid).memory_info().rss
        await calls_of_a_process(process, 200)
        assert psutil.Process(process.pid).memory_info().rss - settled < 1_000_000
    finally:
        process.terminate()
        await process.wait()


async def asked(process: asyncio.subprocess.Process, line: str) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line.encode() + b"\n")
    return json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))


async def calls_of_a_process(process: asyncio.subprocess.Process, count: int) -> None:
    one_at_a_time = asyncio.Lock()

    async def one_call() -> None:
        async with StockClient() as client:
            offer = await client.offer()
            async with one_at_a_time:
                answer = await asked(process, json.dumps(offer))
            await client.take(answer)
            await client.signals.until(lambda: client.frames)

    for _ in range(0, count, 2 * AT_ONCE):
        await asyncio.gather(*(one_call() for _ in range(2 * AT_ONCE)))
    while await asked(process, "collect"):
        pass


async def test_calls_that_never_connect_leave_nothing_behind(server: MediaServer) -> None:
    calls = [await server.answer(CHROMIUM, MediaHandlers()) for _ in range(100)]
    refs: list[weakref.ref[MediaCall]] = [weakref.ref(call) for call in calls]
    await asyncio.gather(*(call.close() for call in calls))
    calls.clear()
    gc.collect()
    assert [ref() for ref in refs if ref() is not None] == []
    assert resources()[0] == 1


@pytest.mark.alone
async def test_closing_never_holds_the_loop_up(server: MediaServer) -> None:
    loop = asyncio.get_running_loop()
    drivers = [Driver() for _ in range(5)]
    clients = [StockClient() for _ in drivers]
    calls = []
    for client, driver in zip(clients, drivers, strict=True):
        call = await server.answer(await client.offer(), driver.handlers())
        await client.take(call.answer_sdp)
        await driver.connected()
        calls.append(call)
    slices: list[float] = []
    for call in calls:
        closing = asyncio.ensure_future(call.close())
        while not closing.done():
            began = loop.time()
            await asyncio.sleep(0)
            slices.append(loop.time() - began)
    await asyncio.gather(*(client.close() for client in clients))
    assert sorted(slices)[len(slices) * 9 // 10] < 0.01
