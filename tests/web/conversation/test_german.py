"""The page of a conversation as it is read in German: no sentence of ours is left in English."""

import asyncio
import json
import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Dialog, Page, expect

from orchestrator.web.wording import WORDINGS
from tests.api.node import Node, calling
from tests.patience import PATIENCE
from tests.web.chromium import shoot
from tests.web.conftest import Axe, Reader, SignedIn
from tests.web.conversation.stored_call import store_sample
from tests.web.page_texts import page_texts

pytestmark = pytest.mark.browser

ADDRESS = "/conversations/conv_sample"
GERMAN = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}
PHONE = {"width": 390, "height": 844}
NAMES = {"orchestrator", "admin", "JSON", "JSONL", "WebVTT", "j", "k", "c"}
FIELDS = {"error", "phone", "summary", "tax", "subtotal", "total"}
"""Of the sample's tools, its state and its rows, which are called as some sentences of ours are."""

SHORT = r"\d+(,\d)? (ms|s|min|h)|UTC|\d"
"""Units, which are the same in both languages."""


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


async def data_of(client: httpx.AsyncClient) -> set[str]:
    """Every word of what is stored, which is no sentence of ours."""
    return words_of((await client.get(f"{ADDRESS}/export", params={"format": "json"})).text)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("", "Zwischensumme"),
        ("?note=item_8", "dieser Zeile"),
        ("/events", "Übergabe zurückgenommen"),
        ("/raw", "Zeilen"),
    ],
)
async def test_nothing_of_ours_is_left_in_english(
    node: Node, reader: Reader, place: str, sentence: str
) -> None:
    await store_sample(node.services)
    client = await reader("admin")
    english = page_texts((await client.get(ADDRESS + place)).text)
    told = await client.get(ADDRESS + place, headers=GERMAN)
    assert '<html lang="de">' in told.text
    german, data = page_texts(told.text), await data_of(client)
    ours = {text for text in german & english if not words_of(re.sub(SHORT, "", text)) <= data}
    sentences = WORDINGS["de"].sentences.items()
    assert ours - NAMES - {english for english, translated in sentences if english == translated} == set()
    assert german & {english for english, translated in sentences if english != translated} <= FIELDS
    assert sentence in german


async def test_the_page_is_english_to_everybody_else(node: Node, reader: Reader) -> None:
    await store_sample(node.services)
    client = await reader("admin")
    told = await client.get(ADDRESS, headers={"accept-language": "fr,en;q=0.8"})
    assert '<html lang="en">' in told.text
    assert "The caller is back after 23 h 59 min" in told.text


async def test_what_is_taken_away_is_the_same_in_every_language(node: Node, reader: Reader) -> None:
    await store_sample(node.services)
    client = await reader("admin")
    for format_ in ("json", "jsonl", "txt", "vtt"):
        english, german = [
            await client.get(f"{ADDRESS}/export", params={"format": format_}, headers=headers)
            for headers in ({}, GERMAN)
        ]
        assert english.content == german.content


async def test_each_reader_of_a_live_call_is_told_in_their_language(node: Node, reader: Reader) -> None:
    client = await reader("reviewer")
    async with calling(node) as caller:
        await caller.say("use broken {}")
        await node.services.switchboard.conversations[caller.conversation_id].stored(PATIENCE)
        address = f"/conversations/{caller.conversation_id}/live"
        english, german = await asyncio.gather(
            told_until(client, address, {}), told_until(client, address, GERMAN)
        )
    assert (">failed<" in english["row"], ">fehlgeschlagen<" in english["row"]) == (True, False)
    assert (">failed<" in german["row"], ">fehlgeschlagen<" in german["row"]) == (False, True)
    assert ("<dt>Started</dt>" in english["part"], "<dt>Beginn</dt>" in german["part"]) == (True, True)


