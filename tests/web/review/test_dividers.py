"""Handoffs, calls and sessions between the rows."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.web.review import dividers
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.dividers import Handoffs
from tests.web.review.sample_call import HANDOFFS, ITEMS, MARKER, SESSIONS, START, details, tool_call

pytestmark = pytest.mark.unit

WHOLE = details()
CLOCK = clock_of(WHOLE, now=START)


def handoffs(**changes: Any) -> Handoffs:
    return Handoffs(details(**changes), CLOCK)


def test_a_handoff_tells_who_why_how_long_and_with_what() -> None:
    made = handoffs().marker(ITEMS[4])
    assert (made.source, made.target, made.reason) == ("triage", "restaurant", "the caller wants to order")
    assert (made.took_ms, made.payload, made.history) == (600, (("wants", "order"),), "full")
    assert (made.outcome, made.agent, made.key) == ("committed", "restaurant", "item-item_5")


def test_a_handoff_whose_marker_has_no_time_takes_that_of_its_row() -> None:
    without = {name: value for name, value in MARKER.items() if name != "seconds"}
    assert handoffs().marker(replace(ITEMS[4], data=without)).took_ms == 600


def test_a_handoff_that_was_refused_is_told_where_it_was_asked_for() -> None:
    call = tool_call(3, 7.6, "transfer_to_human", "call_1", {}, agent="triage")
    refused = replace(HANDOFFS[0], target="human", outcome="refused", error="handoff_loop: too many")
    made = handoffs(items=(call,), handoffs=(refused,)).refused(call)
    assert made is not None
    assert (made.key, made.outcome, made.error) == ("item-item_3", "refused", "handoff_loop: too many")


def test_a_call_of_another_handoff_is_not_taken_for_it() -> None:
    assert handoffs().refused(ITEMS[2]) is None


def test_a_handoff_that_an_operator_wanted_in_vain_stands_alone() -> None:
    all_of_them = handoffs()
    (row,) = all_of_them.unasked
    made = all_of_them.standalone(row, dividers.standalone_sequence(WHOLE, row))
    assert (made.key, made.sequence, made.cause) == ("handoff-handoff_2", 18, "operator")
    assert made.took_ms == 1000


def test_only_calls_of_ours_are_handoffs() -> None:
    assert dividers.is_handoff_call(ITEMS[2])
    assert not dividers.is_handoff_call(ITEMS[5])
    assert not dividers.is_handoff_call(replace(ITEMS[2], data={"client_tool": True}))


def test_a_caller_who_is_back_was_away_for_a_while() -> None:
    made = dividers.resumed(ITEMS[18], CLOCK)
    assert (made.purpose, made.transport, made.call_ended) == ("call", "websocket", "the caller hung up")
    assert made.away_ms == 86_360_000


def test_a_first_call_has_none_before_it() -> None:
    assert dividers.resumed(replace(ITEMS[18], created_at=START), CLOCK).away_ms is None


def test_a_session_that_took_over_tells_why_and_how_fast() -> None:
    (made,) = dividers.replacements(WHOLE, CLOCK)
    assert (made.key, made.purpose, made.reason, made.took_ms) == (
        "session-3",
        "reconnect",
        "engine_lost",
        400,
    )


def test_a_session_that_opens_still_is_not_settled() -> None:
    opening = replace(SESSIONS[2], ready_at=None, closed_at=None)
    (made,) = dividers.replacements(details(sessions=(SESSIONS[1], opening)), CLOCK)
    assert made.live
    assert made.took_ms is None
