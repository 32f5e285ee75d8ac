"""Sound lies where it was heard."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.recording.tape import SAMPLES_PER_MS, Side, Tape

pytestmark = pytest.mark.unit

CALLER, AGENT = Side.CALLER, Side.AGENT


def sound(milliseconds: int, level: int = 1) -> bytes:
    return np.full(milliseconds * SAMPLES_PER_MS, level, dtype="<i2").tobytes()


def heard(tape: Tape, until_ms: int) -> list[list[tuple[int, int, int]]]:
    """What was taken, by side: level, from and to, in milliseconds of the taken stretch."""
    taken = tape.take(until_ms)[::SAMPLES_PER_MS]
    found: list[list[tuple[int, int, int]]] = []
    for side in (0, 1):
        levels = [int(level) for level in taken[:, side]]
        edges = [0, *(at for at in range(1, len(levels)) if levels[at] != levels[at - 1]), len(levels)]
        found.append([(levels[a], a, b) for a, b in pairwise(edges) if b > a and levels[a]])
    return found


def test_both_sides_lie_on_one_clock() -> None:
    tape = Tape()
    tape.add(CALLER, 1000, sound(500))
    tape.add(AGENT, 2000, sound(300, 2))
    assert heard(tape, 3000) == [[(1, 1000, 1500)], [(2, 2000, 2300)]]


def test_packets_that_come_in_bursts_lie_behind_each_other() -> None:
    tape = Tape()
    for at in (1000, 1000, 1120, 1121):
        tape.add(CALLER, at, sound(40))
    assert heard(tape, 2000)[CALLER] == [(1, 1000, 1160)]


def test_a_pause_stays_a_pause() -> None:
    tape = Tape()
    tape.add(CALLER, 0, sound(100))
    tape.add(CALLER, 400, sound(100))
    assert heard(tape, 1000)[CALLER] == [(1, 0, 100), (1, 400, 500)]


def test_what_an_agent_says_faster_than_it_is_played_lies_ahead() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(2000, 2))
    tape.add(AGENT, 10, sound(2000, 3))
    assert tape.end_ms == 4000
    assert heard(tape, 1000)[AGENT] == [(2, 0, 1000)]
    assert heard(tape, 4000)[AGENT] == [(2, 0, 1000), (3, 1000, 3000)]


def test_what_an_interrupted_agent_did_not_say_is_not_on_the_tape() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(2000, 2))
    tape.add(AGENT, 10, sound(2000, 3))
    tape.cut(700)
    tape.add(AGENT, 1000, sound(100, 4))
    assert heard(tape, 5000)[AGENT] == [(2, 0, 700), (4, 1000, 1100)]


def test_an_agent_that_is_held_goes_on_where_it_stopped() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(1000, 2))
    tape.hold(400)
    tape.hold(450)
    tape.add(AGENT, 500, sound(100, 3))
    tape.release(2000)
    assert heard(tape, 4000)[AGENT] == [(2, 0, 400), (2, 2000, 2600), (3, 2600, 2700)]


def test_what_is_held_when_the_agent_is_cut_off_is_gone() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(1000, 2))
    tape.hold(400)
    tape.cut(500)
    tape.release(600)
    assert heard(tape, 2000)[AGENT] == [(2, 0, 400)]


def test_an_agent_leaves_no_pause_shorter_than_it_was() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(100, 2))
    tape.add(AGENT, 130, sound(100, 3))
    assert heard(tape, 1000)[AGENT] == [(2, 0, 100), (3, 130, 230)]


def test_what_leaves_late_lies_where_it_is_heard() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(1000, 2))
    tape.align(1400, 700)
    assert heard(tape, 2000)[AGENT] == [(2, 0, 300), (2, 700, 1400)]


def test_the_little_that_is_left_after_a_stall_is_moved_too() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(1000, 2))
    tape.align(1370, 60)
    assert heard(tape, 2000)[AGENT] == [(2, 0, 940), (2, 1310, 1370)]


def test_what_was_written_before_it_was_late_stays_and_the_rest_ends_on_time() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(1000, 2))
    tape.take(500)
    tape.align(1400, 700)
    assert heard(tape, 2000)[AGENT] == [(2, 400, 900)]


def test_what_is_on_time_is_not_moved_and_neither_is_what_is_held() -> None:
    tape = Tape()
    tape.add(AGENT, 0, sound(1000, 2))
    tape.align(1000, 700)
    tape.align(900, 600)
    tape.hold(400)
    tape.align(1500, 600)
    tape.release(2000)
    assert heard(tape, 3000)[AGENT] == [(2, 0, 400), (2, 2000, 2600)]


def test_sound_that_comes_after_its_time_was_written_lies_at_the_end_of_it() -> None:
    tape = Tape()
    tape.take(1000)
    tape.add(CALLER, 200, sound(100))
    assert heard(tape, 2000)[CALLER] == [(1, 0, 100)]


def test_nothing_is_taken_twice() -> None:
    tape = Tape()
    tape.add(CALLER, 0, sound(100))
    tape.take(500)
    assert len(tape.take(400)) == 0
    assert tape.written_ms == 500


@given(
    st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(0, 50), st.integers(1, 60)), max_size=12),
    st.lists(st.integers(0, 1500), max_size=4),
)
def test_no_sound_is_lost_however_it_comes_and_is_taken(
    pieces: list[tuple[int, int, int]], moments: list[int]
) -> None:
    whole, parts, at = Tape(), Tape(), 0
    for side, pause, length in pieces:
        at += pause
        for tape in (whole, parts):
            tape.add(Side(side), at, sound(length, side + 1))
    expected = whole.take(whole.end_ms)
    taken = [parts.take(moment) for moment in sorted(moments) if moment <= parts.end_ms]
    assert np.array_equal(np.concatenate([*taken, parts.take(parts.end_ms)]), expected)
    for side in (0, 1):
        fed = sum(length for of, _, length in pieces if of == side) * SAMPLES_PER_MS
        assert np.count_nonzero(expected[:, side]) == fed
