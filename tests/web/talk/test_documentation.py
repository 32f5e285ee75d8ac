"""The page of the how-to is run as it is written, on another origin than the service's."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from orchestrator.testing.turns import says
from tests.web.talk.application import served
from tests.web.talk.conftest import ServiceMaker, secret_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
HOW_TO = (ROOT / "docs" / "how-to" / "call-from-a-browser.md").read_text()
SERVICE = "http://127.0.0.1:8000"


def page_of_the_how_to() -> str:
    found = re.search(r"```html\n(.*?)```", HOW_TO, re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_page_of_the_how_to_calls_the_service(service: ServiceMaker) -> None:
    example = page_of_the_how_to()
    assert len(example.splitlines()) <= 20
    async with service(lambda view: says("Good evening.", audio_ms=300)) as running:
        files = {"page.html": example.replace(SERVICE, running.url).encode()}
        with served(files) as address:
            secret = await secret_of(running)

            async def answer(route: Route) -> None:
                await route.fulfill(body=secret, content_type="text/plain")

            talk = await running.open("about:blank")
            await talk.page.route("**/secret", answer)
            await talk.page.goto(f"{address}/page.html")
            await talk.page.get_by_role("button").click()
            await expect(talk.page.locator("b")).to_have_text("Listening.")
            await talk.page.get_by_placeholder("or write").fill("hello")
            await talk.page.get_by_placeholder("or write").press("Enter")
            await expect(talk.page.get_by_role("listitem")).to_have_text(
                ["you: hello", "counter: Good evening."]
            )
            await expect(talk.page.locator("b")).to_have_text("Listening.")
