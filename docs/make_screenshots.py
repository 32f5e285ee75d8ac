# noqa: INP001 - a script, run by hand
"""Pictures of every page in `docs/images/`, of calls that were really held: shipped agents, embedded engine.

make screenshots
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright
from pydantic import SecretStr

from orchestrator.cli.address import Address
from orchestrator.cli.spoken import speaking
from orchestrator.cli.spoken_turns import SpokenTurns
from orchestrator.cli.voice_client import VoiceClient
from orchestrator.core.definition import Definition
from orchestrator.core.json_value import JsonObject
from orchestrator.store.gathering import load_rows
from orchestrator.store.reading import RecordingRow
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
SPOKEN: Final = ("two large margherita pizzas and a coke please", "what do I have so far")
INTERRUPTION: Final = "that's all, thank you"
SPOKEN_AFTER: Final = ("my name is Laura", "yes please")
HEARD_SECONDS: Final = 1.8
"""How much of the reply to the second is heard before it is interrupted."""


async def main() -> None:
    """Hold the calls, replay one, and take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with local_postgres() as server:
        url = await fresh_database(server)
        async with local_service("agents", database_url=url, admin_key=SecretStr(KEY)) as service:
            held = [await hold(service, says) for says in CALLS]
            run = await service.services.replays.begin(held, author="engineer", note="before the new menu")
            await service.services.replays.ended(run.id)
            spoken = await hold_aloud(service)
            await take(service.url.replace("ws:", "http:"), spoken, run.id)


async def hold(service: LocalService, says: tuple[str, ...]) -> str:
    """Hold a call; the conversation's id. The caller hangs up half way, and comes back."""
    conversation: str | None = None
    for part in (says[:2], says[2:]):
        if part:
            async with service.call("triage", conversation=conversation, seconds=60) as caller:
                for text in part:
                    conversation = (await caller.say(text)).conversation_id
    return conversation or ""


async def hold_aloud(service: LocalService) -> str:
    """Order by voice, interrupt once, and have all of it recorded; the conversation's id."""
    let_record(service)
    sounding = asyncio.Event()

    def watch(event: JsonObject) -> None:
        if event.get("type") == "output_audio_buffer.started":
            sounding.set()

    client = VoiceClient(Address.parse(service.url), agent="triage", key=KEY)
    async with speaking() as speak, client, asyncio.TaskGroup() as group:
        turns = SpokenTurns(client, watch)
        reading = group.create_task(turns.read())
        await turns.join()
        order, question = [await speak(text) for text in SPOKEN]
        await turns.speak(order)
        sounding.clear()
        group.create_task(turns.speak(question))
        await sounding.wait()
        await asyncio.sleep(HEARD_SECONDS)
        for text in (INTERRUPTION, *SPOKEN_AFTER):
            await turns.speak(await speak(text))
        reading.cancel()
    conversation = client.conversation or ""
    async with asyncio.timeout(60):
        while not await is_recorded(service, conversation):  # noqa: ASYNC110 - a recording tells nobody of its end
            await asyncio.sleep(0.1)
    return conversation


async def is_recorded(service: LocalService, conversation: str) -> bool:
    """Whether the recording is where it is kept; it is finished behind the call."""
    async with service.services.database.read() as connection:
        return bool(await load_rows(connection, conversation, RecordingRow))


def let_record(service: LocalService) -> None:
    """From now on the calls of all agents are recorded; those that ship record nothing."""
    switchboard = service.services.switchboard
    agents = {
        name: replace(agent, recording="This call is recorded.")
        for name, agent in switchboard.definition.agents.items()
    }
    for name in agents:
        switchboard.change_definition(Definition(agents, switchboard.definition.entry), name)


async def take(base: str, conversation: str, replay: str) -> None:
    """Take the pictures."""
    pages = {
        "conversations": "/conversations",
        "review": f"/conversations/{conversation}",
        "replays": "/replays",
        "replay": f"/replays/{replay}",
        "side-by-side": f"/replays/{replay}/3",
        "agents": "/agents",
        "agent": "/agents/restaurant",
        "tool": "/agents/restaurant/tools/add_item",
        "overview": "/",
        "talk": "/talk",
    }
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(base_url=base, viewport={"width": 1280, "height": 900})
        await page.goto("/sign-in")
        await page.screenshot(path=IMAGES / "sign-in.png")
        await sign_in(page)
        for name, address in pages.items():
            await page.goto(address)
            if name == "review":
                await page.locator("#peaks > *").first.wait_for(state="attached")
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
