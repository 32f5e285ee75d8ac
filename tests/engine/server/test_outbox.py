import asyncio

import pytest

from orchestrator.engine.server.outbox import Outbox
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


async def test_frames_leave_in_order_until_closed_and_empty() -> None:
    outbox = Outbox(high_water=10)
    outbox.push([{"n": 1}, {"n": 2}])
    outbox.close()
    outbox.push([{"n": 3}])
    assert [frame async for frame in outbox.frames()] == ['{"n":1}', '{"n":2}']


async def test_a_waiting_consumer_wakes_for_a_frame_and_for_the_end() -> None:
    outbox = Outbox(high_water=10)
    frames = outbox.frames()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(anext(frames))
        await asyncio.sleep(0)
        outbox.push([{"n": 1}])
    assert first.result() == '{"n":1}'
    async with asyncio.TaskGroup() as group:
        last = group.create_task(anext(frames, "end"))
        await asyncio.sleep(0)
        outbox.close()
    assert last.result() == "end"


async def test_producers_wait_while_too_many_frames_do() -> None:
    outbox = Outbox(high_water=2)
    await outbox.room()
    outbox.push([{"n": 1}, {"n": 2}])
    frames = outbox.frames()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        waiting = group.create_task(outbox.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        await anext(frames)
    assert len(outbox) == 1


async def test_closing_lets_waiting_producers_go() -> None:
    outbox = Outbox(high_water=1)
    outbox.push([{"n": 1}])
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(outbox.room())
        await asyncio.sleep(0)
        outbox.close()
