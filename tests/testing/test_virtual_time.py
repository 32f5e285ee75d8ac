import asyncio
import itertools
import time

import pytest

from orchestrator.testing.virtual_time import StalledError, TimeRanOutError, VirtualTime
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


def test_waiting_passes_virtual_time_and_no_real_time() -> None:
    virtual = VirtualTime(start=1000.0)

    async def scenario() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert virtual.run(scenario()) == 3600
    assert time.monotonic() - began < PATIENCE
    assert virtual.passed == 3600
    assert virtual.clock() == 4600


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    woken = []

    async def sleeper(seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append((seconds, asyncio.get_running_loop().time()))

    async def scenario() -> None:
        await asyncio.gather(sleeper(30), sleeper(10), sleeper(20))

    VirtualTime().run(scenario())
    assert woken == [(10, 10), (20, 20), (30, 30)]


def test_a_deadline_strikes_exactly_when_it_should() -> None:
    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await asyncio.Event().wait()
        assert asyncio.get_running_loop().time() == 2.5

    VirtualTime().run(scenario())


def test_the_clock_goes_on_from_one_run_to_the_next() -> None:
    virtual = VirtualTime(start=0)
    virtual.run(asyncio.sleep(5))
    virtual.run(asyncio.sleep(5))
    assert virtual.clock() == 10


def test_a_scenario_that_can_never_go_on_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.testing.virtual_time.PATIENCE", 0.01)

    async def scenario() -> None:
        # Without the limit's own timer, nothing at all is left to jump to.
        await asyncio.Event().wait()

    with pytest.raises(TimeRanOutError, match="60"):
        VirtualTime().run(scenario(), limit=60)
    with pytest.raises(StalledError, match="every task waits"):
        VirtualTime().run(scenario(), limit=None)


def test_a_scenario_that_never_ends_is_stopped_at_its_limit() -> None:
    async def scenario() -> None:
        for _second in itertools.count():
            await asyncio.sleep(1)

    with pytest.raises(TimeRanOutError, match="60 virtual seconds"):
        VirtualTime().run(scenario(), limit=60)


def test_a_timeout_of_the_scenario_itself_is_passed_on() -> None:
    async def scenario() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        VirtualTime().run(scenario())


def test_work_in_another_thread_is_waited_for_when_no_timer_is_left() -> None:
    async def scenario() -> str:
        return await asyncio.to_thread(lambda: "done")

    assert VirtualTime().run(scenario(), limit=None) == "done"
