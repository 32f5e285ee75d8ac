"""The call as two lanes."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.sounds import Span, with_span
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.lanes import Duty, Lanes, lanes_of
from orchestrator.web.review.transcript import rows_of
from tests.web.review.sample_call import ITEMS, START, agent, caller, details

pytestmark = pytest.mark.unit


def lanes(**changes: Any) -> Lanes:
    whole = details(**changes)
    clock = clock_of(whole, now=START + 100)
    return lanes_of(rows_of(whole, clock, (), {}), "triage", clock.length_ms)


def test_the_agent_on_duty_changes_with_the_handoff() -> None:
    assert lanes().duty == (
        Duty(agent="triage", from_ms=0, until_ms=8400),
        Duty(agent="restaurant", from_ms=8400, until_ms=50_000),
    )


def test_a_reply_that_was_interrupted_ends_when_the_caller_speaks() -> None:
    interrupted = agent(1, 1.0, "word " * 60, heard="word " * 40)
    segment = lanes(items=(interrupted, caller(2, 2.5, "Stop now please"))).agent[0]
    assert segment.cut
    assert segment.until_ms == 1500


def test_a_reply_that_was_timed_ends_when_it_fell_silent_though_the_caller_spoke_before() -> None:
    interrupted = with_span(agent(1, 1.0, "word " * 60, heard="word " * 40), Span(START + 1.2, START + 2.8))
    segment = lanes(items=(interrupted, caller(2, 3.5, "Stop now please")))
    assert segment.caller[0].from_ms < segment.agent[0].until_ms == 2800


def test_a_reply_that_was_cut_short_after_its_heard_words_ends_with_those() -> None:
    segment = {segment.key: segment for segment in lanes().agent}["item-item_8"]
    assert (segment.cut, segment.until_ms) == (True, 12_700)


def test_what_was_not_heard_is_drawn_as_far_as_the_next_reply() -> None:
    cut = with_span(agent(1, 1.0, "word " * 60, heard="word " * 10), Span(START + 1.0, START + 3.0))
    first, second = lanes(items=(cut, caller(2, 3.5, "Stop"), agent(3, 4.0, "Yes?"))).agent
    assert (first.until_ms, first.unheard_ms) == (3000, 1000)
    assert second.from_ms == 4000


def test_tools_that_failed_are_marked() -> None:
    assert [segment.failed for segment in lanes().tools] == [False, True, False, True, False]


def test_a_conversation_without_words_has_empty_lanes() -> None:
    empty = lanes(items=())
    assert (empty.caller, empty.agent, empty.tools) == ((), (), ())
    assert len(empty.duty) == 1


@given(st.sets(st.integers(0, len(ITEMS) - 1)))
def test_stretches_of_one_speaker_do_not_overlap(kept: set[int]) -> None:
    made = lanes(items=tuple(item for place, item in enumerate(ITEMS) if place in kept))
    for lane in (made.caller, made.agent):
        assert all(before.until_ms <= after.from_ms for before, after in pairwise(lane))
        assert all(segment.from_ms <= segment.until_ms for segment in lane)
    assert all(before.until_ms == after.from_ms for before, after in pairwise(made.duty))
