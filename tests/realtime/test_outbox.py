import asyncio

import pytest

from orchestrator.realtime.outbox import Outbox

pytestmark = pytest.mark.unit


async def test_frames_leave_in_the_order_in_which_they_came() -> None:
    outbox = Outbox(10, 100)
    assert [outbox.put(frame) for frame in ("a", "bb", "c")] == [True] * 3
    assert [await outbox.take() for _ in range(3)] == ["a", "bb", "c"]
    assert (len(outbox), outbox.queued_bytes) == (0, 0)


async def test_a_waiting_reader_is_woken_by_the_next_frame() -> None:
    outbox = Outbox(10, 100)
    reader = asyncio.ensure_future(outbox.take())
    await asyncio.sleep(0)
    outbox.put("late")
    assert await reader == "late"


@pytest.mark.parametrize(("frames", "size"), [(2, 1000), (1000, 20)])
def test_a_full_outbox_takes_no_more_and_keeps_what_it_has(frames: int, size: int) -> None:
    outbox = Outbox(frames, size)
    assert outbox.put("0123456789")
    assert outbox.put("0123456789")
    assert not outbox.put("x")
    assert (len(outbox), outbox.queued_bytes) == (2, 20)


def test_a_cleared_outbox_has_room_again() -> None:
    outbox = Outbox(1, 10)
    outbox.put("x")
    outbox.clear()
    assert (len(outbox), outbox.queued_bytes) == (0, 0)
    assert outbox.put("y")
