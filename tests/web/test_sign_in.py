"""Signing in and out, as people do it."""

import re

import pytest
from playwright.async_api import Page, expect

from orchestrator.store.keys import find_key, revoke_key
from orchestrator.web.sign_in import sign_in_link
from tests.api.node import ADMIN_KEY, Node
from tests.web.chromium import Watch, shoot
from tests.web.conftest import Axe, SignedIn

pytestmark = pytest.mark.browser

REFUSED = r"status of 401"


async def give(page: Page, key: str) -> None:
    await page.get_by_label("Key", exact=True).fill(key)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_key_opens_the_page_that_was_wanted(signed_in: SignedIn, node: Node) -> None:
    page = await signed_in(None)
    await page.goto("/?wanted=yes")
    await expect(page).to_have_url(f"{node.url}/sign-in?next=%2F%3Fwanted%3Dyes")
    await shoot(page, "sign-in")
    await give(page, node.keys["reviewer"])
    await expect(page).to_have_url(f"{node.url}/?wanted=yes")
    (cookie,) = [each for each in await page.context.cookies() if "form" not in each.get("name", "")]
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")


async def test_a_wrong_key_is_told_beside_the_field(signed_in: SignedIn, node: Node, watch: Watch) -> None:
    watch.allow(REFUSED)
    page = await signed_in(None)
    await page.goto("/sign-in")
    await give(page, "ok_wrong")
    await expect(page.get_by_role("alert")).to_contain_text("not known")
    await give(page, ADMIN_KEY)
    await expect(page.get_by_text("operator", exact=True)).to_be_visible()


async def test_signing_out_ends_the_session(page: Page, node: Node) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await page.goto("/")
    await expect(page).to_have_url(re.compile("/sign-in"))


async def test_a_link_of_serve_signs_in_once(signed_in: SignedIn, node: Node, watch: Watch) -> None:
    watch.allow(REFUSED)
    link = await sign_in_link(node.services, node.url)
    first = await signed_in(None)
    await first.goto(link)
    await expect(first.get_by_text("local administrator")).to_be_visible()
    second = await signed_in(None)
    await second.goto(link)
    await expect(second.get_by_role("alert")).to_contain_text("used already")


async def test_a_revoked_key_ends_its_sessions(page: Page, node: Node) -> None:
    await page.goto("/")
    async with node.services.database.transaction() as connection:
        key = await find_key(connection, node.keys["admin"])
        assert key is not None
        await revoke_key(connection, key.id)
    await page.reload()
    await expect(page).to_have_url(re.compile("/sign-in"))


async def test_the_form_works_without_scripts_and_on_a_phone(
    signed_in: SignedIn, node: Node, axe: Axe
) -> None:
    page = await signed_in(None, java_script_enabled=False, viewport={"width": 390, "height": 800})
    await page.goto("/sign-in?next=/")
    await give(page, node.keys["admin"])
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_accessible_in_light_and_dark(signed_in: SignedIn, axe: Axe, scheme: str) -> None:
    page = await signed_in(None, color_scheme=scheme)
    await page.goto("/sign-in")
    await axe(page)
    await shoot(page, f"sign-in-{scheme}")
