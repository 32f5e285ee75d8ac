import asyncio

import pytest

from orchestrator.speech.partials import Partials
from orchestrator.speech.protocol import Transcript

pytestmark = pytest.mark.unit


async def test_partials_come_as_they_are_heard() -> None:
    partials = Partials()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(anext(partials))
        await asyncio.sleep(0)
        partials.add(Transcript("one", final=False))
    assert first.result().text == "one"


async def test_only_the_newest_waits() -> None:
    partials = Partials()
    partials.add(Transcript("one", final=False))
    partials.add(Transcript("one two", final=False))
    partials.close()
    assert [partial.text async for partial in partials] == ["one two"]


async def test_closing_wakes_who_waits() -> None:
    partials = Partials()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(anext(partials, None))
        await asyncio.sleep(0)
        partials.close()
    assert waiting.result() is None
    assert [partial async for partial in partials] == []
