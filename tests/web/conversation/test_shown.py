"""A stored conversation on its page, as people see and use it."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.api.node import Node
from tests.web.chromium import Watch, shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.conversation.stored_call import store_sample
from tests.web.review.sample_call import VIOLATION

pytestmark = pytest.mark.browser

ADDRESS = "/conversations/conv_sample"
PHONE = {"width": 390, "height": 844}


async def opened(signed_in: SignedIn, node: Node, place: str = "", **options: Any) -> Page:
    """The page of the sample, for somebody."""
    await store_sample(node.services)
    page = await signed_in(options.pop("role", "admin"), **options)
    await page.goto(f"{ADDRESS}{place}")
    return page


def row(page: Page, item: str) -> Any:
    return page.locator(f"#item-{item}")


async def place_of(page: Page) -> str:
    return (await page.locator("#now").text_content()) or ""


async def total(page: Page) -> str:
    return (await page.locator("#states .revision:visible .sum-total .number").text_content()) or ""


async def test_a_link_leads_to_the_row_and_the_second_that_it_names(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "?t=10.5#item-item_8")
    await expect(row(page, "item_8")).to_have_class(re.compile(r"\bcurrent\b"))
    await expect(page.locator("#now")).to_have_text("0:10.5")
    await expect(row(page, "item_8")).to_be_in_viewport()
    await shoot(page, "review")


async def test_a_link_to_a_row_alone_leads_to_its_beginning(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "#item-item_18")
    await expect(page.locator("#now")).to_have_text("0:30.8")
    await expect(row(page, "item_18")).to_have_class(re.compile(r"\bcurrent\b"))


async def test_playing_marks_what_is_said_and_the_address_keeps_the_place(
    signed_in: SignedIn, node: Node
) -> None:
    page = await opened(signed_in, node)
    await page.clock.install(time=0)
    await page.goto(f"{ADDRESS}?t=13")
    await page.clock.pause_at(3_600)
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await page.clock.run_for(600)
    await expect(row(page, "item_9")).to_have_class(re.compile(r"\bcurrent\b"))
    await page.clock.run_for(1_000)
    await expect(row(page, "item_10")).to_have_class(re.compile(r"\bcurrent\b"))
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    await page.clock.run_for(1_000)
    await expect(page).to_have_url(re.compile(r"\?t=14\.\d+#item-item_10$"))


async def test_a_click_into_the_picture_seeks(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node)
    picture = page.locator(".lane-picture")
    box = await picture.bounding_box()
    assert box is not None
    await picture.click(position={"x": box["width"] * 0.5, "y": 84})
    await expect(page.locator("#now")).to_have_text(re.compile(r"^0:2[45]\.\d$"))
    await expect(page.locator("#playhead")).to_have_attribute("x1", re.compile(r"^(49|50)"))


async def test_a_click_on_a_time_seeks(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node)
    await row(page, "item_6").locator("a.at").click()
    await expect(page.locator("#now")).to_have_text("0:08.8")
    await expect(page).to_have_url(re.compile(r"\?t=8\.8#item-item_6$"))


async def test_keys_go_from_row_to_row_and_from_turn_to_turn(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "#item-item_2")
    await page.keyboard.press("j")
    await expect(row(page, "item_5")).to_have_class(re.compile(r"\bcurrent\b"))
    await page.keyboard.press("k")
    await expect(row(page, "item_2")).to_have_class(re.compile(r"\bcurrent\b"))
    await page.keyboard.press("]")
    await expect(row(page, "item_9")).to_have_class(re.compile(r"\bcurrent\b"))
    await page.keyboard.press("[")
    await expect(row(page, "item_2")).to_have_class(re.compile(r"\bcurrent\b"))
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#now")).to_have_text("0:09.2")


async def test_the_cart_is_shown_as_it_was_at_the_playhead(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "?t=9.5")
    assert await total(page) == "35.72"
    await expect(page.locator("#states .revision:visible")).to_contain_text("revision 1")
    await row(page, "item_15").locator("a.at").click()
    assert await total(page) == "38.86"
    await expect(page.locator("#states .revision:visible")).to_contain_text("coke")
    await row(page, "item_23").locator("a.at").click()
    await expect(page.locator("#states .revision:visible")).to_contain_text("A-17")
    await row(page, "item_2").locator("a.at").click()
    await expect(page.locator("#states .revision:visible")).to_contain_text("as it begins")


async def test_what_was_not_heard_is_struck_through(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node)
    said = row(page, "item_8")
    await expect(said.locator("del.unheard")).to_have_text("perhaps something to drink or a dessert?")
    await expect(said.locator(".heard")).to_have_text("Two large margherita. Would you like anything else,")
    await expect(said.get_by_text("interrupted")).to_be_visible()
    await expect(page.locator(".hatched")).to_have_count(1)
    await expect(row(page, "item_2").get_by_text("late transcript")).to_be_visible()


async def test_tool_cards_tell_success_wrong_arguments_and_time_out(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node)
    await expect(row(page, "item_6")).to_contain_text(re.compile("add_item.*done.*100 ms", re.DOTALL))
    await expect(row(page, "item_6").locator(".change-added").first).to_contain_text("margherita, large")
    await expect(row(page, "item_10")).to_contain_text("wrong arguments")
    await expect(row(page, "item_10").locator(".violations")).to_contain_text(VIOLATION)
    slow = row(page, "item_16")
    await expect(slow).to_contain_text(re.compile("timed out.*6.0 s.*2 attempts", re.DOTALL))
    await slow.get_by_text("Result and attempts").click()
    await expect(slow.locator(".attempts li")).to_have_text(
        [re.compile("failed after 2.6 s"), re.compile("timed out after 3.0 s")]
    )


async def test_dividers_tell_of_handoffs_reconnections_and_further_calls(
    signed_in: SignedIn, node: Node
) -> None:
    page = await opened(signed_in, node)
    handoff = row(page, "item_5")
    await expect(handoff).to_contain_text(re.compile("triage.*hands over to.*restaurant.*600 ms", re.DOTALL))
    await expect(handoff).to_contain_text("the caller wants to order")
    await expect(handoff.locator(".fields")).to_contain_text(re.compile(r"wants\s*order"))
    await expect(page.locator("#handoff-handoff_2")).to_contain_text("rolled back")
    await expect(page.locator("#session-3")).to_contain_text("The engine was lost")
    await expect(row(page, "item_19")).to_contain_text("The caller is back after 23 h 59 min")


async def test_agents_have_a_hue_each_in_rows_and_lanes(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node)
    said = await row(page, "item_1").get_attribute("class")
    hue = re.search(r"hue-\d+", said or "")
    assert hue is not None
    duty = page.locator(".duty")
    await expect(duty).to_have_count(2)
    assert hue[0] in (await duty.first.get_attribute("class") or "")
    assert hue[0] not in (await duty.last.get_attribute("class") or "")


async def test_words_of_outside_are_words_and_nothing_else(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node)
    await expect(row(page, "item_18")).to_contain_text("<b>Please</b> pay at the counter.")


async def test_the_link_to_a_moment_is_copied(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "#item-item_14", permissions=["clipboard-read", "clipboard-write"])
    await page.keyboard.press("c")
    await expect(page.locator("#notice")).to_contain_text("copied")


async def test_reviewers_see_no_raw_rows(signed_in: SignedIn, node: Node, reader: Reader) -> None:
    page = await opened(signed_in, node, role="reviewer")
    await expect(page.locator("#transcript .line")).to_have_count(18)
    await expect(page.locator("#raw")).to_have_count(0)
    assert (await (await reader("reviewer")).get(f"{ADDRESS}/raw")).status_code == 403
    assert (await (await reader("caller")).get(ADDRESS)).status_code == 403


async def test_events_are_listed_when_they_are_asked_for_and_lead_to_their_moments(
    signed_in: SignedIn, node: Node
) -> None:
    page = await opened(signed_in, node, "?t=3", role="reviewer")
    await expect(page.locator(".happenings")).to_have_count(0)
    await page.locator("#happenings summary").click()
    lost = page.locator(".happenings li", has_text="handoff rolled back")
    await expect(lost).to_have_class("bad")
    await lost.get_by_role("link").click()
    await expect(page.locator("#now")).not_to_have_text("0:03.0")


async def test_administrators_see_the_rows(signed_in: SignedIn, node: Node, reader: Reader) -> None:
    page = await opened(signed_in, node)
    await page.locator("#raw summary").click()
    await page.get_by_role("link", name="Show the rows").click()
    await expect(page.locator("#raw-rows .raw-table")).not_to_have_count(0)
    told = await (await reader("admin")).get(f"{ADDRESS}/raw")
    assert "tool_call_id" in told.text


async def test_without_scripts_everything_is_there(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "?t=16", java_script_enabled=False)
    await expect(page.locator("#transcript .line")).to_have_count(18)
    await expect(page.locator("#states .revision:visible .sum-total")).to_contain_text("38.86")
    await expect(page.locator("#play")).to_be_hidden()
    await page.locator("#happenings summary").click()
    await page.get_by_role("link", name="Show all events").click()
    await expect(page.locator(".happenings .bad")).not_to_have_count(0)
    await page.goto(f"{ADDRESS}?note=item_8#write-note")
    await page.locator("#note-text").fill("Too long.")
    await page.get_by_role("button", name="Add note").click()
    await expect(row(page, "item_8").locator(".row-notes")).to_contain_text("Too long.")


async def test_a_phone_shows_the_whole_page_in_its_width(signed_in: SignedIn, node: Node, axe: Axe) -> None:
    page = await opened(signed_in, node, "#item-item_8", viewport=PHONE)
    await expect(row(page, "item_8")).to_be_in_viewport()
    tools = await page.context.new_cdp_session(page)
    width = await tools.send(
        "Runtime.evaluate", {"expression": "document.documentElement.scrollWidth", "returnByValue": True}
    )
    assert width["result"]["value"] <= PHONE["width"]
    await axe(page)
    await shoot(page, "review-phone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_can_be_read_by_everybody(
    signed_in: SignedIn, node: Node, axe: Axe, scheme: str
) -> None:
    page = await opened(signed_in, node, "?t=15", color_scheme=scheme)
    await expect(page.locator(".line.current")).to_have_count(1)
    await axe(page)
    await shoot(page, f"review-{scheme}")


@pytest.mark.parametrize(
    ("format_", "kind", "word"),
    [
        ("json", "application/json", '"conv_sample"'),
        ("jsonl", "application/jsonl", '"kind":"item"'),
        ("txt", "text/plain", "Caller: And a coke."),
        ("vtt", "text/vtt", "WEBVTT"),
    ],
)
async def test_a_conversation_is_taken_away(
    node: Node, reader: Reader, format_: str, kind: str, word: str
) -> None:
    await store_sample(node.services)
    told = await (await reader("reviewer")).get(f"{ADDRESS}/export", params={"format": format_})
    assert told.headers["content-type"].startswith(kind)
    assert told.headers["cache-control"] == "no-store"
    assert word in told.text


async def test_administrators_make_a_test_of_a_conversation(
    signed_in: SignedIn, node: Node, reader: Reader
) -> None:
    page = await opened(signed_in, node)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Make a test").click()
    kept = await (await download.value).path()
    source = kept.read_text()
    compile(source, "test_conversation.py", "exec")
    assert "And a coke." in source
    assert (await (await reader("reviewer")).get(f"{ADDRESS}/test")).status_code == 403


async def test_a_conversation_that_does_not_exist_is_told_so(signed_in: SignedIn, watch: Watch) -> None:
    watch.allow("status of 404")
    page = await signed_in("reviewer")
    await page.goto("/conversations/conv_none")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
