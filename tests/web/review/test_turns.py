"""Turns with the idle time before them."""

from typing import Any

import pytest

from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.latency import replies_of
from orchestrator.web.review.transcript import rows_of
from orchestrator.web.review.turns import Turn, turns_of
from tests.web.review.sample_call import ITEMS, START, details

pytestmark = pytest.mark.unit


def turns(**changes: Any) -> tuple[Turn, ...]:
    whole = details(**changes)
    clock = clock_of(whole, now=START + 100)
    return turns_of(rows_of(whole, clock, replies_of(whole, clock), {}))


def test_a_turn_begins_when_the_caller_speaks() -> None:
    assert [(turn.number, turn.key) for turn in turns()] == [
        (0, "item-item_1"),
        (1, "item-item_2"),
        (2, "item-item_9"),
        (3, "item-item_15"),
        (4, "item-item_20"),
    ]


def test_a_conversation_that_the_caller_opens_has_no_turn_before_the_first() -> None:
    assert [turn.number for turn in turns(items=ITEMS[1:9])] == [1, 2]


def test_idle_time_is_what_nobody_used() -> None:
    assert [turn.idle_ms for turn in turns()] == [0, 1434, 567, 6234, 9600]


def test_a_turn_tells_what_went_wrong_in_it() -> None:
    assert [turn.interrupted for turn in turns()] == [False, True, False, False, False]
    assert [turn.failed for turn in turns()] == [False, False, True, True, False]
    assert [turn.wait_ms for turn in turns()] == [None, 2500, 1400, 7000, 1000]


def test_a_turn_knows_who_was_on_duty() -> None:
    assert turns()[1].agents == ("triage", "restaurant")


def test_nothing_said_is_no_turn() -> None:
    assert turns(items=(), sessions=(), handoffs=()) == ()
