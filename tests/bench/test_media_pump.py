"""The pump of a load: phases, and what becomes of rounds that were late."""

import asyncio

import pytest

from bench.media_pump import FRAME, PHASES, dealt, next_due, pump
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


def test_calls_are_dealt_out_to_the_phases_evenly() -> None:
    sizes = [len(phase) for phase in dealt(range(47))]
    assert len(sizes) == PHASES
    assert max(sizes) - min(sizes) == 1


def test_each_call_has_one_phase() -> None:
    assert sorted(number for phase in dealt(range(25)) for number in phase) == list(range(25))


def test_the_next_phase_is_a_step_after_the_last_however_late_that_was() -> None:
    assert next_due(5.0, 0.25, 5.001) == 5.25


def test_what_a_long_stall_has_delayed_is_not_made_up_for() -> None:
    assert next_due(5.0, 0.002, 6.0) == 6.0 - FRAME


async def test_a_round_reads_and_sends_once_for_each_call() -> None:
    done: list[str] = []
    over = asyncio.Event()

    class Call:
        def __init__(self, name: str) -> None:
            self.name = name

        def receive(self) -> None:
            done.append(f"{self.name} receives")

        def send_next(self) -> None:
            done.append(f"{self.name} sends")
            if len(done) >= 8:
                over.set()

    pumping = asyncio.create_task(pump([Call("first"), Call("second")]))
    async with asyncio.timeout(PATIENCE):
        await over.wait()
    pumping.cancel()
    once = ["first receives", "first sends", "second receives", "second sends"]
    assert done[:8] == once * 2


async def test_what_a_call_raises_is_raised_by_the_pump() -> None:
    class Broken:
        def receive(self) -> None:
            raise ConnectionError

        def send_next(self) -> None:
            pass

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ConnectionError):
            await pump([Broken()])
