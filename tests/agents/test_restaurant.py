from decimal import Decimal

import pytest

from orchestrator import InstructionContext, State
from orchestrator.call.loading import load
from orchestrator.core.json_value import JsonObject
from tools.cart import Cart, Line
from tools.guest import Guest

pytestmark = pytest.mark.unit


def instructed(payload: JsonObject | None = None, **states: State) -> str:
    instructions = load("agents").agent("restaurant").instructions
    assert not isinstance(instructions, str)
    context = InstructionContext(
        conversation_id="conv_1", agent="restaurant", states=states, payload=payload or {}
    )
    return instructions(context)


def test_a_new_caller_is_met_with_the_plain_instructions() -> None:
    text = instructed()
    assert text.startswith("# Role\nYou take orders for pickup")
    assert text == instructed(guest=Guest(), cart=Cart())
    assert "Never\nask for card numbers" in text


def test_a_caller_who_is_known_is_not_asked_for_the_name() -> None:
    assert "The caller's name is Anna; do not ask for it again." in instructed(guest=Guest(name="Anna"))


def test_an_order_that_was_begun_is_told() -> None:
    cart = Cart(lines=[Line(item="coke", quantity=2, unit_price=Decimal("2.50"))])
    assert instructed(cart=cart).endswith("In the order so far: 2 coke; total $5.40 with tax.")


def test_an_order_that_was_placed_is_told() -> None:
    cart = Cart(lines=[Line(item="coke", unit_price=Decimal("2.50"))], order_number="K4821")
    assert instructed(cart=cart).endswith(
        "The order is placed already, as K4821: 1 coke; total $2.70 with tax."
    )


def test_a_caller_who_wants_a_table_is_announced() -> None:
    assert instructed({"wants": "table"}).endswith("The caller wants a table.")


def test_the_restaurant_carries_the_cart_and_the_guest() -> None:
    restaurant = load("agents").agent("restaurant")
    assert [state.name for state in restaurant.states] == ["cart", "guest"]
    assert {tool.name: tool.states for tool in restaurant.tools if tool.states} == {
        "add_item": ("cart",),
        "change_item": ("cart",),
        "remove_item": ("cart",),
        "show_cart": ("cart",),
        "clear_cart": ("cart",),
        "checkout": ("cart", "guest"),
        "reserve_table": ("guest",),
    }
