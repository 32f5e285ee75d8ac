import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.tools.running import Caller
from tools.menu import FEW, HOUSE, MENU, MenuItem, clock, dollars, listed, read_menu

pytestmark = pytest.mark.unit


def test_the_menu_is_complete_and_consistent() -> None:
    names = [item.name for item in MENU.items]
    assert len(names) == len(set(names)) == 25
    assert {item.category for item in MENU.items} == {"pizza", "side", "drink", "dessert"}
    for item in MENU.items:
        assert (item.price is None) == (item.category == "pizza")
        assert list(item.prices) == (["small", "medium", "large"] if item.category == "pizza" else [])
        assert list(item.prices.values()) == sorted(item.prices.values())


def test_prices_keep_their_digits() -> None:
    assert str(MENU.item_named("margherita").prices["small"]) == "10.50"
    assert all(
        price.as_tuple().exponent == -2
        for item in MENU.items
        for price in [*item.prices.values(), item.price or Decimal("0.00")]
    )
    assert str(HOUSE.tax_rate) == "0.08"


def test_a_menu_with_an_unknown_category_is_refused(tmp_path: Path) -> None:
    text = Path("tools/menu.toml").read_text().replace('category = "side"', 'category = "starter"')
    (tmp_path / "menu.toml").write_text(text)
    with pytest.raises(ValidationError):
        read_menu(tmp_path / "menu.toml")


def test_the_price_depends_on_the_size_where_there_are_sizes() -> None:
    assert MENU.item_named("margherita").price_of("large") == Decimal("16.00")
    assert MENU.item_named("coke").price_of(None) == Decimal("2.50")
    assert MENU.item_named("coke").price_of("large") == Decimal("2.50")
    with pytest.raises(ValueError, match="comes in sizes"):
        MENU.item_named("margherita").price_of(None)


def test_prices_are_written_as_dollars() -> None:
    assert dollars(Decimal(16)) == "$16.00"
    assert MENU.item_named("coke").priced() == "$2.50"
    assert MENU.item_named("margherita").priced() == "small $10.50, medium $13.00, large $16.00"
    assert MenuItem(name="x", category="side", description="d", price=Decimal(1)).priced() == "$1.00"


@pytest.mark.parametrize(
    ("words", "sentence"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_joined_as_they_are_said(words: list[str], sentence: str) -> None:
    assert listed(words) == sentence


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (dt.time(0, 5), "12:05 am"),
        (dt.time(11), "11 am"),
        (dt.time(12), "12 pm"),
        (dt.time(19, 30), "7:30 pm"),
    ],
)
def test_a_time_is_written_as_it_is_said(time: dt.time, words: str) -> None:
    assert clock(time) == words


async def test_an_item_is_looked_up_with_its_price() -> None:
    answer = await Caller().use("look_up_menu", item="margherita")
    assert answer["said"] == (
        "The margherita is tomato, mozzarella and basil. It costs small $10.50, medium $13.00, large $16.00."
    )
    assert answer["vegetarian"] is True


async def test_without_a_question_the_kinds_are_told() -> None:
    answer = await Caller().use("look_up_menu")
    assert answer["said"] == "There are pizzas, sides, drinks and desserts."
    assert isinstance(answer["extras"], dict)
    assert answer["extras"]["olives"] == "$1.25"


async def test_a_long_list_is_not_for_reading_aloud() -> None:
    answer = await Caller().use("look_up_menu", category="pizza")
    assert answer["said"] == "There is margherita, marinara, pepperoni and 6 more."
    assert isinstance(answer["items"], dict)
    assert len(answer["items"]) == 9 > FEW


async def test_a_short_list_is_told_in_full() -> None:
    answer = await Caller().use("look_up_menu", category="dessert", vegetarian=True)
    assert answer["said"] == "There is tiramisu and chocolate ice cream."


async def test_vegetarian_items_have_no_meat() -> None:
    answer = await Caller().use("look_up_menu", vegetarian=True)
    assert isinstance(answer["items"], dict)
    assert {"pepperoni", "capricciosa", "chicken wings"}.isdisjoint(answer["items"])
    assert "funghi" in answer["items"]


def test_an_item_that_is_not_on_the_menu_is_refused_with_the_nearest() -> None:
    [violation] = Caller().violations("look_up_menu", item="margarita")
    assert violation.startswith('item: "margarita" is not allowed; send "margherita", ')


async def test_the_opening_hours_are_told() -> None:
    answer = await Caller("triage").use("opening_hours")
    assert answer["said"] == (
        "Bella Napoli is at 12 Harbour Street and open from 11 am to 10 pm, every day but Mondays."
    )
