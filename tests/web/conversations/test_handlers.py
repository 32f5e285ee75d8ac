"""The list of conversations in a browser."""

import re

import pytest
from playwright.async_api import Page, expect

from orchestrator.api.admission import Role
from tests.api.node import Node, calling
from tests.web.chromium import shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.stored_calls import START, store_call

pytestmark = pytest.mark.browser


async def store_some(node: Node) -> None:
    """Three conversations that differ in every column."""
    database = node.services.database
    await store_call(database, "plain", at=START, said="two margherita please", usage=100_000)
    await store_call(
        database,
        "slow",
        at=START - 3600,
        said="a table for two",
        seconds=215,
        agents=["desk", "kitchen", "desk"],
        slowest_turn_ms=4200,
        interruptions=3,
        turns=12,
        labels=["loud", "refund"],
        verdict="good",
    )
    await store_call(
        database,
        "broken",
        at=START - 90_000,
        tool_errors=2,
        has_error=True,
        status="ended",
        ended_by="agent",
        slowest_turn_ms=900,
    )


def row(name: str) -> str:
    return f'tr:has(a[href="/conversations/conv_{name}"])'


async def test_a_row_tells_what_matters(page: Page, node: Node, axe: Axe) -> None:
    await store_some(node)
    await page.goto("/conversations")
    slow = page.locator(row("slow"))
    await expect(slow).to_contain_text("3 min 35 s")
    assert await slow.locator(".agents li").all_inner_texts() == ["desk", "kitchen", "desk"]
    for words in ("the caller hung up", "12", "4.2 s", "loud", "refund", "good"):
        await expect(slow).to_contain_text(words)
    await expect(page.locator(row("plain"))).to_contain_text("$0.40")
    broken = page.locator(row("broken"))
    await expect(broken).to_contain_text("ended by the agent error")
    await axe(page)
    await shoot(page, "conversations")


async def test_typing_finds_without_loading_the_page_and_the_address_keeps_it(page: Page, node: Node) -> None:
    await store_some(node)
    await page.goto("/conversations")
    await page.keyboard.press("/")
    await page.keyboard.type("margh")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator(row("plain"))).to_be_visible()
    await expect(page).to_have_url(f"{node.url}/conversations?q=margh")
    await page.reload()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_label("Words or tools").fill("nothing of the kind")
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    await page.get_by_role("link", name="Show all conversations").click()
    await expect(page.locator("tbody tr")).to_have_count(3)


FOUND = {
    "q=table": ["slow"],
    "agent=kitchen": ["slow"],
    "agent=desk": ["plain", "slow", "broken"],
    "outcome=agent": ["broken"],
    "outcome=idle": ["plain", "slow"],
    "error=tool": ["broken"],
    "error=any": ["broken"],
    "error=none": ["plain", "slow"],
    "slow=2": ["slow"],
    "label=refund": ["slow"],
    "verdict=good": ["slow"],
    "from=2026-11-27": ["plain", "slow"],
    "to=2026-11-26": ["broken"],
    "from=2026-11-26&to=2026-11-27&error=any": ["broken"],
    "slow=fast&error=none": ["plain", "slow"],
}
"""What each query finds."""


async def test_every_filter_works_without_scripts(reader: Reader, node: Node) -> None:
    await store_some(node)
    client = await reader("reviewer")
    found = {}
    for query in FOUND:
        told = await client.get(f"/conversations?{query}")
        found[query] = re.findall(r'href="/conversations/conv_(\w+)"', told.text)
    assert found == FOUND


async def test_the_form_works_without_scripts(signed_in: SignedIn, node: Node) -> None:
    await store_some(node)
    page = await signed_in("reviewer", java_script_enabled=False)
    await page.goto("/conversations")
    await page.get_by_label("Errors").select_option("a tool failed")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.get_by_label("Errors")).to_have_value("tool")


