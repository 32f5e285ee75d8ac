"""Until when a caller hears what there is."""

import asyncio

import pytest

from orchestrator.call.sounding import Sounding
from orchestrator.testing.virtual_time import VirtualTime

pytestmark = pytest.mark.unit


class Voice:
    """Sound of items, and a clock."""

    def __init__(self) -> None:
        self.made: dict[str, int] = {}
        self.now = 100.0
        self.sounding = Sounding(lambda item_id: self.made.get(item_id, 0), lambda: self.now)

    def makes(self, item_id: str, milliseconds: int) -> None:
        if item_id not in self.made:
            self.sounding.began(item_id)
        self.made[item_id] = self.made.get(item_id, 0) + milliseconds


def test_nothing_sounds_before_there_is_sound() -> None:
    assert not Voice().sounding.goes_on


def test_sound_is_heard_from_when_it_began_for_as_long_as_there_is_of_it() -> None:
    voice = Voice()
    voice.makes("item_1", 1000)
    voice.now += 0.5
    assert voice.sounding.left == pytest.approx(0.5)
    voice.makes("item_1", 1000)
    assert voice.sounding.left == pytest.approx(1.5)
    voice.now += 1.5
    assert not voice.sounding.goes_on


def test_one_item_is_heard_after_the_other() -> None:
    voice = Voice()
    voice.makes("item_1", 1000)
    voice.makes("item_2", 2000)
    assert voice.sounding.left == pytest.approx(3.0)


def test_what_begins_after_a_silence_is_counted_from_then() -> None:
    voice = Voice()
    voice.makes("item_1", 1000)
    voice.now += 10
    voice.makes("item_2", 2000)
    assert voice.sounding.left == pytest.approx(2.0)


def test_nothing_is_heard_of_what_was_cut() -> None:
    voice = Voice()
    voice.makes("item_1", 1000)
    voice.sounding.cut()
    assert not voice.sounding.goes_on
    voice.makes("item_1", 1000)
    assert not voice.sounding.goes_on


def test_what_is_held_back_is_heard_later() -> None:
    voice = Voice()
    voice.makes("item_1", 2000)
    voice.now += 0.5
    voice.sounding.pause()
    voice.now += 3
    voice.sounding.pause()
    assert voice.sounding.left == pytest.approx(1.5)
    voice.sounding.resume()
    assert voice.sounding.left == pytest.approx(1.5)
    voice.now += 1.5
    voice.sounding.resume()
    assert not voice.sounding.goes_on


def test_whoever_wants_to_know_is_called_once_all_is_heard_also_of_what_was_added() -> None:
    async def listen() -> None:
        loop = asyncio.get_running_loop()
        made = {"item_1": 1000}
        sounding = Sounding(lambda item_id: made[item_id], loop.time)
        sounding.began("item_1")
        began, heard = loop.time(), asyncio.Event()
        sounding.watch(lambda: pytest.fail("somebody else is to be called"))
        sounding.watch(heard.set)
        made["item_1"] = 3000
        await heard.wait()
        assert loop.time() - began == pytest.approx(3.0)
        sounding.watch(lambda: pytest.fail("nobody is to be called any more"))
        sounding.stop()
        await asyncio.sleep(1)

    VirtualTime().run(listen())
