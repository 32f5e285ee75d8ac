"""What reviewers say of a conversation on its page."""

import pytest
from playwright.async_api import expect

from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.conversations import get_conversation
from orchestrator.web.conversation.judging import labels_of
from tests.api.node import Node
from tests.web.chromium import Watch
from tests.web.conftest import Reader, SignedIn
from tests.web.conversation.stored_call import store_sample
from tests.web.review.sample_call import CONVERSATION

pytestmark = pytest.mark.browser

ADDRESS = f"/conversations/{CONVERSATION}"


async def test_a_verdict_and_labels_are_kept(node: Node, signed_in: SignedIn) -> None:
    await store_sample(node.services)
    page = await signed_in("reviewer")
    await page.goto(ADDRESS)
    await page.get_by_label("unsure").check()
    await page.get_by_role("textbox", name="Labels").fill("refund, loud ,, refund")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#judgement").get_by_role("status")).to_have_text("Saved")
    async with node.services.database.read() as connection:
        kept = await get_conversation(connection, CONVERSATION)
    assert (kept.verdict, kept.labels) == ("unsure", ["loud", "refund"])


async def test_a_note_about_a_row_stands_beside_it(node: Node, signed_in: SignedIn) -> None:
    await store_sample(node.services)
    page = await signed_in("reviewer")
    await page.goto(ADDRESS)
    said = page.locator("#item-item_14")
    await said.hover()
    await said.get_by_text("Note", exact=True).click()
    await page.locator("#note-text").fill("<i>Well done.</i>")
    await page.get_by_role("button", name="Add note").click()
    await expect(said.locator(".row-notes")).to_have_text("reviewer: <i>Well done.</i>")
    await page.reload()
    await expect(said.locator(".row-notes")).to_have_text("reviewer: <i>Well done.</i>")


async def test_a_note_about_the_whole_stands_in_the_rail(node: Node, signed_in: SignedIn) -> None:
    await store_sample(node.services)
    page = await signed_in("reviewer")
    await page.goto(ADDRESS)
    await page.locator("#note-text").fill("Show this to everybody.")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.locator("#notes .note")).to_have_count(2)
    await expect(page.locator("#notes .note").last).to_contain_text("Show this to everybody.")


async def test_an_empty_note_is_refused_in_words(node: Node, signed_in: SignedIn, watch: Watch) -> None:
    watch.allow("status of 400|Response Status Error Code 400")
    await store_sample(node.services)
    page = await signed_in("reviewer")
    await page.goto(ADDRESS)
    await page.locator("#note-text").fill("   ")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.locator("#notice")).to_contain_text("The note is empty")


async def test_a_form_of_another_site_is_refused(node: Node, reader: Reader) -> None:
    await store_sample(node.services)
    client = await reader("reviewer")
    told = await client.post(f"{ADDRESS}/notes", data={"text": "hello"})
    assert told.status_code == 403


def test_labels_are_what_stands_between_commas() -> None:
    assert labels_of(" a, b ,,a") == ["a", "b"]
    for wrong in (",".join(map(str, range(51))), "x" * 201):
        with pytest.raises(InvalidRequestError):
            labels_of(wrong)
