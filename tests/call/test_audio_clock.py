"""When sound was heard."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.call.audio_clock import AudioClock, padding_of
from orchestrator.core.json_value import JsonObject

pytestmark = pytest.mark.unit


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def stream(*pieces: tuple[float, float]) -> AudioClock:
    """Sound that came in pieces: how long each was, and how many seconds after the one before."""
    time = Time()
    clock = AudioClock(time)
    for milliseconds, after in pieces:
        time.now += after
        clock.heard(milliseconds, time.now)
    return clock


def test_sound_that_comes_as_it_is_spoken_was_heard_when_it_was_spoken() -> None:
    clock = stream(*[(20, 0.02)] * 500)
    assert clock.position_ms == 10_000
    for place in (500, 1234, 9999):
        assert clock.at(place) == pytest.approx(1000 + place / 1000, abs=0.021)


def test_a_piece_is_heard_when_it_comes_however_long_it_is() -> None:
    clock = stream((100, 0), (5000, 0.1), (100, 0.1))
    assert clock.at(100) == 1000.0
    assert clock.at(3000) == 1000.0
    assert clock.at(5100) == 1000.1


def test_while_nothing_comes_the_stream_does_not_go_on() -> None:
    clock = stream(*[(20, 0.02)] * 100, (100, 60), (100, 0.1))
    assert clock.at(2000) == pytest.approx(1002.0, abs=0.1)
    assert clock.at(2150) == pytest.approx(1062.05, abs=0.1)


def test_what_was_not_heard_yet_is_heard_now_at_the_latest() -> None:
    assert stream((20, 0)).at(5000) == 1000.0
    assert AudioClock(Time()).at(0) is None


def test_what_is_forgotten_is_as_old_as_the_oldest_that_is_not() -> None:
    clock = stream(*[(100, 0.1)] * 3000)
    assert clock.at(0) == clock.at(1000) == pytest.approx(1180.1, abs=0.2)


@given(st.lists(st.tuples(st.floats(1, 3000), st.floats(0, 5)), min_size=1, max_size=60), st.data())
def test_what_lies_later_in_the_stream_was_heard_no_earlier(
    pieces: list[tuple[float, float]], data: st.DataObject
) -> None:
    clock = stream(*pieces)
    places = sorted(data.draw(st.lists(st.floats(0, clock.position_ms), min_size=2)))
    heard = [clock.at(place) for place in places]
    assert all(
        before is not None and after is not None and before <= after for before, after in pairwise(heard)
    )


@pytest.mark.parametrize(
    ("detection", "padding"),
    [
        (None, (300, 500)),
        ({"type": "server_vad"}, (300, 500)),
        ({"type": "server_vad", "prefix_padding_ms": 100, "silence_duration_ms": 900}, (100, 900)),
        ({"type": "semantic_vad", "eagerness": "low"}, (300, 0)),
    ],
)
def test_padding_is_that_of_the_session(detection: JsonObject | None, padding: tuple[int, int]) -> None:
    assert padding_of(detection) == padding
