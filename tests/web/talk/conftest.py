"""A whole service behind `/talk`, and a page of Chromium whose microphone says what a test wants."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from orchestrator.call.live import LiveConversation
from orchestrator.testing.local_service import LocalService, local_service
from orchestrator.testing.scripted_engine import ScriptedEngine
from tests.patience import PATIENCE
from tests.web.chromium import PATIENCE_MS, Watch

MICROPHONE = Path(__file__).with_name("microphone.js")
SHOP = "tests.end_to_end.shop"
SHIPPED = "agents"
WHISPER = 200


def sounding_ms(pcm: bytes) -> int:
    """Milliseconds of 24 kHz sound that are louder than a whisper, in frames of 20 ms."""
    samples = np.frombuffer(pcm[: len(pcm) // 960 * 960], dtype="<i2").astype(float)
    loud = np.sqrt((samples.reshape(-1, 480) ** 2).mean(axis=1)) > WHISPER
    return int(loud.sum()) * 20


class Talk:
    """The page as a caller uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.start = page.locator("#start")
        self.status = page.get_by_role("status").first
        self.problem = page.locator("#problem")
        self.hint = page.locator("#hint")

    async def call(self) -> None:
        """Press the button and wait until the call is connected."""
        await self.start.click()
        await self.is_("connected")

    async def is_(self, state: str) -> None:
        await expect(self.page.locator("#talk")).to_have_attribute("data-state", state)

    async def write(self, text: str) -> None:
        await self.page.get_by_label("Write to the agent").fill(text)
        await self.page.get_by_role("button", name="Send").click()

    def captions(self, who: str = "agent") -> Locator:
        return self.page.locator(f"#log .by-{who}")

    def state(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    async def say(self, pcm: bytes) -> None:
        """Speak into the microphone; returns when all of it was said."""
        await self.page.evaluate("sound => say(sound)", base64.b64encode(pcm).decode())

    async def listen(self) -> None:
        """Keep the sound of the loudspeaker from now on."""
        await self.page.evaluate("listen(document.getElementById('voice'))")

    async def heard(self) -> bytes:
        """The sound since last asked for: 16-bit PCM of 24 kHz."""
        return base64.b64decode(await self.page.evaluate("takeHeard()"))

    async def until(self, expression: str) -> None:
        """Wait until an expression holds on the page, whose own policy forbids to wait for one there."""
        async with asyncio.timeout(PATIENCE):
            while not await self.page.evaluate(expression):
                await self.page.wait_for_timeout(50)

    @property
    def conversation(self) -> str:
        found = re.search(r"conversation=(conv_\w+)", self.page.url)
        assert found is not None, self.page.url
        return found[1]


class TalkService:
    """A running service and the pages that look at it; `engine` is None where the embedded one answers."""

    def __init__(
        self, service: LocalService, engine: ScriptedEngine | None, browser: Browser, watch: Watch
    ) -> None:
        self.service = service
        self.url = service.url.replace("ws://", "http://")
        self._engine = engine
        self._browser = browser
        self._watch = watch
        self._contexts: list[BrowserContext] = []

    @property
    def engine(self) -> ScriptedEngine:
        assert self._engine is not None
        return self._engine

    @property
    def live(self) -> LiveConversation:
        """The one conversation that somebody is connected to."""
        (live,) = self.service.services.switchboard.conversations.values()
        return live

    async def open(self, address: str = "/talk", **options: Any) -> Talk:
        """Open the page; further options are a browser context's."""
        context = await self._browser.new_context(base_url=self.url, **options)
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(path=MICROPHONE)
        page = await context.new_page()
        self._watch.over(page)
        await page.goto(address)
        return Talk(page)

    async def close(self) -> None:
        """Close the pages, before the service goes away under them."""
        for context in self._contexts:
            await context.close()


async def secret_of(running: TalkService) -> str:
    """A secret as a page's own server makes it."""
    async with httpx.AsyncClient(base_url=running.url) as client:
        asked = {"session": {"type": "realtime", "model": "counter"}}
        made = await client.post("/v1/realtime/client_secrets", json=asked)
    value: str = made.json()["value"]
    return value


ServiceMaker = Callable[..., AbstractAsyncContextManager[TalkService]]


@pytest_asyncio.fixture(loop_scope="session")
async def service(database_url: str, browser: Browser, watch: Watch) -> AsyncIterator[ServiceMaker]:
    """Make a service: with a script for its engine the test's shop, else the agents that ship."""

    @asynccontextmanager
    async def make(*behaviour: object, agents: str = "", **settings: Any) -> AsyncIterator[TalkService]:
        async with AsyncExitStack() as stack:
            engine = None
            if behaviour:
                engine = await stack.enter_async_context(ScriptedEngine(*behaviour))  # type: ignore[arg-type]
                settings["engine"] = engine
            named = agents or (SHOP if behaviour else SHIPPED)
            opening = local_service(named, database_url=database_url, **settings)
            running = TalkService(await stack.enter_async_context(opening), engine, browser, watch)
            stack.push_async_callback(running.close)
            yield running

    yield make
    watch.check()