async def test_pages_follow_each_other_by_links(signed_in: SignedIn, node: Node) -> None:
    for number in range(120):
        await store_call(node.services.database, f"{number:03}", at=START - number)
    page = await signed_in("reviewer", java_script_enabled=False)
    await page.goto("/conversations")
    seen = []
    while True:
        links = page.locator("tbody .row-link")
        seen += [await link.get_attribute("href") for link in await links.all()]
        older = page.get_by_role("link", name="Older")
        if not await older.count():
            break
        # Until it is there whole: rows are found while the page still comes.
        async with page.expect_navigation(wait_until="load"):
            await older.click()
    assert seen == [f"/conversations/conv_{number:03}" for number in range(120)]
    await page.get_by_role("link", name="Newest").click()
    await expect(page.locator("tbody tr")).to_have_count(50)


async def test_keys_go_through_the_rows(page: Page, node: Node) -> None:
    await store_some(node)
    await page.goto("/conversations")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(page.locator(row("slow")).locator("a")).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("next and previous conversation")


async def test_a_filter_is_kept_under_a_name_and_forgotten(
    page: Page, node: Node, signed_in: SignedIn
) -> None:
    await store_some(node)
    await page.goto("/conversations?slow=2")
    await page.get_by_label("Keep this filter as").fill("Slow <b>ones</b>")
    await page.get_by_role("button", name="Keep").click()
    saved = page.get_by_role("group", name="Saved filters")
    await expect(saved.get_by_role("link")).to_have_attribute("href", "/conversations?slow=2")
    await shoot(page, "conversations-filtered")
    other = await signed_in("reviewer")
    await other.goto("/conversations")
    await expect(other.get_by_role("group", name="Saved filters")).to_have_count(0)
    await saved.get_by_role("button", name="Forget").click()
    await expect(saved).to_have_count(0)


async def test_a_call_that_is_on_is_on_top_and_stays_in_the_list_when_it_ends(page: Page, node: Node) -> None:
    await store_some(node)
    await page.goto("/conversations")
    await expect(page.get_by_text("Nobody is on the line now.")).to_be_visible()
    async with calling(node) as caller:
        await caller.say("hello")
        name = caller.conversation_id.removeprefix("conv_")
        live = page.locator("#live")
        await expect(live.locator(row(name))).to_contain_text("live")
        await shoot(page, "conversations-live")
    await expect(live).to_contain_text("Nobody is on the line now.")
    await page.reload()
    await expect(page.locator("#found").locator(row(name))).to_be_visible()


async def test_the_focus_stays_on_a_call_that_is_on_while_its_row_changes(page: Page, node: Node) -> None:
    async with calling(node) as caller:
        await page.goto("/conversations")
        link = page.locator("#live .row-link")
        await link.focus()
        await caller.say("hello")
        await caller.say("again")
        await expect(page.locator("#live [data-name=Turns]")).to_have_text("2")
        await expect(link).to_be_focused()


async def test_a_list_that_is_empty_says_how_it_fills(page: Page, axe: Axe) -> None:
    await page.goto("/conversations")
    await expect(page.get_by_text("No conversation has been stored yet")).to_be_visible()
    await expect(page.get_by_text("orchestrator call desk")).to_be_visible()
    await axe(page)
    await shoot(page, "conversations-empty")


async def test_it_fits_a_phone_and_the_dark(signed_in: SignedIn, node: Node, axe: Axe) -> None:
    await store_some(node)
    page = await signed_in("reviewer", viewport={"width": 390, "height": 844}, color_scheme="dark")
    await page.goto("/conversations")
    await expect(page.locator(row("slow"))).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await axe(page)
    await shoot(page, "conversations-phone-dark")


async def test_reviewers_and_administrators_may_see_it(reader: Reader) -> None:
    roles: tuple[Role | None, ...] = ("admin", "reviewer", "caller", None)
    statuses = [(await (await reader(role)).get("/conversations")).status_code for role in roles]
    assert statuses == [200, 200, 403, 303]
