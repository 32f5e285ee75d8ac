"""The states at every moment."""

from dataclasses import replace

import pytest

from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.states import Revision, at_moment, revisions_of
from tests.web.review.sample_call import EMPTY_CART, REVISIONS, START, details

pytestmark = pytest.mark.unit

WHOLE = details()
CLOCK = clock_of(WHOLE, now=START)
CART = revisions_of(WHOLE, CLOCK, {"cart": EMPTY_CART, "guest": {"name": None}})


def total_at(ms: int) -> tuple[int, str]:
    (revision,) = at_moment(CART, ms)
    assert revision.order is not None
    return revision.number, dict(revision.order.sums)["total"]


@pytest.mark.parametrize(
    ("ms", "expected"),
    [(0, (0, "0.00")), (9_000, (1, "35.72")), (14_899, (1, "35.72")), (20_000, (2, "38.86"))],
)
def test_a_cart_is_shown_as_it_was(ms: int, expected: tuple[int, str]) -> None:
    assert total_at(ms) == expected


def test_a_state_that_never_changed_is_not_shown() -> None:
    assert {revision.state for revision in CART} == {"cart"}


def test_every_moment_has_one_value_of_a_state() -> None:
    assert all(len(at_moment(CART, ms)) == 1 for ms in range(0, CLOCK.length_ms, 250))


def test_a_state_that_nobody_declares_begins_with_its_first_revision() -> None:
    made = revisions_of(WHOLE, CLOCK, {})
    assert [revision.number for revision in made] == [1, 2, 3]
    assert at_moment(made, 0) == ()


def test_any_other_state_is_keys_and_values() -> None:
    row = replace(REVISIONS[0], state="guest", value={"name": "Anna", "phone": None, "address": {"zip": 1}})
    (made,) = revisions_of(details(revisions=(row,)), CLOCK, {})
    assert isinstance(made, Revision)
    assert made.fields == (("name", "Anna"), ("phone", ""), ("address.zip", "1"))
