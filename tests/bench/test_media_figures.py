"""Whether packets came on time: over a whole run, and in its median second."""

import math

import pytest

from bench.media_figures import lateness, median_second, on_time, seconds_of, underruns

pytestmark = pytest.mark.unit

FRAME = 0.02


def test_packets_are_late_behind_a_speaker_that_the_first_one_started() -> None:
    assert lateness([5.0, 5.02, 5.05, 5.06], FRAME) == pytest.approx([0, 0, 10, 0])


def test_a_speaker_that_waited_for_a_packet_plays_all_that_follows_later() -> None:
    assert underruns([5.0, 5.02, 5.05, 5.07, 5.08, 5.12], FRAME) == pytest.approx([0, 0, 10, 0, 0, 10])


def test_a_pause_between_replies_is_no_underrun() -> None:
    assert underruns([5.0, 5.02, 6.0, 6.021], FRAME) == pytest.approx([0, 0, 0, 1])


def test_after_a_pause_the_speaker_starts_anew() -> None:
    assert lateness([5.0, 5.02, 6.0, 6.021], FRAME) == pytest.approx([0, 0, 0, 1])


def test_a_call_is_on_time_if_nearly_all_of_its_packets_are() -> None:
    assert on_time([40.0] * 99 + [100.0])
    assert not on_time([40.0] * 98 + [100.0] * 2)
    assert not on_time([])


def test_packets_are_dealt_out_to_the_seconds_in_which_they_came() -> None:
    packets = [(9.9, 1.0), (10.0, 2.0), (10.9, 3.0), (11.0, 4.0), (12.0, 5.0)]
    assert seconds_of(packets, 10.0, 2) == [[2.0, 3.0], [4.0]]


def test_a_single_pause_of_the_machine_does_not_decide() -> None:
    paused = [(second + step / 50, 70.0 if second == 1 else 3.0) for second in range(5) for step in range(50)]
    assert median_second(paused, 0.0, 5) == 3.0


def test_a_server_that_falls_further_and_further_behind_is_late_in_the_median_second() -> None:
    # Each packet 21 ms after the one before: 50 ms more every second.
    arrivals = [number * 0.021 for number in range(300)]
    behind = zip(arrivals, lateness(arrivals, FRAME), strict=True)
    assert median_second(behind, 0.0, 5) == pytest.approx(142, abs=2)


def test_a_second_counts_by_its_latest_packets() -> None:
    assert median_second([(0.0, 1.0)] * 90 + [(0.5, 30.0)] * 10, 0.0, 1) == 30.0


def test_in_a_second_without_a_packet_they_are_late_without_bound() -> None:
    assert median_second([(0.5, 0.0)], 0.0, 3) == math.inf


def test_a_run_of_less_than_a_second_has_no_median_second() -> None:
    assert median_second([(0.1, 0.0)], 0.0, 0) is None
