"""The feeds of a node."""

from dataclasses import replace

import pytest

from orchestrator.web.conversation.feeds import KEPT_SECONDS, PARTS, Feeds, pieces_of
from orchestrator.web.review.view import ReviewView, view_of
from tests.web.review.sample_call import ITEMS, NO_PRICES, START, details

pytestmark = pytest.mark.unit


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def view(**changes: object) -> ReviewView:
    return view_of(details(**changes), NO_PRICES, now=START + 100)


def test_a_page_is_its_rows_and_its_parts() -> None:
    pieces = list(pieces_of(view()))
    assert [piece.key for piece in pieces[-len(PARTS) :]] == list(PARTS)
    assert pieces[0].after == ""
    assert pieces[1].after == pieces[0].key
    assert {piece.after for piece in pieces[-len(PARTS) :]} == {None}


def test_readers_of_one_role_share_a_feed() -> None:
    feeds = Feeds()
    assert feeds.observe("conv_1", "admin", view()) == feeds.observe("conv_1", "admin", view())
    assert feeds.feed("conv_1", "admin") is not feeds.feed("conv_1", "reviewer")


def test_a_row_that_changes_moves_the_cursor() -> None:
    feeds = Feeds()
    before = feeds.observe("conv_1", "admin", view())
    late = tuple(replace(item, late=True) for item in ITEMS)
    assert feeds.observe("conv_1", "admin", view(items=late)) != before
    assert "item-item_1" in [change.key for change in feeds.feed("conv_1", "admin").since(before)]


def test_a_feed_that_nobody_asks_for_is_forgotten() -> None:
    clock = Time()
    feeds = Feeds(clock)
    first = feeds.feed("conv_1", "admin")
    clock.now = KEPT_SECONDS
    assert feeds.feed("conv_1", "admin") is first
    clock.now = 2 * KEPT_SECONDS + 1
    assert feeds.feed("conv_1", "admin") is not first
