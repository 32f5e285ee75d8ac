"""The transcript, row by row."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.latency import replies_of
from orchestrator.web.review.rows import AnyRow, MessageRow
from orchestrator.web.review.transcript import notes_of, rows_of
from tests.web.review.sample_call import EMPTY_CART, HANDOFFS, ITEMS, START, caller, details

pytestmark = pytest.mark.unit


def rows(**changes: Any) -> tuple[AnyRow, ...]:
    whole = details(**changes)
    clock = clock_of(whole, now=START + 100)
    return rows_of(whole, clock, replies_of(whole, clock), {"cart": EMPTY_CART})


def test_every_row_is_in_its_place() -> None:
    assert [(row.kind, row.key.split("-", 1)[1]) for row in rows()] == [
        ("message", "item_1"),
        ("message", "item_2"),
        ("handoff", "item_5"),
        ("tool", "item_6"),
        ("message", "item_8"),
        ("message", "item_9"),
        ("tool", "item_10"),
        ("tool", "item_12"),
        ("message", "item_14"),
        ("message", "item_15"),
        ("tool", "item_16"),
        ("message", "item_18"),
        ("handoff", "handoff_2"),
        ("link", "3"),
        ("link", "item_19"),
        ("message", "item_20"),
        ("tool", "item_21"),
        ("message", "item_23"),
    ]


def test_the_first_words_of_a_reply_tell_how_long_they_were_in_coming() -> None:
    by_key = {row.key: row for row in rows()}
    said = by_key["item-item_8"]
    assert isinstance(said, MessageRow)
    assert said.reply is not None
    assert said.reply.wait_ms == 2500


def test_notes_are_with_what_they_are_about() -> None:
    by_key = {row.key: row for row in rows()}
    assert [note.text for note in by_key["item-item_8"].notes] == ["Talks too long."]
    assert [note.number for note in notes_of(details())] == [1, 2]


def test_a_row_knows_its_item() -> None:
    by_key = {row.key: row.item_id for row in rows()}
    assert by_key["item-item_8"] == "item_8"
    assert by_key["session-3"] is None


def test_what_a_client_took_out_is_left_out() -> None:
    kept = tuple(replace(item, deleted=item.id == "item_9") for item in ITEMS)
    assert "item-item_9" not in [row.key for row in rows(items=kept)]


def test_what_a_client_put_into_the_past_is_in_its_place() -> None:
    inserted = caller(24, 50, "Earlier.", position=Decimal("1.5"))
    assert [row.key for row in rows(items=(*ITEMS, inserted))][:3] == [
        "item-item_1",
        "item-item_24",
        "item-item_2",
    ]


def test_a_handoff_that_was_asked_for_in_vain_is_no_tool_card() -> None:
    refused = replace(HANDOFFS[0], outcome="refused", error="no")
    without_marker = tuple(item for item in ITEMS if item.kind != "handoff")
    made = {row.key: row.kind for row in rows(items=without_marker, handoffs=(refused,))}
    assert made["item-item_3"] == "handoff"


def test_a_handoff_that_was_never_staged_is_a_tool_card() -> None:
    failed = tuple(
        replace(run, outcome="invalid") if run.tool_call_id == "call_1" else run
        for run in details().tool_runs
    )
    made = {row.key: row.kind for row in rows(tool_runs=failed, handoffs=())}
    assert made["item-item_3"] == "tool"


@given(st.sets(st.integers(0, len(ITEMS) - 1)))
def test_every_item_is_told_once_at_most_whatever_else_there_is(kept: set[int]) -> None:
    items = tuple(item for place, item in enumerate(ITEMS) if place in kept)
    keys = [row.key for row in rows(items=items)]
    assert len(keys) == len(set(keys))
    told = {item.id for item in items if item.kind in {"message", "handoff", "resumed"}}
    assert {f"item-{name}" for name in told} <= set(keys)
