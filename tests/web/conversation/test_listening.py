"""Listening in to a live call."""

import asyncio
import base64

import pytest
from playwright.async_api import expect

from orchestrator.call.ears import Heard, Piece
from orchestrator.store.audit import list_audit
from orchestrator.web.conversation.listening import written
from tests.api.node import Node, calling
from tests.patience import PATIENCE
from tests.web.conftest import Reader, SignedIn

pytestmark = pytest.mark.browser

SPEECH = b"\x01\x02" * 2400


def switch_on(node: Node, **changes: bool) -> None:
    node.services.settings = node.services.settings.model_copy(update={"listen_in": True, **changes})


async def listeners(node: Node) -> list[str]:
    async with node.services.database.read() as connection:
        return [
            entry.key_name for entry in (await list_audit(connection)).rows if entry.action == "call.listen"
        ]


async def test_both_sides_are_heard_until_the_call_ends(node: Node, reader: Reader) -> None:
    switch_on(node)
    client = await reader("reviewer")
    async with calling(node) as caller:
        await caller.say("hello")
        address = f"/conversations/{caller.conversation_id}/listen"
        async with asyncio.timeout(PATIENCE), client.stream("GET", address) as stream:
            assert stream.status_code == 200
            live = node.services.switchboard.conversations[caller.conversation_id]
            live.hear(base64.b64encode(SPEECH).decode())
            live.line.flush()
            live.abandon("enough")
            heard = b"".join([chunk async for chunk in stream.aiter_bytes()])
        assert heard == written(Piece(Heard.CALLER, SPEECH)) + written(Piece(Heard.CUT))
    assert await listeners(node) == ["reviewer"]


async def test_nobody_listens_in_unless_that_is_switched_on(node: Node, reader: Reader) -> None:
    async with calling(node) as caller:
        address = f"/conversations/{caller.conversation_id}/listen"
        assert (await (await reader("admin")).get(address)).status_code == 403
        switch_on(node, reviewers_hear=False)
        assert (await (await reader("reviewer")).get(address)).status_code == 403
        assert (await (await reader("caller")).get(address)).status_code == 403
    assert (await (await reader("admin")).get("/conversations/conv_none/listen")).status_code == 404
    assert await listeners(node) == []


async def test_a_page_plays_what_passes(node: Node, signed_in: SignedIn) -> None:
    switch_on(node)
    async with calling(node) as caller:
        await caller.say("hello")
        page = await signed_in("reviewer")
        await page.goto(f"/conversations/{caller.conversation_id}")
        button = page.locator("#listen")
        await expect(button).to_have_text("Listen in")
        await button.click()
        await expect(button).to_have_text("Stop listening")
        live = node.services.switchboard.conversations[caller.conversation_id]
        async with asyncio.timeout(PATIENCE):
            while not live.line.ears.any:  # noqa: ASYNC110 - nothing tells that a stream is open
                await asyncio.sleep(0.01)
        live.hear(base64.b64encode(SPEECH).decode())
        await expect(button).to_have_attribute("data-heard", "2400")
        await button.click()
        await expect(button).to_have_text("Listen in")


def test_a_piece_says_what_and_how_much_it_is() -> None:
    assert written(Piece(Heard.AGENT, b"ab")) == b"\x01\x00\x00\x00\x02ab"
