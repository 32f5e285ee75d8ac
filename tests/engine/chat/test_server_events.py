from collections.abc import AsyncIterator

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import BrainError
from orchestrator.engine.chat.server_events import Chunks

pytestmark = pytest.mark.unit


async def lines(*texts: str) -> AsyncIterator[str]:
    for text in texts:
        yield text


async def read(*texts: str) -> list[JsonObject]:
    return [chunk async for chunk in Chunks(lines(*texts))]


async def test_only_data_counts_and_the_end_mark_ends() -> None:
    stream = [": hello", "event: x", 'data: {"n":1}', "", 'data:{"n":2}', "data: [DONE]", 'data: {"n":3}']
    assert await read(*stream) == [{"n": 1}, {"n": 2}]


async def test_a_stream_tells_whether_it_ended_by_its_mark() -> None:
    cut = Chunks(lines('data: {"n":1}'))
    assert [chunk async for chunk in cut] == [{"n": 1}]
    assert not cut.ended_by_mark
    whole = Chunks(lines("data: [DONE]"))
    assert [chunk async for chunk in whole] == []
    assert whole.ended_by_mark


@pytest.mark.parametrize("line", ["data: oops", "data: [1]"])
async def test_what_is_no_object_fails(line: str) -> None:
    with pytest.raises(BrainError, match="not JSON"):
        await read(line)
