"""The first page in a browser."""

import pytest
from playwright.async_api import Page, expect

from orchestrator.web import overview
from tests.api.node import Node, calling
from tests.web.chromium import shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.stored_calls import START, store_call

pytestmark = pytest.mark.browser


async def store_week(node: Node) -> None:
    """Calls on three days of the last week, one of which failed today."""
    for number, days in enumerate((0, 0, 1, 3, 3, 3)):
        await store_call(
            node.services.database,
            f"{number}",
            at=START - days * 86400 - number / 100,
            usage=50_000 * number,
            has_error=number == 0,
        )


def tile(name: str) -> str:
    return f'.tiles > div:has(dt:text-is("{name}")) dd'


async def test_each_number_leads_to_the_conversations_behind_it(
    page: Page, node: Node, axe: Axe, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store_week(node)
    monkeypatch.setattr(overview, "wall_clock", lambda: START + 3600)
    await page.goto("/")
    await expect(page.locator(tile("Calls today"))).to_have_text("2")
    await axe(page)
    await shoot(page, "overview")
    await page.locator(tile("Failed today")).get_by_role("link", name="1").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.goto("/")
    for tile_of in await page.locator(".tiles > div").all():
        await expect(tile_of.get_by_role("link")).to_have_count(1)
    await page.get_by_role("link", name="3 calls").click()
    await expect(page.locator("tbody tr")).to_have_count(3)


async def test_a_call_that_is_on_is_counted_and_listed(page: Page, node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        await page.goto("/")
        await expect(page.locator(tile("Live now"))).to_have_text("1")
        await expect(page.get_by_role("table", name="Live conversations").get_by_role("row")).to_have_count(2)


async def test_a_service_that_was_never_called_says_how_to_begin(page: Page, axe: Axe) -> None:
    await page.goto("/?days=1")
    await expect(page.get_by_text("Nothing failed today")).to_be_visible()
    await expect(page.get_by_text("orchestrator call desk")).to_be_visible()
    await axe(page)
    await shoot(page, "overview-empty")


async def test_it_fits_a_phone_and_the_dark_and_needs_no_scripts(
    signed_in: SignedIn, node: Node, axe: Axe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "wall_clock", lambda: START + 3600)
    await store_week(node)
    page = await signed_in("reviewer", viewport={"width": 390, "height": 844}, color_scheme="dark")
    await page.goto("/")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await axe(page)
    await shoot(page, "overview-phone-dark")
    plain = await signed_in("reviewer", java_script_enabled=False)
    await plain.goto("/")
    month = plain.get_by_role("link", name="30 days", exact=True)
    await month.click()
    await expect(month).to_have_attribute("aria-current", "true")


async def test_callers_are_led_to_talk_and_others_sign_in_first(reader: Reader) -> None:
    assert (await (await reader("caller")).get("/")).headers["location"] == "/talk"
    assert (await (await reader(None)).get("/")).headers["location"] == "/sign-in"
