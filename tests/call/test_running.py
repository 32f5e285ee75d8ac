import asyncio

import pytest

from orchestrator.call.running import running
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


class Worker:
    """Starts when it is let, ends when it is stopped, and writes down what happened."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self._stopped = asyncio.Event()

    async def run(self, started: asyncio.Event) -> None:
        self.happened.append("started")
        started.set()
        await self._stopped.wait()
        self.happened.append("ended")

    async def stop(self) -> None:
        self.happened.append("stopping")
        self._stopped.set()


async def test_the_block_runs_between_the_start_and_the_stop() -> None:
    worker = Worker()
    async with running(worker.run, worker.stop):
        worker.happened.append("block")
    assert worker.happened == ["started", "block", "stopping", "ended"]


async def test_it_is_stopped_and_not_cancelled_when_the_block_fails() -> None:
    worker = Worker()
    with pytest.raises(ExceptionGroup) as failed:
        async with running(worker.run, worker.stop):
            raise LookupError
    assert failed.group_contains(LookupError)
    assert "stopping" in worker.happened


async def test_the_block_does_not_begin_when_the_start_fails() -> None:
    worker = Worker()

    async def fails(_: asyncio.Event) -> None:
        raise LookupError

    with pytest.raises(ExceptionGroup) as failed:
        async with running(fails, worker.stop):
            worker.happened.append("block")
    assert failed.group_contains(LookupError)
    assert worker.happened == []


async def test_a_failure_beside_the_block_ends_it() -> None:
    worker, begun = Worker(), asyncio.Event()

    async def breaks(started: asyncio.Event) -> None:
        started.set()
        await begun.wait()
        raise LookupError

    async def go_on() -> None:
        async with running(breaks, worker.stop):
            begun.set()
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as failed:
        await asyncio.wait_for(go_on(), PATIENCE)
    assert failed.group_contains(LookupError)
    assert worker.happened == ["stopping"]
