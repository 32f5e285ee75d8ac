"""What operators do to a live call on its page."""

import pytest
from playwright.async_api import Page, expect

from orchestrator.store.audit import list_audit
from tests.api.node import Caller, Node, calling
from tests.web.chromium import shoot
from tests.web.conftest import Reader, SignedIn

pytestmark = pytest.mark.browser


async def actions(node: Node) -> list[tuple[str, str]]:
    async with node.services.database.read() as connection:
        return [(entry.key_name, entry.action) for entry in reversed((await list_audit(connection)).rows)]


async def opened(signed_in: SignedIn, caller: Caller) -> Page:
    page = await signed_in("admin")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"/conversations/{caller.conversation_id}")
    return page


async def test_the_caller_hears_the_operators_words(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await opened(signed_in, caller)
        await page.get_by_text("Say…").click()
        await page.get_by_label("The caller hears this").fill("We close soon.")
        await shoot(page, "operator")
        await page.get_by_role("button", name="Say it to the caller").click()
        assert await caller.reply() == "We close soon."
        await expect(page.locator("#operator-told")).to_contain_text("as soon as it is silent")
        await expect(page.locator("#transcript")).to_contain_text("an operator's words")
    assert await actions(node) == [("admin", "call.say")]


async def test_the_model_is_told_what_the_caller_does_not_hear(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await opened(signed_in, caller)
        await page.get_by_text("Tell the model…").click()
        await page.get_by_label("The caller does not hear this").fill("A regular.")
        await page.get_by_label("have the agent speak").check()
        await page.get_by_role("button", name="Tell it").click()
        await caller.reply()
        assert "A regular." in str(node.brain.contexts[-1].items)
        await expect(page.locator(".said-note")).to_contain_text("A regular.")
    assert await actions(node) == [("admin", "call.inject")]


async def test_another_agent_comes_once_that_is_confirmed(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await opened(signed_in, caller)
        await page.get_by_text("Hand over…").click()
        await expect(page.get_by_label("To", exact=True).locator("option")).to_have_text(["kitchen"])
        await page.get_by_label("Why").fill("busy")
        await page.get_by_role("button", name="Hand over now").click()
        await caller.until(lambda event: event.type == "orchestrator.handoff.committed")
        await expect(page.locator(".line-handoff")).to_contain_text("busy")
    assert await actions(node) == [("admin", "call.handoff")]


async def test_the_call_is_ended_once_that_is_confirmed(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await opened(signed_in, caller)
        await page.get_by_text("Hang up…").click()
        await page.get_by_role("button", name="Hang up on the caller").click()
        await expect(page.locator("#review[data-ended]")).to_have_count(1)
        await expect(page.locator("#facts")).to_contain_text("an operator hung up")
        await expect(page.locator("#operator")).to_have_count(0)
    assert await actions(node) == [("admin", "call.hangup")]


async def test_nothing_happens_to_a_call_that_nobody_confirmed(node: Node, signed_in: SignedIn) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await signed_in("admin")
        page.on("dialog", lambda dialog: dialog.dismiss())
        await page.goto(f"/conversations/{caller.conversation_id}")
        await page.get_by_text("Hang up…").click()
        await page.get_by_role("button", name="Hang up on the caller").click()
        assert (await caller.say("still there?")).endswith("still there?")
    assert await actions(node) == []


async def test_reviewers_look_on(node: Node, signed_in: SignedIn, reader: Reader) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        page = await signed_in("reviewer")
        await page.goto(f"/conversations/{caller.conversation_id}")
        await expect(page.locator("#transcript > .line")).to_have_count(2)
        await expect(page.locator("#operator")).to_have_count(0)
        client = await reader("reviewer")
        form = await client.get(f"/conversations/{caller.conversation_id}")
        token = form.text.split("x-csrftoken")[1].split('"')[2]
        told = await client.post(
            f"/conversations/{caller.conversation_id}/hangup", headers={"x-csrftoken": token}
        )
        assert told.status_code == 403
    assert await actions(node) == []
