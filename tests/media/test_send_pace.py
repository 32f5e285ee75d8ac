"""When all that is queued will have left is told, as `send.py` reckons it."""

import pytest

from orchestrator.media.send import TAIL_FRAMES
from tests.media.sending import Line, sound

pytestmark = pytest.mark.media


@pytest.fixture
def line() -> Line:
    return Line()


def told_ends(line: Line) -> list[float]:
    """When all that was queued would have left, each time that this was told."""
    return [at + in_ms / 1000 for at, _, in_ms in line.paced]


def say_through_a_stall(line: Line, milliseconds: int) -> float:
    """Say something that is stalled for 0.4 s after its fifth packet; when its last packet left."""
    line.sender.add("one", sound(milliseconds))
    line.sender.complete("one")
    line.loop.advance(0.1)
    line.loop.advance(0.4, stalled=True)
    line.loop.advance(2)
    return line.packets[-1 - TAIL_FRAMES][0]


def test_it_is_told_when_all_that_is_queued_will_have_left(line: Line) -> None:
    line.sender.add("one", sound(200))
    line.sender.complete("one")
    line.loop.advance(1)
    line.sender.add("two", sound(100))
    line.sender.complete("two")
    line.loop.advance(1)
    times = [time for time, _ in line.packets]
    last_of_one, last_of_two = times[9], times[9 + TAIL_FRAMES + 5]
    assert told_ends(line) == pytest.approx([last_of_one + 0.02, last_of_two + 0.02], abs=0.003)


def test_it_is_told_anew_after_a_stall_that_is_not_made_up_for_whole(line: Line) -> None:
    last = say_through_a_stall(line, 1000)
    assert told_ends(line)[-1] == pytest.approx(last + 0.02, abs=0.021)
    assert told_ends(line)[-1] - told_ends(line)[0] == pytest.approx(0.3, abs=0.021)


def test_it_is_told_anew_when_sound_that_ran_out_goes_on(line: Line) -> None:
    line.sender.add("one", sound(100))
    line.loop.advance(0.5)
    line.sender.add("one", sound(100))
    line.sender.complete("one")
    line.loop.advance(0.5)
    last = line.packets[-1 - TAIL_FRAMES][0]
    assert told_ends(line)[-1] == pytest.approx(last + 0.02, abs=0.003)


def test_of_the_little_that_is_left_after_a_stall_half_the_time_is_made_up_at_most(line: Line) -> None:
    last = say_through_a_stall(line, 160)
    assert [left_ms for _, left_ms, _ in line.paced][:2] == [160, 60]
    assert told_ends(line)[-1] == pytest.approx(last + 0.02, abs=0.021)
