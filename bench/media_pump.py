"""What sends and reads for all calls of a load on one timer, so that no packet costs a wake of its own."""

import asyncio
from collections.abc import Sequence
from itertools import cycle
from typing import Final, Protocol, TypeVar

FRAME: Final = 0.02
PHASES: Final = 10
"""Of a round; with fewer calls, as many as they are."""

Member = TypeVar("Member")


class Pumped(Protocol):
    """A call of the load."""

    def receive(self) -> None:
        """Take what came."""

    def send_next(self) -> None:
        """Send 20 ms of sound."""


def dealt(members: Sequence[Member], phases: int = PHASES) -> list[list[Member]]:
    """Deal members out to the phases of a round, as evenly as it goes."""
    return [list(members[phase::phases]) for phase in range(phases)]


def next_due(due: float, step: float, now: float) -> float:
    """Return when the next phase is due; what a stall of over a round has delayed is not made up for.

    Args:
        due: When the last was.
        step: Seconds from one to the next.
        now: By the same clock.
    """
    return max(due + step, now - FRAME)


async def pump(load: Sequence[Pumped]) -> None:
    """Have each call send a packet every 20 ms, and take what came meanwhile, for ever."""
    loop = asyncio.get_running_loop()
    failed: asyncio.Future[None] = loop.create_future()
    phases = cycle([phase for phase in dealt(load) if phase])
    step = FRAME / min(len(load), PHASES)
    due = loop.time()
    timer: asyncio.TimerHandle

    def beat() -> None:
        # A callback, as a task that sleeps takes two turns of the event loop for each beat.
        nonlocal due, timer
        try:
            for call in next(phases):
                call.receive()
                call.send_next()
            due = next_due(due, step, loop.time())
            timer = loop.call_at(due, beat)
        except Exception as error:  # noqa: BLE001 - raised by `pump`
            failed.set_exception(error)

    timer = loop.call_at(due, beat)
    try:
        await failed
    finally:
        timer.cancel()
