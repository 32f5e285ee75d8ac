"""Pages of agents in a browser."""

import time

import pytest
from playwright.async_api import Page, expect

from tests.api.node import Node, calling
from tests.web.chromium import Watch, shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.stored_calls import store_call

pytestmark = pytest.mark.browser


async def test_the_list_draws_who_hands_over_and_says_the_same_in_words(page: Page, axe: Axe) -> None:
    await page.goto("/agents")
    await expect(page.get_by_role("img", name="Who hands over to whom")).to_be_visible()
    assert await page.locator(".graph text").all_text_contents() == ["desk", "kitchen"]
    await expect(page.get_by_role("listitem").filter(has_text="the caller is hungry")).to_be_visible()
    await axe(page)
    await shoot(page, "agents")


async def test_instructions_that_a_method_computes_are_read_as_a_call_would_have_them(
    page: Page, signed_in: SignedIn
) -> None:
    await page.goto("/agents/kitchen")
    await expect(page.locator("pre.computed")).to_have_text("Cook for whoever calls.")
    await expect(page.get_by_label("Instructions")).to_have_value("")
    reviewer = await signed_in("reviewer")
    await reviewer.goto("/agents/kitchen")
    assert "Cook for whoever" not in await reviewer.content()


async def test_figures_lead_to_the_conversations_behind_them(page: Page, node: Node) -> None:
    at = time.time() - 60
    await store_call(node.services.database, "one", at=at, agents=["desk", "kitchen"], has_error=True)
    await store_call(node.services.database, "two", at=at)
    await page.goto("/agents?days=30")
    row = page.get_by_role("row").filter(has_text="Welcomes callers.")
    await row.get_by_role("link", name="2", exact=True).click()
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.goto("/agents/kitchen")
    await page.locator(".tiles").get_by_role("link", name="1", exact=True).click()
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_a_change_is_a_revision_with_its_difference_and_is_restored(
    page: Page, node: Node, axe: Axe
) -> None:
    await page.goto("/agents/desk")
    text = await page.get_by_label("Instructions").input_value()
    await page.get_by_label("Instructions").fill(f"{text}\nNever mention the weather.")
    await page.get_by_label("Voice").fill("cedar")
    await page.get_by_label("Why").fill("callers were sad")
    await page.get_by_role("button", name="Put in force").click()
    revision = page.locator("details.revision").first
    await expect(revision).to_contain_text("callers were sad")
    await expect(revision.locator("ins")).to_have_text(["+ Never mention the weather.", "+ cedar"])
    assert node.services.switchboard.definition.agent("desk").voice == "cedar"
    await axe(page)
    await shoot(page, "agent")
    await page.get_by_role("button", name="Restore revision 0").click()
    await expect(page.locator("details.revision")).to_have_count(2)
    assert node.services.switchboard.definition.agent("desk").voice == "marin"


async def test_a_change_that_cannot_be_is_told_and_what_was_written_stays(page: Page, watch: Watch) -> None:
    watch.allow("status of 4")
    await page.goto("/agents/kitchen")
    await page.get_by_label("Instructions").fill("Cook well.")
    await page.get_by_label("Turn detection").fill("{")
    await page.get_by_role("button", name="Put in force").click()
    await expect(page.get_by_role("alert")).to_contain_text("no JSON")
    await expect(page.get_by_label("Instructions")).to_have_value("Cook well.")


async def test_somebody_elses_change_meanwhile_is_not_lost(
    page: Page, watch: Watch, signed_in: SignedIn
) -> None:
    watch.allow("status of 409")
    other = await signed_in("admin")
    await page.goto("/agents/kitchen")
    await other.goto("/agents/kitchen")
    for each, voice in ((other, "sage"), (page, "marin")):
        await each.get_by_label("Voice").fill(voice)
        await each.get_by_role("button", name="Put in force").click()
    await expect(page.get_by_role("alert")).to_contain_text("is at revision 1 now")


async def test_a_setting_is_as_the_class_says_again(page: Page, node: Node) -> None:
    await page.goto("/agents/kitchen")
    await page.get_by_label("Greeting").fill("Kitchen!")
    await page.get_by_role("button", name="Put in force").click()
    await page.get_by_label("greeting", exact=True).check()
    await page.get_by_role("button", name="Put in force").click()
    await expect(page.locator("details.revision")).to_have_count(2)
    assert node.services.switchboard.definition.agent("kitchen").greeting is None


async def test_a_tool_is_tried_out_from_its_schema_and_changes_nothing(
    page: Page, node: Node, axe: Axe
) -> None:
    await page.goto("/agents/desk")
    await page.get_by_role("link", name="Try it out of add_item").click()
    await page.get_by_label("item needed").fill("soup")
    await page.get_by_label("quantity").fill("2")
    await page.get_by_role("button", name="Run").click()
    result = page.get_by_role("region", name="Result")
    await expect(result).to_contain_text("completed")
    await expect(result).to_contain_text('"soup"')
    await expect(result).to_contain_text("One moment.")
    await axe(page)
    await shoot(page, "agent-tool")
    await page.get_by_label("quantity").fill("")
    await page.get_by_label("item needed").fill("")
    await page.get_by_role("button", name="Run").click()
    await expect(result).to_contain_text("invalid")


async def test_a_tool_that_fails_is_shown_as_such_without_scripts(signed_in: SignedIn) -> None:
    page = await signed_in("admin", java_script_enabled=False)
    await page.goto("/agents/desk/tools/broken")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("The oven is cold.")


async def test_a_reviewer_reads_all_but_the_instructions_and_changes_nothing(
    signed_in: SignedIn, reader: Reader
) -> None:
    page = await signed_in("reviewer")
    await page.goto("/agents/desk")
    await expect(page.get_by_text("Only administrators may read them.")).to_be_visible()
    await expect(page.get_by_role("button", name="Put in force")).to_have_count(0)
    assert "xyzzy" not in await page.content()
    await page.goto("/agents/desk/tools/add_item")
    await expect(page.get_by_role("button", name="Run")).to_have_count(0)


async def test_the_pages_fit_a_phone_and_the_dark(signed_in: SignedIn, axe: Axe) -> None:
    page = await signed_in("admin", viewport={"width": 390, "height": 844}, color_scheme="dark")
    for path in ("/agents", "/agents/desk", "/agents/desk/tools/add_item"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await axe(page)
        await shoot(page, f"phone-dark{path.replace('/', '-')}")


async def test_handoffs_and_tools_of_real_calls_are_counted(page: Page, node: Node) -> None:
    async with calling(node) as caller:
        await caller.say('use add_item {"item": "soup"}')
        await caller.say("use broken {}")
    await page.goto("/agents/desk?days=7")
    tool = page.get_by_role("region", name="broken")
    await expect(tool).to_contain_text("1 run, 100")


async def test_what_is_not_there_is_told(reader: Reader) -> None:
    client = await reader("admin")
    for path in ("/agents/nobody", "/agents/desk/tools/nothing"):
        told = await client.get(path)
        assert told.status_code == 404
        assert "nothing here" in told.text
