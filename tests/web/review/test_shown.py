"""How places and lengths are written."""

import pytest

from orchestrator.web.review.shown import REVIEW_FILTERS, in_seconds, length_of_time, place, place_mark, share
from tests.web.review.sample_call import START

pytestmark = pytest.mark.unit


def test_places_and_lengths_are_words() -> None:
    assert (place(67_449), length_of_time(2_140)) == ("1:07.4", "2.1 s")


@pytest.mark.parametrize(("ms", "text"), [(0, "0"), (12_000, "12"), (12_345, "12.345"), (100, "0.1")])
def test_an_address_has_seconds(ms: int, text: str) -> None:
    assert in_seconds(ms) == text


@pytest.mark.parametrize(
    ("ms", "whole", "text"), [(1, 8, "12.500%"), (9, 8, "100.000%"), (-1, 8, "0.000%"), (1, 0, "0.000%")]
)
def test_a_share_stays_within_the_whole(ms: int, whole: int, text: str) -> None:
    assert share(ms, whole) == text


def test_a_place_has_the_wall_clock_on_hover() -> None:
    mark = place_mark(1_500, START)
    assert mark.startswith('<time datetime="2025-11-20T12:00:00.000+00:00" title="2025-11-20 12:00:00 UTC"')
    assert mark.endswith(">0:01.5</time>")


def test_templates_know_them_by_their_names() -> None:
    assert set(REVIEW_FILTERS) == {"place", "length_of_time", "in_seconds", "share", "place_mark"}
