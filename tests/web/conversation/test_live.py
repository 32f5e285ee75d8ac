"""The page of a call in progress: nothing missed, nothing twice, and in the end that of the stored call."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from orchestrator.api.admission import Identity
from orchestrator.core.records import ConversationRow, ItemRow, Record
from orchestrator.core.redaction import Redaction
from orchestrator.store.conversations import erase_conversation
from orchestrator.web.conversation import live
from orchestrator.web.conversation.loading import Loaded, load_view
from tests.api.node import Caller, Node, calling
from tests.patience import PATIENCE
from tests.web.chromium import shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.conversation.stored_call import store_sample, write_rows
from tests.web.review.sample_call import CALLS, CONVERSATION, ITEMS, START

pytestmark = pytest.mark.browser


@dataclass
class Listener:
    """Reads one stream of events, as a browser does."""

    lines: AsyncIterator[str]
    told: list[tuple[str, Any]] = field(default_factory=list)
    last_id: str = ""

    async def until(self, name: str) -> Any:
        """The data of the next event of this name."""
        async with asyncio.timeout(PATIENCE):
            async for line in self.lines:
                if line.startswith("id: "):
                    self.last_id = line.removeprefix("id: ")
                elif line.startswith("event: "):
                    self.told.append((line.removeprefix("event: "), None))
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    self.told[-1] = (self.told[-1][0], data)
                    if self.told[-1][0] == name:
                        return data
        raise AssertionError(f"the stream ended without {name}")

    def keys(self, name: str = "row") -> list[str]:
        return [data["key"] for event, data in self.told if event == name]


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, conversation_id: str, *, last_id: str = "", after: str = ""
) -> AsyncIterator[Listener]:
    headers = {"accept": "text/event-stream"} | ({"last-event-id": last_id} if last_id else {})
    address = f"/conversations/{conversation_id}/live"
    async with client.stream("GET", address, params={"after": after}, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in response.headers
        yield Listener(response.aiter_lines())


async def say(node: Node, caller: Caller, text: str) -> None:
    """Say something, and wait until it is stored with the reply to it."""
    await caller.say(text)
    await node.services.switchboard.conversations[caller.conversation_id].stored(PATIENCE)


async def test_a_reader_is_told_what_is_stored_as_it_is_stored(node: Node, reader: Reader) -> None:
    async with calling(node) as caller:
        await say(node, caller, "hello")
        async with listening(await reader("reviewer"), caller.conversation_id) as stream:
            await stream.until("told")
            assert len(stream.keys()) == 2
            assert "states" in stream.keys("part")
            await say(node, caller, 'use add_item {"item": "soup"}')
            while "soup" not in str([data for event, data in stream.told if event == "part"]):
                await stream.until("told")
            assert len(set(stream.keys())) >= 4


async def test_a_reader_who_comes_back_is_told_the_rest_and_nothing_twice(node: Node, reader: Reader) -> None:
    client = await reader("reviewer")
    async with calling(node) as caller:
        await say(node, caller, "one")
        async with listening(client, caller.conversation_id) as stream:
            await stream.until("told")
            seen = set(stream.keys())
            last_id = stream.last_id
        await say(node, caller, "two")
        async with listening(client, caller.conversation_id, last_id=last_id) as stream:
            await stream.until("told")
            assert len(stream.keys()) == 2
            assert not seen & set(stream.keys())
            assert "two" in str([data for event, data in stream.told if event == "row"])


async def test_a_reader_who_was_cut_off_amid_a_batch_is_told_all_of_it_again(
    node: Node, reader: Reader
) -> None:
    client = await reader("reviewer")
    async with calling(node) as caller:
        await say(node, caller, "one")
        async with listening(client, caller.conversation_id) as stream:
            await stream.until("row")
            assert stream.last_id == ""
        async with listening(client, caller.conversation_id, last_id=stream.last_id) as stream:
            await stream.until("told")
            assert len(stream.keys()) == 2


@asynccontextmanager
async def amid_a_reply(node: Node, caller: Caller) -> AsyncIterator[None]:
    """While the agent has said its first words, and not the rest."""
    node.brain.may_go_on.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(caller.say("slowly"))
        try:
            await caller_is_told(node, caller)
            yield
        finally:
            node.brain.may_go_on.set()


async def caller_is_told(node: Node, caller: Caller) -> None:
    """Wait for the first words of a reply."""
    words = node.services.switchboard.conversations[caller.conversation_id].line.words
    came = asyncio.Event()
    stop = words.watch(came.set)
    async with asyncio.timeout(PATIENCE):
        while not words.so_far():
            await came.wait()
            came.clear()
    stop()


async def test_words_are_told_as_they_come_and_to_those_who_come_amid_them(
    node: Node, reader: Reader
) -> None:
    client = await reader("reviewer")
    async with calling(node) as caller:
        await say(node, caller, "hello")
        async with amid_a_reply(node, caller):
            for _ in range(2):
                async with listening(client, caller.conversation_id) as stream:
                    words = await stream.until("words")
                    assert words["text"].endswith("heard: ")
                    assert words["key"] in set(stream.keys())


async def test_words_of_a_row_that_is_not_stored_yet_wait_for_it(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ALIVE_SECONDS", 0.02)
    client = await reader("reviewer")
    async with calling(node) as caller:
        await say(node, caller, "hello")
        earlier = await load_view(
            node.services, Identity(role="reviewer", name="rita"), caller.conversation_id
        )
        looks = [earlier, earlier]  # of the request, and the stream's first

        async def load(*arguments: Any, **options: Any) -> Loaded:
            return looks.pop() if looks else await load_view(*arguments, **options)

        async with amid_a_reply(node, caller):
            monkeypatch.setattr(live, "load_view", load)
            async with listening(client, caller.conversation_id) as stream:
                words = await stream.until("words")
                assert words["key"] in set(stream.keys())


async def test_words_that_will_be_redacted_are_told_when_they_are_stored(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.services.database, "redaction", Redaction(kinds=frozenset({"phones"})))
    async with calling(node) as caller:
        await say(node, caller, "hello")
        async with listening(await reader("reviewer"), caller.conversation_id) as stream:
            async with amid_a_reply(node, caller):
                await stream.until("told")
            while "slowly" not in str(stream.told):
                await stream.until("told")
            assert stream.keys("words") == []


async def test_the_end_of_the_call_is_told_once_everything_is_stored(node: Node, reader: Reader) -> None:
    async with calling(node) as caller:
        await say(node, caller, "hello")
        stream_of = listening(await reader("reviewer"), caller.conversation_id)
        stream = await stream_of.__aenter__()
        await stream.until("told")
    assert await stream.until("ended") == "idle"
    facts = [data["html"] for event, data in stream.told if event == "part" and data["key"] == "facts"]
    assert "the caller hung up" in facts[-1]
    await stream_of.__aexit__(None, None, None)


async def test_a_call_on_another_node_is_looked_at_now_and_then(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ELSEWHERE_SECONDS", 0.02)
    monkeypatch.setattr(live, "AFTERMATH_SECONDS", 0.1)
    begun: tuple[Record, ...] = (CALLS[0], ItemRow(ITEMS[0]))
    await store_sample(node.services, *begun)
    async with listening(await reader("reviewer"), CONVERSATION) as stream:
        await stream.until("told")
        assert stream.keys() == ["item-item_1"]
        await write_rows(node.services, ItemRow(ITEMS[1]))
        await stream.until("told")
        assert stream.keys() == ["item-item_1", "item-item_2"]
        await write_rows(node.services, ConversationRow(agent="triage", status="idle", updated_at=START + 50))
        assert await stream.until("ended") == "idle"


async def test_a_conversation_that_is_erased_ends_its_stream(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ELSEWHERE_SECONDS", 0.02)
    monkeypatch.setattr(live, "AFTERMATH_SECONDS", 0.0)
    await store_sample(node.services, CALLS[0])
    async with listening(await reader("reviewer"), CONVERSATION) as stream:
        await stream.until("told")
        async with node.services.database.transaction() as connection:
            await erase_conversation(connection, CONVERSATION)
        assert await stream.until("ended") == "erased"


async def test_a_stream_comes_to_its_end_so_that_its_reader_is_let_in_anew(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.0)
    async with calling(node) as caller:
        await say(node, caller, "hello")
        async with listening(await reader("reviewer"), caller.conversation_id) as stream:
            assert [line async for line in stream.lines] == ["retry: 1000", ""]


async def test_callers_may_not_follow(node: Node, reader: Reader) -> None:
    async with calling(node) as caller:
        client = await reader("caller")
        assert (await client.get(f"/conversations/{caller.conversation_id}/live")).status_code == 403
    client = await reader("reviewer")
    assert (await client.get("/conversations/conv_none/live")).status_code == 404


# --- in a browser -----------------------------------------------------------------------------------------


async def plain(page: Page) -> list[str]:
    """The words of every row, and of the parts beside them."""
    rows = await page.locator("#transcript > .line").all_inner_texts()
    parts = [await page.locator(f"#{name}").inner_text() for name in ("facts", "turns", "states", "latency")]
    return [*rows, *parts]


async def keys_of(page: Page) -> list[str | None]:
    return [await row.get_attribute("id") for row in await page.locator("#transcript > .line").all()]


async def watched(signed_in: SignedIn, caller: Caller, **options: Any) -> Page:
    page = await signed_in("admin", **options)
    await page.goto(f"/conversations/{caller.conversation_id}")
    return page


async def test_a_finished_page_is_the_page_of_the_stored_call(
    node: Node, signed_in: SignedIn, axe: Axe
) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await watched(signed_in, caller)
        await expect(page.locator("#facts .badge-live")).to_be_visible()
        await caller.say('use add_item {"item": "soup"}')
        await expect(page.locator(".line-tool")).to_contain_text("add_item")
        await caller.say("use broken {}")
        await caller.say("go to kitchen")
        await expect(page.locator(".line-handoff")).to_contain_text("kitchen")
        await axe(page)
        await shoot(page, "review-live")
    await expect(page.locator("#review[data-ended]")).to_have_count(1)
    live_page, live_keys = await plain(page), await keys_of(page)
    await page.reload()
    await expect(page.locator("#review:not([data-live])")).to_have_count(1)
    assert await keys_of(page) == live_keys
    assert await plain(page) == live_page
    assert len(live_keys) == len(set(live_keys))


async def test_the_words_of_a_reply_are_shown_as_they_come(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await watched(signed_in, caller)
        said = page.locator("#transcript > .line.in-progress .heard")
        async with amid_a_reply(node, caller):
            await expect(said).to_have_text("desk heard:")
        await expect(page.locator("#transcript > .line").last).to_contain_text("desk heard: slowly")
        await expect(said).to_have_count(0)


async def test_a_page_whose_connection_fails_has_every_row_once(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("one")
        page = await watched(signed_in, caller)
        await expect(page.locator("#transcript > .line")).to_have_count(2)
        await caller.say("two")
        await expect(page.locator("#transcript > .line")).to_have_count(4)
        await page.context.set_offline(True)
        await caller.say("three")
        await page.context.set_offline(False)
        await caller.say("four")
        await expect(page.locator("#transcript > .line")).to_have_count(8)
        texts = await page.locator(".said-caller .heard").all_inner_texts()
        assert texts == ["one", "two", "three", "four"]
