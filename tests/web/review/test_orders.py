"""States that are orders."""

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.web.review.orders import KnownLines, Order, as_order
from tests.web.review.sample_call import EMPTY_CART, PLACED_CART

pytestmark = pytest.mark.unit


def test_a_cart_is_an_order_with_sums() -> None:
    order = as_order(PLACED_CART)
    assert order is not None
    lines = [(line.quantity, line.what, line.more, line.price) for line in order.lines]
    assert lines == [("2", "margherita", "large", "33.00"), ("1", "coke", "", "2.90")]
    assert order.sums == (("subtotal", "35.90"), ("tax", "2.96"), ("total", "38.86"))
    assert order.notes == (("order number", "A-17"),)


def test_an_empty_cart_is_an_order() -> None:
    assert as_order(EMPTY_CART) == Order(
        lines=(), sums=(("subtotal", "0.00"), ("tax", "0.00"), ("total", "0.00")), notes=()
    )


def test_a_line_that_stands_in_many_revisions_is_read_once() -> None:
    known: KnownLines = {}
    one: JsonObject = {"lines": [{"item": "coke", "quantity": 1}]}
    two: JsonObject = {"lines": [{"item": "coke", "quantity": 1}, {"item": "coke", "quantity": 2}]}
    first, second = as_order(one, known), as_order(two, known)
    assert first is not None
    assert second is not None
    assert second.lines[0] is first.lines[0]
    assert [line.quantity for line in second.lines] == ["1", "2"]


def test_extras_are_said_with_the_line() -> None:
    value: JsonObject = {
        "lines": [{"name": "funghi", "quantity": "1", "extras": ["olives", "ham"], "spicy": True}]
    }
    order = as_order(value)
    assert order is not None
    assert order.lines[0].more == "olives, ham"
    assert order.lines[0].price == ""


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"lines": "none"},
        {"lines": []},
        {"lines": ["coke"]},
        {"lines": [{"item": "coke"}]},
        {"lines": [{"item": "coke", "quantity": True}]},
        {"lines": [{"item": "coke", "quantity": "1e999999999"}]},
        {"lines": [{"item": "coke", "quantity": "NaN"}]},
        {"lines": [{"item": "coke", "quantity": "many"}]},
    ],
)
def test_anything_else_is_none(value: JsonObject) -> None:
    assert as_order(value) is None


def test_a_sum_that_is_no_number_is_shown_as_it_is() -> None:
    order = as_order({"lines": [], "total": "on the house"})
    assert order is not None
    assert order.sums == (("total", "on the house"),)
