"""Pages as somebody reads them who likes German best: nothing of ours is left in English, and all fits."""

import json
import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.async_api import expect

from orchestrator.core.describe import describe
from orchestrator.core.errors import StoreUnavailableError
from orchestrator.web.talk.pages import LANGUAGES
from orchestrator.web.wording import WORDINGS
from tests.api.node import Node, calling
from tests.patience import PATIENCE
from tests.web.chromium import Watch, shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.page_texts import page_texts
from tests.web.replays.test_handlers import forget_pizza, talked
from tests.web.stored_calls import store_call
from tests.web.test_translations import SAME_IN_ALL

pytestmark = pytest.mark.browser

KNOWN = WORDINGS["de"].sentences
ACCEPT = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}
UNITS = re.compile(r"\d+([.,]\d+)? ?(ms|s|min|h)\b|UTC|p\d\d")
NAMES = {
    "admin",
    "reviewer",
    "desk",
    "kitchen",
    "conv",
    "replay",
    "embedded",
    "test",
    "live",
    "Agent",
    "Engine",
}
"""What the data of these tests is called, and what is called the same in both languages."""

DATA = "hello pizza golden good item broken"
"""What callers and agents said, and what was noted, in these tests."""

AS_IT_IS = re.compile(r"Cook for whoever calls\.|404 not_found|conv_\w+|desk heard: .*|\d · use .*|.*[{}].*")
"""Instructions, codes of errors, ids, what was said, and JSON."""

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", UNITS.sub("", text)))


def data_of(node: Node) -> set[str]:
    """Every word of the agents, which are the application's."""
    agents = node.services.switchboard.definition.agents.values()
    return words_of(json.dumps([describe(agent) for agent in agents])) | NAMES


async def store_some(node: Node) -> str:
    """Conversations that differ in every column, the last of them replayed; the id of the replay."""
    at, database = time.time() - 600, node.services.database
    await store_call(database, "plain", at=at, usage=100_000, labels=["golden"], verdict="good")
    await store_call(database, "failed", at=at - 60, has_error=True, tool_errors=2, slowest_turn_ms=4200)
    await store_call(database, "ended", at=at - 90, status="ended", ended_by="agent", interruptions=3)
    conversation = await talked(node, "hello", 'use add_item {"item": "pizza"}')
    forget_pizza(node)
    run = await node.services.replays.begin([conversation], author="test", note="golden")
    await node.services.replays.ended(run.id)
    return run.id


ADDRESSES = {
    "/": "Wartezeit auf eine Antwort, p95",
    "/?days=30": "Alle Fehlschläge in den letzten 30 Tagen",
    "/conversations": "vom Agenten beendet",
    "/conversations?error=any": "Diesen Filter speichern als",
    "/conversations?slow=much&from=today&outcome=lost&error=big": "Schreiben Sie Sekunden, etwa 2.5.",
    "/conversations?q=nothing": "Nichts gefunden",
    "/agents": "Wer an wen übergibt",
    "/agents/desk": "Nimmt Anrufe und Übergaben an",
    "/agents/kitchen": "Wie für einen Anruf berechnet, der hier beginnt",
    "/agents/kitchen/tools/add_item": "Ausprobieren",
    "/agents/desk/tools/none": "Der Agent desk hat kein Werkzeug 'none'.",
    "/replays": "Wiederholungen, neueste zuerst",
    "/replays/{run}": "Was anders ist",
    "/replays/{run}/1": "Das Werkzeug wird nicht mehr aufgerufen",
    "/replays/none": "Es gibt keine Wiederholung none.",
    "/nowhere": "Keine Seite hat diese Adresse.",
    "/talk": "Noch wurde nichts gesagt.",
}
"""What each page says in German."""


async def test_nothing_of_ours_is_left_in_english(node: Node, reader: Reader) -> None:
    run, client = await store_some(node), await reader("admin")
    data = data_of(node) | words_of(" ".join(SAME_IN_ALL)) | words_of(DATA)
    data |= words_of(" ".join(LANGUAGES.values())) - {"Any"}
    left = {}
    for address, sentence in ADDRESSES.items():
        place = address.replace("{run}", run)
        english, german = [page_texts((await client.get(place, headers=each)).text) for each in ({}, ACCEPT)]
        assert sentence in german, address
        same = {text for text in english & german if not words_of(text) <= data | words_of(place)}
        left[address] = {text for text in same if KNOWN.get(text) != text and not AS_IT_IS.fullmatch(text)}
        left[address] |= {text for text in german if KNOWN.get(text, text) != text}
    assert {address: texts for address, texts in left.items() if texts} == {}


