"""The page on a phone, in the dark, by keyboard, to a screen reader, and in scripts that run to the left."""

import pytest
from playwright.async_api import expect

from orchestrator.testing.turns import says
from tests.web.chromium import shoot
from tests.web.conftest import Axe
from tests.web.talk.conftest import ServiceMaker
from tests.web.talk.test_order import ORDER, order

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
ARABIC = "أريد رغيفين من الخبز"


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_on_a_phone_all_of_it_is_there_and_nothing_is_cut_off(
    service: ServiceMaker, axe: Axe, colours: str
) -> None:
    async with service() as running:
        talk = await running.open(viewport=PHONE, color_scheme=colours)
        await axe(talk.page)
        await order(talk)
        assert await talk.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await talk.page.get_by_text("Devices and language").click()
        await axe(talk.page)
        await shoot(talk.page, f"talk-phone-{colours}")


async def test_everything_is_reached_by_the_keyboard(service: ServiceMaker) -> None:
    async with service() as running:
        talk = await running.open()
        await talk.start.focus()
        await talk.page.keyboard.press("Enter")
        await talk.is_("connected")
        await talk.start.evaluate("button => button.blur()")
        await talk.page.keyboard.press("w")
        await expect(talk.page.get_by_label("Write to the agent")).to_be_focused()
        await talk.page.keyboard.type("a large margherita please")
        await talk.page.keyboard.press("Enter")
        await expect(talk.state("cart")).to_contain_text("margherita")
        await talk.start.focus()
        await talk.page.keyboard.press("?")
        await expect(talk.page.get_by_role("dialog")).to_contain_text("mute your microphone")


async def test_what_was_said_is_read_out_once_and_complete(service: ServiceMaker) -> None:
    async with service() as running:
        talk = await running.open()
        await talk.page.evaluate(
            """() => {
              window.told = [];
              const live = document.getElementById("spoken");
              new MutationObserver(() => told.push(live.textContent)).observe(live, { childList: true });
            }"""
        )
        await order(talk)
        reply = await talk.captions().last.locator(".words").inner_text()
        await expect(talk.page.locator("#spoken")).to_have_text(f"restaurant: {reply}")
        told = await talk.page.evaluate("told")
        assert f"You: {ORDER}" in told
        assert len(told) == len(set(told)) <= await talk.page.locator("#log .caption").count()


async def test_captions_run_the_way_of_their_script_and_are_never_markup(service: ServiceMaker) -> None:
    async with service(lambda view: says(ARABIC, audio_ms=200)) as running:
        talk = await running.open()
        await talk.call()
        await talk.write("<b>two</b> loaves")
        reply = talk.captions().last.locator(".words")
        await expect(reply).to_have_text(ARABIC)
        await expect(reply).to_have_css("direction", "rtl")
        asked = talk.captions("caller").last.locator(".words")
        await expect(asked).to_have_text("<b>two</b> loaves")
        await expect(asked).to_have_css("direction", "ltr")


async def test_who_reads_german_is_met_in_german(service: ServiceMaker, axe: Axe) -> None:
    async with service() as running:
        talk = await running.open(locale="de-DE", viewport=PHONE)
        await expect(talk.page.locator("html")).to_have_attribute("lang", "de")
        await expect(talk.page.get_by_text("Noch wurde nichts gesagt.")).to_be_visible()
        await talk.page.get_by_role("button", name="Anrufen").click()
        await talk.is_("connected")
        await expect(talk.page.get_by_role("button", name="Auflegen")).to_be_visible()
        await talk.page.get_by_label("Dem Agenten schreiben").fill("a large margherita please")
        await talk.page.get_by_role("button", name="Senden").click()
        cart = talk.state("cart")
        await expect(cart).to_contain_text("Zwischensumme")
        await expect(talk.page.locator("#log .tool .how").first).to_contain_text("erledigt in")
        assert await talk.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await axe(talk.page)
        await shoot(talk.page, "talk-german")
        await talk.page.get_by_role("button", name="Auflegen").click()
        await expect(talk.page.get_by_text("Der Anruf ist beendet.")).to_be_visible()
