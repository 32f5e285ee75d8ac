"""What is live, told to the list as it changes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from orchestrator.web.conversations import live
from orchestrator.web.conversations.live import LiveNow
from tests.api.node import Node, calling
from tests.patience import PATIENCE
from tests.web.conftest import Reader
from tests.web.stored_calls import store_call

pytestmark = pytest.mark.browser


async def next_part(lines: AsyncIterator[str]) -> str:
    """The next part of the page that is told."""
    told: list[str] = []
    async for line in lines:
        if line.startswith("data: "):
            told.append(line.removeprefix("data: "))
        elif not line and told:
            return "\n".join(told)
    raise AssertionError("the stream ended")


async def test_a_reader_is_told_at_once_and_whenever_a_call_begins_or_ends(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.02)
    async with (await reader("reviewer")).stream("GET", "/conversations/live", timeout=PATIENCE) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in response.headers
        lines = response.aiter_lines()
        assert "Nobody is on the line now." in await next_part(lines)
        async with calling(node) as caller:
            await caller.say("hello")
            assert caller.conversation_id in await next_part(lines)
        while "Nobody is on the line now." not in await next_part(lines):
            pass


async def test_nothing_is_told_twice_and_the_stream_comes_to_its_end(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.1)
    told: httpx.Response = await (await reader("reviewer")).get("/conversations/live")
    assert told.text.count("event: live") == 1


async def test_many_readers_ask_the_database_once_in_a_while(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 60.0)
    live_now = LiveNow(node.services.database)
    assert await live_now.rows() == []
    await store_call(node.services.database, "one", status="live")
    assert await live_now.rows() == []
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.0)
    assert [row.summary.id for row in await live_now.rows()] == ["conv_one"]


async def test_callers_are_told_nothing(reader: Reader) -> None:
    assert (await (await reader("caller")).get("/conversations/live")).status_code == 403
