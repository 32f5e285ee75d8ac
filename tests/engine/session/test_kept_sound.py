import pytest

from orchestrator.engine.session.kept_sound import KeptSound
from orchestrator.speech.protocol import BYTES_PER_MS

pytestmark = pytest.mark.unit


def sound(milliseconds: int, mark: bytes = b"a") -> bytes:
    return mark * (milliseconds * BYTES_PER_MS)


def test_the_sound_of_an_item_is_all_that_was_added() -> None:
    kept = KeptSound()
    kept.add("one", sound(20))
    kept.add("two", sound(20, b"b"))
    kept.add("one", sound(10, b"c"))
    assert kept.of("one") == sound(20) + sound(10, b"c")
    assert kept.of("one", 15) == sound(15)
    assert kept.of("nobody's") == b""


def test_the_oldest_is_forgotten_whole_once_there_is_too_much() -> None:
    kept = KeptSound(most_ms=100)
    for name in ("one", "two", "three"):
        kept.add(name, sound(40))
    assert [len(kept.of(name)) for name in ("one", "two", "three")] == [
        0,
        40 * BYTES_PER_MS,
        40 * BYTES_PER_MS,
    ]


def test_of_an_item_whose_beginning_was_forgotten_nothing_is_kept() -> None:
    kept = KeptSound(most_ms=100)
    for _ in range(30):
        kept.add("long", sound(10))
    kept.add("short", sound(10))
    assert (kept.of("long"), kept.of("short")) == (b"", sound(10))


def test_what_is_forgotten_makes_room_and_its_id_is_free_again() -> None:
    kept = KeptSound(most_ms=100)
    kept.add("one", sound(90))
    kept.forget("one")
    kept.forget("one")
    kept.add("two", sound(60))
    kept.add("one", sound(40, b"b"))
    assert (kept.of("two"), kept.of("one")) == (sound(60), sound(40, b"b"))
