"""Listening in to a call."""

import asyncio
import binascii

import pytest

from orchestrator.call.ears import MOST_BYTES, Ear, Ears, Heard, Piece
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


def base64(sound: bytes) -> str:
    return binascii.b2a_base64(sound, newline=False).decode()


async def all_of(ear: Ear) -> list[Piece]:
    async with asyncio.timeout(PATIENCE):
        return [piece async for piece in ear.pieces()]


async def test_a_listener_hears_both_sides_until_the_end() -> None:
    ears = Ears()
    with ears.listening() as ear:
        ears.heard(base64(b"\x01\x00"), "audio/pcm")
        ears.spoken(lambda: b"\x02\x00", "audio/pcm")
        ears.cut()
        ears.close()
        assert await all_of(ear) == [
            Piece(Heard.CALLER, b"\x01\x00"),
            Piece(Heard.AGENT, b"\x02\x00"),
            Piece(Heard.CUT),
        ]


async def test_a_listener_hears_nothing_of_before() -> None:
    ears = Ears()
    ears.heard(base64(b"\x01\x00"), "audio/pcm")
    with ears.listening() as ear:
        ears.close()
        assert await all_of(ear) == []


async def test_a_conversation_that_is_over_is_over_for_whoever_comes_late() -> None:
    ears = Ears()
    ears.close()
    with ears.listening() as ear:
        assert await all_of(ear) == []


async def test_sound_of_a_telephone_is_expanded() -> None:
    ears = Ears()
    with ears.listening() as ear:
        for _ in range(10):
            ears.heard(base64(b"\xff" * 160), "audio/pcmu")
        ears.close()
        length = sum(len(piece.pcm) for piece in await all_of(ear))
    assert 0.8 * 9600 <= length <= 9600


async def test_what_is_no_sound_is_left_to_the_engine() -> None:
    ears = Ears()
    with ears.listening() as ear:
        ears.heard("a", "audio/pcm")
        ears.heard(base64(b"\x01\x00"), "audio/mp3")
        ears.close()
        assert await all_of(ear) == []


async def test_sound_is_made_only_where_somebody_listens() -> None:
    def never() -> bytes:
        raise AssertionError

    Ears().spoken(never, "audio/pcm")


async def test_a_listener_who_is_slow_loses_the_oldest() -> None:
    ears = Ears()
    with ears.listening() as ear:
        for number in range(4):
            ears.spoken(lambda number=number: bytes([number]) * (MOST_BYTES // 2), "audio/pcm")  # type: ignore[misc]  # of a loop
        ears.close()
        assert [piece.pcm[0] for piece in await all_of(ear)] == [2, 3]


async def test_a_listener_who_waits_is_woken() -> None:
    ears = Ears()
    with ears.listening() as ear:
        async with asyncio.TaskGroup() as group:
            heard = group.create_task(all_of(ear))
            await asyncio.sleep(0)
            ears.heard(base64(b"\x01\x00"), "audio/pcm")
            await asyncio.sleep(0)
            ears.close()
        assert heard.result() == [Piece(Heard.CALLER, b"\x01\x00")]
