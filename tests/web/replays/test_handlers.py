"""Replays in a real Chromium: begun from the page of a conversation, watched, looked at side by side."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from orchestrator.engine.brain import BrainContext
from tests.api.node import Node, calling
from tests.web.chromium import shoot
from tests.web.conftest import Axe, Reader, SignedIn

pytestmark = pytest.mark.browser


async def talked(node: Node, *says: str) -> str:
    async with calling(node) as caller:
        for text in says:
            await caller.say(text)
        conversation = caller.conversation_id
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()
    return conversation


def forget_pizza(node: Node) -> None:
    """Have the model call another tool where pizza is asked for."""
    respond = node.brain.respond

    def forgetful(context: BrainContext) -> Any:
        *earlier, last = context.items
        if "pizza" in str(last.get("content")):
            last = {**last, "content": [{"type": "input_text", "text": "use broken {}"}]}
        return respond(replace(context, items=(*earlier, last)))

    node.brain.respond = forgetful  # type: ignore[method-assign]


async def test_a_conversation_is_replayed_from_its_page_and_seen_side_by_side(
    node: Node, signed_in: SignedIn, axe: Axe
) -> None:
    conversation = await talked(node, "hello", 'use add_item {"item": "<b>pizza</b>"}')
    forget_pizza(node)
    page = await signed_in("admin")
    await page.goto(f"/conversations/{conversation}")
    await page.get_by_label("Engine of the replay").select_option("embedded")
    await page.get_by_role("button", name="Replay").click()
    await expect(page.get_by_role("heading", name="Replay")).to_be_visible()
    await expect(page.get_by_text("engine: embedded")).to_be_visible()
    await expect(page.get_by_role("status").first).to_contain_text("1 different")
    await axe(page)
    await page.get_by_role("link", name="turn 2").click()
    await expect(page.get_by_text("The tool is no longer called")).to_be_visible()
    await expect(page.get_by_text("broken · failed")).to_be_visible()
    await expect(page.locator("td b")).to_have_count(0)
    await axe(page)
    await page.goto("/replays")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("1 different")
    await axe(page)


async def test_reviewers_look_and_do_not_begin(node: Node, reader: Reader) -> None:
    conversation = await talked(node, "hello")
    reviewer, admin = await reader("reviewer"), await reader("admin")
    assert "No replays yet" in (await reviewer.get("/replays")).text
    run = await node.services.replays.begin([conversation], author="test", note="a <note>")
    await node.services.replays.ended(run.id)
    shown = await reviewer.get(f"/replays/{run.id}")
    assert "1 the same" in shown.text
    assert "a &lt;note&gt;" in shown.text
    assert "All states are the same" in (await reviewer.get(f"/replays/{run.id}/1")).text
    assert (await reviewer.get("/replays/replay_none")).status_code == 404
    assert "Make a test" not in (await reviewer.get(f"/conversations/{conversation}")).text
    assert (await reviewer.get(f"/conversations/{conversation}/test")).status_code == 403
    made = await admin.get(f"/conversations/{conversation}/test")
    assert made.headers["content-type"].startswith("text/x-python")
    assert 'caller.say("hello")' in made.text


async def test_what_a_filter_finds_is_replayed_together(node: Node, signed_in: SignedIn, axe: Axe) -> None:
    for said in ("hello soup", "hello salad", "good evening"):
        await talked(node, said)
    page = await signed_in("admin")
    await page.goto("/conversations?q=hello")
    await axe(page)
    await page.get_by_role("button", name="Replay these").click()
    await expect(page.get_by_role("status").first).to_contain_text("2 the same")
    reviewer = await signed_in("reviewer")
    await reviewer.goto("/conversations?q=hello")
    await expect(reviewer.locator("tbody tr")).to_have_count(2)
    await expect(reviewer.get_by_role("button", name="Replay these")).to_have_count(0)


async def test_the_pages_fit_a_phone_and_the_dark_and_need_no_scripts(
    node: Node, signed_in: SignedIn, axe: Axe
) -> None:
    conversation = await talked(node, "hello", 'use add_item {"item": "pizza"}')
    forget_pizza(node)
    run = await node.services.replays.begin([conversation], author="test", note="before the new menu")
    await node.services.replays.ended(run.id)
    page = await signed_in("reviewer", viewport={"width": 390, "height": 844}, color_scheme="dark")
    plain = await signed_in("reviewer", java_script_enabled=False)
    for path in ("/replays", f"/replays/{run.id}", f"/replays/{run.id}/1"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await axe(page)
        await shoot(page, f"phone-dark{path.replace(run.id, 'run').replace('/', '-')}")
        await plain.goto(path)
        assert await plain.locator("tbody tr").count() > 0


async def test_one_that_runs_is_cancelled(node: Node, reader: Reader) -> None:
    conversation = await talked(node, "hello")
    admin: httpx.AsyncClient = await reader("admin")
    run = await node.services.replays.begin([conversation], author="test")
    await node.services.replays.ended(run.id)
    await admin.get("/replays")
    name = next(iter(each for each in admin.cookies if "form" in each))
    cancelled = await admin.post(
        f"/replays/{run.id}/cancel", data={"_csrf_token": admin.cookies[name]}, follow_redirects=False
    )
    assert cancelled.headers["location"] == f"/replays/{run.id}"
