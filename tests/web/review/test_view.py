"""The whole view."""

import pytest

from orchestrator.web.review.view import view_of
from tests.web.review.sample_call import EMPTY_CART, NO_PRICES, START, details

pytestmark = pytest.mark.unit


def test_agents_are_in_order_of_appearance() -> None:
    assert view_of(details(), NO_PRICES, now=START).agents == ("triage", "restaurant")


def test_notes_about_the_whole_conversation_are_apart() -> None:
    view = view_of(details(), NO_PRICES, now=START)
    assert [note.text for note in view.notes] == ["A good one to learn from."]


def test_an_empty_conversation_has_a_view() -> None:
    nothing = dict.fromkeys(
        ("items", "sessions", "responses", "tool_runs", "handoffs", "calls", "revisions", "notes"), ()
    )
    view = view_of(details(**nothing), NO_PRICES, now=START)
    assert (view.rows, view.turns, view.revisions, view.clock.length_ms) == ((), (), (), 0)


def test_the_same_rows_make_the_same_view_whenever_it_is_made() -> None:
    """So that the page of a call that just ended is the page of the stored conversation."""
    one = view_of(details(), NO_PRICES, now=START + 50, initial={"cart": EMPTY_CART})
    other = view_of(details(), NO_PRICES, now=START + 5_000_000, initial={"cart": EMPTY_CART})
    assert (one.rows, one.facts, one.lanes) == (other.rows, other.facts, other.lanes)
    assert not one.live
