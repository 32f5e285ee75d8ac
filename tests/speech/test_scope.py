import asyncio

import pytest

from orchestrator.speech.scope import beside

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
        await asyncio.wait_for(began.wait(), 1)
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
        await asyncio.wait_for(done.wait(), 1)
        await asyncio.sleep(0)