async def told_until(client: httpx.AsyncClient, address: str, headers: dict[str, str]) -> dict[str, str]:
    """The pieces of a page that a reader is told who has nothing, by event."""
    told: dict[str, str] = {}
    headers = {"accept": "text/event-stream", **headers}
    async with asyncio.timeout(PATIENCE), client.stream("GET", address, headers=headers) as response:
        name = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name in {"row", "part"}:
                told[name] = told.get(name, "") + json.loads(line.removeprefix("data: "))["html"]
            if name == "told":
                break
    return told


async def opened(signed_in: SignedIn, node: Node, place: str = "", **options: Any) -> Page:
    await store_sample(node.services)
    page = await signed_in("admin", locale="de-DE", **options)
    await page.goto(f"{ADDRESS}{place}")
    return page


@pytest.mark.parametrize(("name", "size"), [("desk", {"width": 1280, "height": 900}), ("phone", PHONE)])
async def test_its_words_fit_the_width_of_the_screen(
    signed_in: SignedIn, node: Node, axe: Axe, name: str, size: dict[str, int]
) -> None:
    page = await opened(signed_in, node, "#item-item_8", viewport=size)
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await page.locator("#happenings summary").click()
    await page.get_by_role("link", name="Alle Ereignisse zeigen").click()
    await expect(page.locator(".happenings li").first).to_contain_text("Anruf begonnen")
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    await axe(page)
    await shoot(page, f"review-german-{name}")


async def test_its_scripts_speak_german(signed_in: SignedIn, node: Node) -> None:
    page = await opened(signed_in, node, "?t=12.5", permissions=["clipboard-read", "clipboard-write"])
    await expect(page.locator("#now")).to_have_text("0:12,5")
    await page.get_by_role("button", name="Abspielen").click()
    await page.get_by_role("button", name="Anhalten").click()
    await page.keyboard.press("c")
    await expect(page.locator("#notice")).to_have_text("Der Link zu dieser Stelle ist kopiert.")
    await page.locator("#item-item_8").get_by_role("link", name="Notiz").click()
    await expect(page.locator("#write-note label")).to_have_text("Zur Zeile bei 0:09,3")
    await page.locator("#labels").fill("zu lang")
    await page.get_by_role("button", name="Speichern").click()
    await expect(page.locator("#judgement")).to_contain_text("Gespeichert")


async def test_operators_act_in_german(node: Node, signed_in: SignedIn, axe: Axe) -> None:
    asked: list[str] = []

    async def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await dialog.accept()

    async with calling(node) as caller:
        await caller.say("hello")
        page = await signed_in("admin", locale="de-DE", viewport=PHONE)
        page.on("dialog", agree)
        await page.goto(f"/conversations/{caller.conversation_id}")
        for name in ("Sagen …", "Dem Modell sagen …", "Übergeben …", "Auflegen …"):
            await page.locator("#operator summary", has_text=re.compile(f"^{name}$")).click()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await axe(page)
        await shoot(page, "operator-german")
        await page.get_by_label("mit der Stimme des Agenten").fill("We close soon.")
        await page.get_by_role("button", name="Dem Anrufer sagen").click()
        assert await caller.reply() == "We close soon."
        told = page.locator("#operator-told")
        await expect(told).to_have_text("Der Agent sagt es, sobald er schweigt.")
        await expect(page.locator("#transcript")).to_contain_text("Worte eines Operators")
        await page.get_by_role("button", name="Jetzt übergeben").click()
        await expect(told).to_have_text("kitchen kommt, sobald der Agent schweigt.")
        await expect(page.locator(".line-handoff")).to_contain_text("übergibt an")
        await page.get_by_role("button", name="Beim Anrufer auflegen").click()
        await expect(page.locator("#notice")).to_have_text("Der Anruf ist beendet.")
        await expect(page.locator("#facts")).to_contain_text("ein Operator hat aufgelegt")
    assert asked == ["Diesen Anruf einem anderen Agenten übergeben?", "Wirklich beim Anrufer auflegen?"]
