import asyncio

import pytest

from orchestrator.speech.scope import beside, uninterrupted
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


async def test_the_work_runs_while_the_block_runs_and_ends_with_it() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside(work()):
        await asyncio.wait_for(began.wait(), PATIENCE)
        assert not ended.is_set()
    assert ended.is_set()


async def test_the_blocks_own_exception_leaves_outside_a_group() -> None:
    async def work() -> None:
        await asyncio.Event().wait()

    with pytest.raises(LookupError):
        async with beside(work()):
            raise LookupError


async def test_a_failure_of_the_work_ends_the_block() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(ExceptionGroup) as caught:
        async with beside(work()):
            await asyncio.Event().wait()
    assert caught.group_contains(LookupError)


async def test_work_that_is_done_early_leaves_the_block_alone() -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    async with beside(work()):
        await asyncio.wait_for(done.wait(), PATIENCE)
        await asyncio.sleep(0)


async def test_uninterrupted_work_is_done_before_the_cancellation_is_raised() -> None:
    began, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        await may_end.wait()
        ended.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(uninterrupted(work()))
        await began.wait()
        task.cancel()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        may_end.set()
    assert ended.is_set()
    assert task.cancelled()


async def test_a_failure_of_uninterrupted_work_is_raised() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(ExceptionGroup) as caught:
        await uninterrupted(work())
    assert caught.group_contains(LookupError)
