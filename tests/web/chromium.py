"""A real Chromium for tests, and a watch over each of its pages."""

import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python  # type: ignore[import-untyped]  # ships no types
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.patience import PATIENCE

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PATIENCE_MS = 1000 * PATIENCE

expect.set_options(timeout=PATIENCE_MS)


def executable() -> str | None:
    """Where Chromium is, None where it is not installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def launched(*flags: str) -> AsyncIterator[Browser]:
    """A Chromium that runs, with further flags, such as a file for its microphone."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watch:
    """Collects what goes wrong on a page: console errors, failed scripts, breaches of the policy."""

    found: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", lambda told: self.found.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self.found.append(str(error)))

    def allow(self, pattern: str) -> None:
        """Expect an error, such as the console's line for a page of status 404."""
        self.allowed.append(pattern)

    def check(self) -> None:
        unexpected = [
            line for line in self.found if not any(re.search(known, line) for known in self.allowed)
        ]
        assert unexpected == [], "the browser's console has errors"


async def serious_findings(page: Page) -> list[str]:
    """What axe finds against a page that is serious or worse.

    By the protocol of the developer tools: the pages' own policy lets nobody evaluate anything.
    """
    tools = await page.context.new_cdp_session(page)
    await tools.send("Runtime.evaluate", {"expression": AXE.read_text()})
    run = (
        "axe.run({resultTypes: ['violations']}).then(found => JSON.stringify(found.violations.map(each => "
        "[each.impact, each.id, each.nodes.map(node => node.target.join(' ') + ' ' + node.failureSummary)])))"
    )
    told: dict[str, Any] = await tools.send(
        "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
    )
    await tools.detach()
    assert "value" in told["result"], told
    return [
        f"{impact} {name}: {nodes}"
        for impact, name, nodes in json.loads(told["result"]["value"])
        if impact in {"serious", "critical"}
    ]


async def shoot(page: Page, name: str) -> None:
    """Keep a picture of a page in the folder that SCREENSHOTS names; nothing where it is not set."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
