"""What sends and reads for all calls of a load on one timer, so that no packet costs a wake of its own."""

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Final, Protocol, TypeVar

FRAME: Final = 0.02
PHASES: Final = 10
SLOT: Final = FRAME / PHASES

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


def next_due(due: float, now: float) -> float:
    """Return when the next slot is due; what a stall of over a round has delayed is not made up for."""
    return max(due + SLOT, now - FRAME)


async def pump(load: Sequence[Pumped]) -> None:
    """Have each call send a packet every 20 ms, and take what came meanwhile, for ever."""
    due = time.monotonic()
    for phase in cycle(dealt(load)):
        if phase:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        for call in phase:
            call.receive()
            call.send_next()
        due = next_due(due, time.monotonic())
