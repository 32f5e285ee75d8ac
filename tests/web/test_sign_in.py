"""Signing in and out, as people do it."""

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from orchestrator.app import create_app
from orchestrator.settings import Settings
from orchestrator.store.audit import list_audit
from orchestrator.store.keys import create_client_secret, find_key, revoke_key
from orchestrator.web.sign_in import sign_in_link
from orchestrator.web.viewer import session_cookie
from tests.api.node import ADMIN_KEY, Node, running_node
from tests.web.chromium import Watch, shoot
from tests.web.conftest import Axe, Reader, SignedIn

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
    link = await sign_in_link(node.services.database, node.services.admission, node.url)
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


async def test_a_link_on_another_site_leads_to_the_page_for_who_is_signed_in(page: Page, node: Node) -> None:
    # Such a request comes without the cookie: the browser keeps it for requests of our own site.
    elsewhere = f"<a href='{node.url}/conversations?slow=2'>look</a>"
    await page.route(
        "http://elsewhere.example/", lambda route: route.fulfill(body=elsewhere, content_type="text/html")
    )
    await page.goto("http://elsewhere.example/")
    await page.get_by_role("link", name="look").click()
    await expect(page).to_have_url(f"{node.url}/conversations?slow=2")
    await expect(page.get_by_role("heading", name="Conversations")).to_be_visible()


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


async def token_of(client: httpx.AsyncClient) -> str:
    """The token of the form that a client was given."""
    told = await client.get("/sign-in")
    token: str = re.findall(r'name="_csrf_token" value="(\w+)"', told.text)[0]
    return token


async def test_attempts_are_counted(reader: Reader) -> None:
    client = await reader(None)
    form = {"key": "ok_wrong", "_csrf_token": await token_of(client)}
    statuses = [(await client.post("/sign-in", data=form)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


async def test_a_client_secret_and_words_that_are_no_key_sign_nobody_in(reader: Reader, node: Node) -> None:
    client = await reader(None)
    async with node.services.database.transaction() as connection:
        secret, _ = await create_client_secret(connection, {}, 60)
    token = await token_of(client)
    for key in (secret, "sk-anything", "", " "):
        told = await client.post("/sign-in", data={"key": key, "_csrf_token": token})
        assert told.status_code == 401


async def test_signing_in_goes_on_to_addresses_of_ours_alone_and_is_audited(
    reader: Reader, node: Node
) -> None:
    client = await reader(None)
    form = {"key": node.keys["reviewer"], "_csrf_token": await token_of(client)}
    for wanted, led in (("/agents?days=7", "/agents?days=7"), ("//evil.example", "/")):
        told = await client.post("/sign-in", data={**form, "next": wanted})
        assert (told.status_code, told.headers["location"]) == (303, led)
    async with node.services.database.read() as connection:
        (entry, _) = (await list_audit(connection, action="page.sign_in")).rows
    assert entry.key_name == "reviewer"


async def test_behind_https_cookies_travel_in_no_other_way(database_url: str) -> None:
    settings = Settings(port=0, public_url="https://voice.example.com")
    async with running_node(database_url, settings, build=create_app) as node:
        client = node.http()
        told = await client.get("/sign-in", headers={"accept": "text/html"})
        name, _, rest = told.headers["set-cookie"].partition("=")
        assert name.startswith("__Host-orchestrator_form_")
        assert "Secure" in rest
        assert session_cookie(settings, node.services.admission).startswith("__Host-orchestrator_")
