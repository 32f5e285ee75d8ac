import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from orchestrator.speech.errors import SpeechUnavailableError
from orchestrator.speech.lazily import Lazily

pytestmark = pytest.mark.unit


class Door:
    def __init__(self) -> None:
        self.told: list[str] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        self.told.append("opened")
        try:
            yield "a room"
        finally:
            self.told.append("closed")


class Lock:
    def __init__(self, mend: str) -> None:
        self.mend = mend

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        if self.mend:
            raise SpeechUnavailableError(self.mend)
        yield "a room"


async def test_nothing_is_acquired_that_nobody_asks_for() -> None:
    door = Door()
    async with Lazily.offer(door.open, "A room"):
        await asyncio.sleep(0)
    assert door.told == []


async def test_it_is_acquired_once_and_released_at_the_end() -> None:
    door = Door()
    async with Lazily.offer(door.open, "A room") as lazily:
        rooms = await asyncio.gather(lazily.get(), lazily.get())
        assert list(rooms) == ["a room", "a room"]
        assert door.told == ["opened"]
    assert door.told == ["opened", "closed"]


async def test_who_asks_first_may_end_first() -> None:
    door = Door()
    async with Lazily.offer(door.open, "A room") as lazily:
        async with asyncio.TaskGroup() as group:
            group.create_task(lazily.get())
        assert await lazily.get() == "a room"
        assert door.told == ["opened"]


async def test_it_can_be_wanted_ahead_without_waiting() -> None:
    door = Door()
    async with Lazily.offer(door.open, "A room") as lazily:
        lazily.want()
        assert door.told == []
        await lazily.get()


async def test_what_cannot_be_had_is_told_to_everybody_who_asks() -> None:
    async with Lazily.offer(Lock("No key.").open, "A room") as lazily:
        for _ in range(2):
            with pytest.raises(SpeechUnavailableError, match="No key"):
                await lazily.get()


async def test_after_the_end_it_is_closed() -> None:
    async with Lazily.offer(Door().open, "A room") as lazily:
        await lazily.get()
    with pytest.raises(SpeechUnavailableError, match="A room is closed"):
        await lazily.get()
