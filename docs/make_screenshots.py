# noqa: INP001 - a script, run by hand
"""Pictures of every page in `docs/images/`, of calls that were really held: shipped agents, embedded engine.

make screenshots
"""

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright
from pydantic import SecretStr

from orchestrator.testing.local_service import LocalService, fresh_database, local_postgres, local_service

IMAGES: Final = Path(__file__).parent / "images"
KEY: Final = "ok_admin_of_the_pictures"
CHROMIUM: Final = "/usr/bin/chromium"
ORDER: Final = ("hello", "two large margherita pizzas and a coke please", "make it three cokes", "that's all")
CALLS: Final = (
    ("can I talk to a person", "I have a complaint"),
    ("I would like a small hawaiian", "take off the tiramisu", "what is the total"),
    (*ORDER, "the name is anna", "yes please"),
)


async def main() -> None:
    """Hold the calls, replay one, and take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with local_postgres() as server:
        url = await fresh_database(server)
        async with local_service("agents", database_url=url, admin_key=SecretStr(KEY)) as service:
            held = [await hold(service, says) for says in CALLS]
            run = await service.services.replays.begin(held, author="engineer", note="before the new menu")
            await service.services.replays.ended(run.id)
            await take(service.url.replace("ws:", "http:"), held[-1], run.id)


async def hold(service: LocalService, says: tuple[str, ...]) -> str:
    """Hold a call; the conversation's id. The caller hangs up half way, and comes back."""
    conversation: str | None = None
    for part in (says[:2], says[2:]):
        if part:
            async with service.call("triage", conversation=conversation, seconds=60) as caller:
                for text in part:
                    conversation = (await caller.say(text)).conversation_id
    return conversation or ""


async def take(base: str, conversation: str, replay: str) -> None:
    """Take the pictures."""
    pages = {
        "conversations": "/conversations",
        "review": f"/conversations/{conversation}",
        "replay": f"/replays/{replay}",
        "side-by-side": f"/replays/{replay}/3",
        "agents": "/agents",
        "agent": "/agents/restaurant",
        "overview": "/",
        "talk": "/talk",
    }
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(base_url=base, viewport={"width": 1280, "height": 900})
        await sign_in(page)
        for name, address in pages.items():
            await page.goto(address)
            await page.screenshot(path=IMAGES / f"{name}.png")
        await browser.close()


async def sign_in(page: Page) -> None:
    """Sign in as the administrator."""
    await page.goto("/sign-in?next=/conversations")
    await page.locator("input[name=key]").fill(KEY)
    await page.locator("input[name=key]").press("Enter")
    await page.wait_for_url("**/conversations")


if __name__ == "__main__":
    asyncio.run(main())
