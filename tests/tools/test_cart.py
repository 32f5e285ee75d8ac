from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator import ToolError
from orchestrator.core.json_value import JsonObject
from tests.tools.running import Caller
from tools.cart import MOST, Cart, Line
from tools.menu import HOUSE, MENU

pytestmark = pytest.mark.unit

PRICES = st.decimals("0.00", "99.99", places=2)
LINES = st.lists(
    st.builds(Line, item=st.just("coke"), quantity=st.integers(1, 50), unit_price=PRICES, extras=st.just([])),
    max_size=8,
)
PIZZAS = [item.name for item in MENU.items if item.prices]
OTHERS = [item.name for item in MENU.items if not item.prices]
ORDERS_AT_MOST = 6
# All orders may be of one thing, and are not too many of it.
SOME = st.integers(1, MOST // ORDERS_AT_MOST)
ORDERS = st.fixed_dictionaries(
    {
        "item": st.sampled_from(PIZZAS),
        "size": st.sampled_from(["small", "medium", "large"]),
        "quantity": SOME,
        "extras": st.lists(st.sampled_from([extra.name for extra in MENU.extras]), max_size=3),
    }
) | st.fixed_dictionaries({"item": st.sampled_from(OTHERS), "quantity": SOME})


async def ordered(*orders: JsonObject) -> Caller:
    caller = Caller()
    for order in orders:
        await caller.use("add_item", **order)
    return caller


MARGHERITAS: JsonObject = {"item": "margherita", "quantity": 2, "size": "large"}
COKE: JsonObject = {"item": "coke"}


@given(LINES)
def test_the_total_is_the_subtotal_and_its_tax_to_the_cent(lines: list[Line]) -> None:
    cart = Cart(lines=lines)
    exact = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    assert cart.subtotal == exact
    assert cart.tax == (exact * HOUSE.tax_rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert cart.total == cart.subtotal + cart.tax
    assert abs(cart.tax - exact * HOUSE.tax_rate) <= Decimal("0.005")
    assert all(amount == round(amount, 2) for amount in (cart.subtotal, cart.tax, cart.total))


@given(LINES)
def test_the_order_of_lines_does_not_change_the_total(lines: list[Line]) -> None:
    assert Cart(lines=lines).total == Cart(lines=lines[::-1]).total


@given(LINES)
def test_a_cart_is_stored_with_its_sums_and_read_back_exactly(lines: list[Line]) -> None:
    cart = Cart(lines=lines)
    stored = cart.to_stored()
    assert Cart.from_stored(stored) == cart
    assert stored["total"] == str(cart.total)


@pytest.mark.parametrize(
    ("price", "tax"), [("0.06", "0.00"), ("0.0625", "0.01"), ("0.19", "0.02"), ("34.50", "2.76")]
)
def test_tax_is_rounded_half_up(price: str, tax: str) -> None:
    assert Cart(lines=[Line(item="coke", unit_price=Decimal(price))]).tax == Decimal(tax)


async def test_an_order_as_it_is_said() -> None:
    caller = Caller()
    first = await caller.use("add_item", **MARGHERITAS)
    second = await caller.use("add_item", **COKE)
    assert first == {
        "said": "Added 2 large margherita.",
        "order": "2 large margherita; total $34.56 with tax",
    }
    assert second == {
        "said": "Added 1 coke.",
        "order": "2 large margherita, 1 coke; total $37.26 with tax",
    }
    assert caller.cart == {
        "lines": [
            {"item": "margherita", "quantity": 2, "size": "large", "extras": [], "unit_price": "16.00"},
            {"item": "coke", "quantity": 1, "size": None, "extras": [], "unit_price": "2.50"},
        ],
        "order_number": None,
        "subtotal": "34.50",
        "tax": "2.76",
        "total": "37.26",
    }


async def test_the_same_thing_again_raises_its_number() -> None:
    caller = await ordered(COKE, MARGHERITAS, COKE)
    answer = await caller.use("show_cart")
    assert answer["lines"] == {"1": "2 coke, $5.00", "2": "2 large margherita, $32.00"}


async def test_extras_cost_more_and_their_order_does_not_matter() -> None:
    caller = await ordered(
        {"item": "funghi", "size": "small", "extras": ["olives", "ham"]},
        {"item": "funghi", "size": "small", "extras": ["ham", "olives", "ham"]},
    )
    answer = await caller.use("show_cart")
    assert answer["lines"] == {"1": "2 small funghi with ham and olives, $29.50"}


async def test_a_pizza_without_a_size_is_asked_for() -> None:
    with pytest.raises(ToolError, match="Which size should the margherita be: small, medium or large"):
        await Caller().use("add_item", item="margherita")


async def test_a_size_of_something_that_has_none_is_left_out() -> None:
    caller = await ordered({"item": "coke", "size": "large"})
    assert (await caller.use("show_cart"))["lines"] == {"1": "1 coke, $2.50"}


async def test_extras_on_anything_but_pizza_are_refused() -> None:
    with pytest.raises(ToolError, match="Extras go on pizzas; the coke comes as it is"):
        await Caller().use("add_item", item="coke", extras=["olives"])


async def test_more_than_the_kitchen_can_make_is_refused() -> None:
    caller = await ordered({"item": "coke", "quantity": 50})
    with pytest.raises(ToolError, match="More than 50 of one thing"):
        await caller.use("add_item", item="coke")
    assert caller.violations("add_item", item="coke", quantity=51) == [
        "quantity: 51 is more than the maximum of 50; send a whole number from 1 to 50"
    ]


async def test_number_size_and_extras_can_be_changed() -> None:
    caller = await ordered(MARGHERITAS, COKE)
    answer = await caller.use("change_item", item="margherita", quantity=1, size="small", extras=["olives"])
    assert answer["said"] == "It is 1 small margherita with olives now."
    answer = await caller.use("change_item", item="margherita", extras=[])
    assert answer["said"] == "It is 1 small margherita now."
    assert answer["order"] == "1 coke, 1 small margherita; total $14.04 with tax"


async def test_a_changed_line_joins_one_that_is_the_same() -> None:
    caller = await ordered(MARGHERITAS, {"item": "margherita", "size": "small"})
    answer = await caller.use("change_item", item="margherita", size="large", line=2)
    assert answer["order"] == "3 large margherita; total $51.84 with tax"


async def test_a_change_of_nothing_is_asked_for() -> None:
    caller = await ordered(COKE)
    with pytest.raises(ToolError, match="What should be different"):
        await caller.use("change_item", item="coke")


async def test_a_thing_that_is_in_the_order_more_than_once_is_asked_for() -> None:
    caller = await ordered(MARGHERITAS, COKE, {"item": "margherita", "size": "small", "extras": ["ham"]})
    with pytest.raises(
        ToolError, match="Which one: line 1, large margherita or line 3, small margherita with ham"
    ):
        await caller.use("remove_item", item="margherita")
    assert (await caller.use("remove_item", item="margherita", size="small"))["said"] == (
        "Took out 1 small margherita with ham."
    )


async def test_some_or_all_of_a_thing_can_be_taken_out() -> None:
    caller = await ordered({"item": "coke", "quantity": 3}, MARGHERITAS)
    assert (await caller.use("remove_item", item="coke", quantity=1))["said"] == "Took out 1; 2 coke left."
    assert (await caller.use("remove_item", item="coke", quantity=2))["said"] == "Took out 2 coke."
    assert (await caller.use("remove_item", item="margherita", line=1))["order"] == "The order is empty."


async def test_what_is_not_in_the_order_cannot_be_taken_out() -> None:
    caller = await ordered(COKE)
    with pytest.raises(ToolError, match=r"There is no beer in the order\. 1 coke; total \$2\.70 with tax"):
        await caller.use("remove_item", item="beer")
    with pytest.raises(ToolError, match="There is no large coke in the order"):
        await caller.use("remove_item", item="coke", size="large", line=7)


async def test_the_cart_can_be_emptied() -> None:
    caller = await ordered(COKE, MARGHERITAS)
    assert (await caller.use("clear_cart"))["said"] == "The order is empty now."
    assert caller.cart["lines"] == []
    assert caller.cart["total"] == "0.00"


async def test_what_is_placed_cannot_be_changed_and_a_new_order_can_begin() -> None:
    caller = await ordered(COKE)
    caller.states["cart"]["order_number"] = "K4821"
    assert (await caller.use("show_cart"))["said"] == "1 coke; total $2.70 with tax. It is placed as K4821."
    for tool in ("change_item", "remove_item"):
        with pytest.raises(ToolError, match="placed already, as K4821"):
            await caller.use(tool, item="coke", quantity=1)
    with pytest.raises(ToolError, match="placed already, as K4821"):
        await caller.use("clear_cart")
    answer = await caller.use("add_item", item="beer")
    assert answer["order"] == "1 beer; total $4.86 with tax"
    assert caller.cart["order_number"] is None


@settings(max_examples=50, deadline=None)
@given(st.lists(ORDERS, max_size=ORDERS_AT_MOST))
async def test_whatever_is_ordered_the_sums_are_those_of_the_menu(orders: list[JsonObject]) -> None:
    caller = await ordered(*orders)
    cart = Cart.from_stored(caller.states.get("cart", Cart.initial_value()))
    expected = Decimal(0)
    for order in orders:
        item = MENU.item_named(str(order["item"]))
        size, extras, quantity = order.get("size"), order.get("extras", []), order["quantity"]
        assert isinstance(extras, list)
        assert isinstance(quantity, int)
        price = item.price if item.price is not None else item.prices[size]  # type: ignore[index]
        toppings = sum((MENU.extra_named(str(name)).price for name in set(map(str, extras))), Decimal(0))
        expected += quantity * (price + toppings)
    assert cart.subtotal == expected
    assert sum(line.quantity for line in cart.lines) == sum(int(str(order["quantity"])) for order in orders)
