"""Calls with sound: what was heard is told from what was not, and the caller decides who speaks."""

import asyncio

import pytest
from playwright.async_api import expect

from orchestrator.testing.turns import SessionView, Turn, says
from tests.patience import PATIENCE
from tests.speech.speaking import sound
from tests.web.chromium import shoot
from tests.web.talk.conftest import ServiceMaker, Talk, TalkService

pytestmark = pytest.mark.browser

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
LEVEL = 8000


def counts(view: SessionView) -> Turn:
    """Says something long, and then something short."""
    spoken = any(item.get("role") == "assistant" for item in view.items)
    return says("Sorry.", audio_ms=300) if spoken else says(LONG, audio_ms=20_000)


async def speaking(talk: Talk) -> None:
    """Call, ask for something long, and wait until it is heard."""
    await talk.call()
    await talk.write("count")
    await expect(talk.status).to_have_text("counter is speaking.")
    await shows_sound(talk, "level-agent")


async def shows_sound(talk: Talk, meter: str) -> None:
    """Wait until a meter shows sound."""
    await talk.until(f"document.getElementById('{meter}').value >= 0.2")


async def was_heard(running: TalkService, item_id: str, milliseconds: int) -> None:
    """Wait until so much of a reply was played to the caller."""
    (media,) = running.service.services.media.server.calls
    async with asyncio.timeout(PATIENCE):
        while media.played_ms(item_id) < milliseconds:  # noqa: ASYNC110 - the media path tells of ends alone
            await asyncio.sleep(0.05)


def detects_no_turns(running: TalkService) -> bool:
    """Whether there is an engine's session, which leaves the turns to the caller's hand."""
    audio = running.engine.session.session["audio"] if running.engine.sessions else None
    if not isinstance(audio, dict) or not isinstance(audio["input"], dict):
        return False
    return audio["input"]["turn_detection"] is None


async def test_a_reply_is_told_to_be_heard_once_it_was(service: ServiceMaker) -> None:
    async with service(lambda view: says("Good evening.", audio_ms=700)) as running:
        talk = await running.open()
        await talk.call()
        await talk.write("hello")
        await expect(talk.captions().last).to_have_class("caption by-agent heard")
        await expect(talk.page.locator("#spoken")).to_have_text("counter: Good evening.")
        await expect(talk.status).to_have_text("Listening.")


async def test_what_an_interrupted_caller_did_not_hear_is_struck_through(service: ServiceMaker) -> None:
    async with service(counts) as running:
        talk = await running.open()
        await speaking(talk)
        cut = talk.captions().first
        item_id = str(await cut.get_attribute("data-entry")).removeprefix("caption ")
        await was_heard(running, item_id, 3000)
        running.engine.user_speaks("stop please")
        await expect(cut).to_have_class("caption by-agent cut")
        unheard = await cut.locator("del").inner_text()
        heard = await cut.locator(".words").evaluate("words => words.firstChild.data")
        assert heard
        assert heard + unheard == LONG
        await expect(talk.captions("caller").last).to_contain_text("stop please")
        await expect(talk.captions().last).to_contain_text("Sorry.")
        await expect(talk.captions().last).to_have_class("caption by-agent heard")
        item = running.live.machine.item(item_id)
        assert item is not None
        assert item.heard == heard
        await shoot(talk.page, "talk-interrupted")


async def test_the_caller_interrupts_by_a_key_and_by_writing(service: ServiceMaker) -> None:
    async with service(lambda view: says(LONG, audio_ms=20_000)) as running:
        talk = await running.open()
        await speaking(talk)
        await talk.page.keyboard.press("Escape")
        await expect(talk.captions().first).to_have_class("caption by-agent cut")
        await expect(talk.status).to_have_text("Listening.")
        await talk.write("again")
        await expect(talk.status).to_have_text("counter is speaking.")
        await talk.write("stop")
        await expect(talk.captions().nth(1)).to_have_class("caption by-agent cut")


async def test_a_muted_microphone_sends_silence_and_its_meter_says_so(service: ServiceMaker) -> None:
    async with service(lambda view: says("Yes.")) as running:
        talk = await running.open()
        await talk.call()
        saying = asyncio.ensure_future(talk.say(sound(20_000, LEVEL)))
        await shows_sound(talk, "level-caller")
        await talk.page.keyboard.press("m")
        await expect(talk.page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
        await expect(talk.status).to_have_text("Connected. Your microphone is muted.")
        await expect(talk.page.locator("#level-caller")).to_have_js_property("value", 0)
        saying.cancel()


async def test_with_push_to_talk_the_space_bar_makes_the_turns(service: ServiceMaker) -> None:
    async with service(lambda view: says("Yes.", audio_ms=200)) as running:
        talk = await running.open()
        await talk.page.get_by_label("Push to talk").check()
        await talk.call()
        await expect(talk.status).to_have_text("Connected. Hold the button to speak.")
        await running.engine.wait_until(
            lambda: detects_no_turns(running), "no turn detection", seconds=PATIENCE
        )
        await talk.page.keyboard.down("Space")
        await expect(talk.status).to_have_text("You are speaking.")
        await talk.say(sound(600, LEVEL))
        await talk.page.keyboard.up("Space")
        await running.engine.wait_for("input_audio_buffer.commit", seconds=PATIENCE)
        await expect(talk.captions().last).to_contain_text("Yes.")
        assert not running.engine.session.received_of("response.cancel")


async def test_a_button_is_held_to_speak_where_there_is_no_space_bar(service: ServiceMaker) -> None:
    async with service(counts) as running:
        talk = await running.open()
        await speaking(talk)
        await talk.page.get_by_label("Push to talk").check()
        hold = talk.page.get_by_role("button", name="Hold to speak")
        await hold.hover()
        await talk.page.mouse.down()
        await expect(talk.captions().first).to_have_class("caption by-agent cut")
        await talk.say(sound(600, LEVEL))
        await talk.page.mouse.up()
        await running.engine.wait_for("input_audio_buffer.commit", seconds=PATIENCE)
        await expect(talk.captions().last).to_contain_text("Sorry.")
