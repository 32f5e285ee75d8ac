"""A handset on the phone with the media server: sound in real time, both ways."""

import asyncio
import itertools

import pytest

from orchestrator.media import handset as module
from orchestrator.media.handset import Handset
from orchestrator.media.server import MediaServer
from tests.media.driver import Driver
from tests.media.signals import Signals
from tests.media.sound import likeness, loudness, speech, tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


async def test_what_is_said_is_heard_between_silences_and_what_is_heard_has_its_place(
    server: MediaServer,
) -> None:
    said, signals, heard = speech(1.0), Signals(), bytearray()
    positions: list[int] = []

    def hear(sound: bytes, position: int) -> None:
        heard.extend(sound)
        positions.append(position)
        signals.poke()

    handset, driver = Handset(lambda text: None, lambda: None, hear), Driver()
    try:
        call = await server.answer(await handset.caller.offer(), driver.handlers())
        await handset.caller.accept(call.answer_sdp)
        await handset.caller.connected(10)
        async with asyncio.TaskGroup() as group:
            talking = group.create_task(handset.talk())
            await driver.signals.until(lambda: len(driver.heard) >= 48 * 200)
            assert loudness(bytes(driver.heard)) < 10
            handset.say(said)
            await handset.silent()
            already = len(driver.heard)
            await driver.signals.until(lambda: len(driver.heard) >= already + 48 * 200)
            assert likeness(bytes(driver.heard), said) > 0.85
            call.send_audio("item_1", tone(500, 0.2))
            call.complete_audio("item_1")
            await driver.signals.until(lambda: "ended item_1" in driver.happened)
            already = len(driver.heard)
            await driver.signals.until(lambda: len(driver.heard) >= already + 48 * 500)
            call.send_audio("item_2", tone(500, 0.2))
            call.complete_audio("item_2")
            await driver.signals.until(lambda: "ended item_2" in driver.happened)
            await signals.until(lambda: len(positions) >= 20)
            talking.cancel()
        assert positions == sorted(positions)
        # The silence between both was not sent; its place is left.
        assert max(b - a for a, b in itertools.pairwise(positions)) >= 400
        assert loudness(bytes(heard[: 48 * 200])) > 1000
    finally:
        await handset.caller.close()


async def test_saying_nothing_is_said_at_once() -> None:
    handset = Handset(lambda text: None, lambda: None, lambda sound, position: None)
    handset.say(b"")
    await asyncio.wait_for(handset.silent(), PATIENCE)
    await handset.caller.close()


def test_a_fault_in_hearing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    module._failed(ValueError("broken"))
    assert "could not be heard" in caplog.text
