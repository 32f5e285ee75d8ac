"""One clock for several calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.records import CallRow
from orchestrator.web.review.clock import Clock, clock_of, clock_text, length_text
from tests.web.review.sample_call import ITEMS, NEXT_DAY, START, details

pytestmark = pytest.mark.unit


def clock(**changes: object) -> Clock:
    return clock_of(details(**changes), now=START + 100)


def test_the_first_call_begins_at_nothing() -> None:
    assert clock().ms(START) == 0
    assert clock().start == START


def test_what_was_before_the_first_call_is_at_its_beginning() -> None:
    assert clock().ms(START - 60) == 0


def test_time_between_two_calls_takes_no_more_than_its_first_moments() -> None:
    first, second = clock().spans
    assert (first.begins_ms, first.ends_ms) == (0, 40_000)
    assert (second.begins_ms, second.ends_ms) == (42_000, 50_000)
    assert clock().ms(START + 41) == 41_000
    assert clock().ms(START + 4000) == 42_000
    assert clock().ms(START + NEXT_DAY + 3) == 45_000


def test_a_place_on_the_clock_has_a_wall_clock() -> None:
    assert clock().wall(7_000) == START + 7
    assert clock().wall(45_000) == START + NEXT_DAY + 3


def test_a_call_that_is_on_goes_as_far_as_now() -> None:
    on = CallRow(id="rtc_1", transport="webrtc", joined_at=START)
    assert clock_of(details(calls=(on,)), now=START + NEXT_DAY + 60).length_ms == 86_460_000


def test_a_call_whose_end_nobody_wrote_down_ends_with_the_next_one() -> None:
    lost = CallRow(id="rtc_1", transport="webrtc", joined_at=START)
    after = CallRow(id="rtc_2", transport="webrtc", joined_at=START + 60, left_at=START + 90)
    made = clock_of(details(calls=(lost, after)), now=START + 1000)
    assert [span.begins_ms for span in made.spans] == [0, 60_000]


def test_a_conversation_without_a_call_lasts_from_its_first_item_to_its_last() -> None:
    made = clock_of(details(calls=(), items=ITEMS[1:4], responses=(), tool_runs=()), now=START + 1000)
    assert (made.ms(START + 7), made.length_ms) == (7_000, 8_400)


moments = st.floats(min_value=START - 100, max_value=START + 2 * NEXT_DAY)


@given(st.lists(st.tuples(moments, st.floats(0, 5000), st.booleans()), max_size=5), moments, moments)
def test_a_later_moment_is_never_earlier_on_the_clock(
    calls: list[tuple[float, float, bool]], one: float, other: float
) -> None:
    rows = tuple(
        CallRow(
            id=f"rtc_{number}",
            transport="webrtc",
            joined_at=joined,
            left_at=joined + length if ended else None,
        )
        for number, (joined, length, ended) in enumerate(sorted(calls))
    )
    made = clock_of(details(calls=rows), now=START + 3 * NEXT_DAY)
    before, after = sorted((one, other))
    assert 0 <= made.ms(before) <= made.ms(after)
    assert made.ms(after) <= max(made.length_ms, made.ms(after))
    assert [span.begins_ms for span in made.spans] == sorted(span.begins_ms for span in made.spans)


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0:00.0"), (67_449, "1:07.4"), (3_727_400, "1:02:07.4"), (-5, "0:00.0")]
)
def test_a_place_on_the_clock_is_written_in_minutes(ms: int, text: str) -> None:
    assert clock_text(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (340, "340 ms"),
        (2_140, "2.1 s"),
        (59_960, "1 min 00 s"),
        (184_000, "3 min 04 s"),
        (3_720_000, "1 h 02 min"),
    ],
)
def test_a_length_is_as_exact_as_it_is_worth(ms: int, text: str) -> None:
    assert length_text(ms) == text