async def test_a_page_says_which_language_it_is_in(reader: Reader) -> None:
    client = await reader("admin")
    for address in ("/", "/conversations", "/agents", "/agents/desk", "/replays", "/nowhere"):
        for accepted, language in (("de", "de"), ("fr,en;q=0.8", "en"), ("", "en")):
            told = await client.get(address, headers={"accept-language": accepted})
            assert f'<html lang="{language}">' in told.text


async def test_a_part_of_a_page_comes_in_the_language_of_the_page(node: Node, reader: Reader) -> None:
    client = await reader("admin")
    told = await client.get("/conversations?q=none", headers={**ACCEPT, "hx-request": "true"})
    assert "Nichts gefunden" in told.text


async def test_what_is_live_is_told_to_each_in_their_language(node: Node, reader: Reader) -> None:
    client = await reader("reviewer")
    assert "Gerade ist niemand in der Leitung." in await first_event(client, ACCEPT)
    assert "Nobody is on the line now." in await first_event(client, {})


async def first_event(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    async with client.stream("GET", "/conversations/live", headers=headers, timeout=PATIENCE) as told:
        async for line in told.aiter_lines():
            if line.startswith("data: "):
                return line
    return ""


async def test_what_goes_wrong_is_told_in_german_and_what_is_not_translated_is_marked(
    node: Node, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await reader("admin")

    def fails(message: str) -> Callable[[], None]:
        def away() -> None:
            raise StoreUnavailableError(message)

        return away

    monkeypatch.setattr(
        node.services.database, "read", fails("Postgres cannot be used now (x). Try again shortly.")
    )
    told = (await client.get("/", headers=ACCEPT)).text
    assert "<p>Postgres ist gerade nicht zu benutzen (x). Versuchen Sie es gleich noch einmal.</p>" in told
    assert "Der Speicher ist weg" in told
    monkeypatch.setattr(node.services.database, "read", fails("A disk broke."))
    assert '<p><span lang="en">A disk broke.</span></p>' in (await client.get("/", headers=ACCEPT)).text
    assert "<p>A disk broke.</p>" in (await client.get("/")).text


async def test_documents_of_the_interfaces_stay_english(reader: Reader) -> None:
    client = await reader("admin")
    told = await client.get("/admin/nowhere", headers={**ACCEPT, "accept": "application/json"})
    assert told.headers["content-type"] == "application/problem+json"
    assert "Not Found" in told.text


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_german_fits_every_page(
    node: Node, signed_in: SignedIn, axe: Axe, size: dict[str, int]
) -> None:
    run = await store_some(node)
    page = await signed_in("admin", locale="de-DE", viewport=size)
    for address in (
        "/",
        "/conversations?error=none",
        "/agents",
        "/agents/kitchen",
        "/agents/kitchen/tools/add_item",
        "/replays",
        f"/replays/{run}",
        f"/replays/{run}/1",
    ):
        await page.goto(address)
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        await axe(page)
        await shoot(
            page, f"german-{size['width']}{address.replace(run, 'run').replace('/', '-').partition('?')[0]}"
        )


async def test_scripts_write_times_and_say_what_went_wrong_in_german(
    node: Node, signed_in: SignedIn, watch: Watch
) -> None:
    page = await signed_in("admin", locale="de-DE", timezone_id="Europe/Berlin")
    await store_call(node.services.database, "plain", at=1_795_770_000.0)
    await page.goto("/conversations")
    await expect(page.locator("#found tbody time")).to_have_text("27.11., 10:00")
    await expect(page.locator("#found tbody time")).to_have_attribute(
        "title", re.compile("^Freitag, 27. November 2026")
    )
    watch.allow("ERR_FAILED|htmx:")
    await page.route("**/conversations?q=*", lambda route: route.abort())
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("nächstes und voriges Gespräch")
    await page.get_by_role("button", name="Schließen").click()
    await page.get_by_label("Wörter oder Werkzeuge").fill("pizza")
    await expect(page.get_by_role("status")).to_have_text("Der Dienst ist nicht erreichbar. Neuer Versuch …")


async def test_a_call_that_is_on_is_live_in_german(node: Node, signed_in: SignedIn) -> None:
    page = await signed_in("reviewer", locale="de-DE")
    async with calling(node) as caller:
        await page.goto("/conversations")
        await caller.say("hello")
        await expect(page.locator("#live h2")).to_have_text("Jetzt live 1")
    await expect(page.locator("#live")).to_have_text("Gerade ist niemand in der Leitung.")
