from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from orchestrator.core.state import State, StateMismatchError, snake_case

pytestmark = pytest.mark.unit


class Line(BaseModel):
    item: str
    price: Decimal = Decimal("0.00")


class Basket(State):
    lines: list[Line] = []
    tip: Decimal = Decimal("0.00")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Cart", "cart"),
        ("OrderCart", "order_cart"),
        ("HTTPState", "http_state"),
        ("Cart2Go", "cart2_go"),
        ("_Private", "private"),
        ("already_snake", "already_snake"),
    ],
)
def test_a_class_name_becomes_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_a_state_is_named_after_its_class() -> None:
    assert Basket.state_name() == "basket"


def test_a_state_may_be_given_another_name() -> None:
    class Cart(State, name="order"):
        pass

    assert Cart.state_name() == "order"


def test_the_name_of_a_base_is_not_inherited() -> None:
    class Special(Basket):
        pass

    assert Special.state_name() == "special"


def test_a_field_may_be_called_name() -> None:
    class Person(State):
        name: str = "nobody"

    assert Person.state_name() == "person"
    assert Person(name="Anna").to_stored() == {"name": "Anna"}


def test_the_initial_value_is_made_of_the_defaults() -> None:
    assert Basket.initial_value() == {"lines": [], "tip": "0.00"}


def test_a_state_without_defaults_has_no_initial_value() -> None:
    class Wrong(State):
        number: int

    with pytest.raises(ValidationError):
        Wrong.initial_value()


@given(st.decimals(allow_nan=False, allow_infinity=False), st.lists(st.text(max_size=20), max_size=4))
def test_what_is_stored_is_read_back_exactly(tip: Decimal, items: list[str]) -> None:
    basket = Basket(tip=tip, lines=[Line(item=item, price=tip) for item in items])
    stored = basket.to_stored()
    again = Basket.from_stored(stored)
    assert again == basket
    assert str(again.tip) == str(tip)
    assert again.to_stored() == stored


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_number_that_json_cannot_say_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        Basket(tip=Decimal(number))


def test_an_assigned_value_is_checked() -> None:
    basket = Basket()
    with pytest.raises(ValidationError):
        basket.lines = ["coke"]  # type: ignore[list-item]


def test_a_stored_value_of_an_older_class_tells_what_does_not_fit() -> None:
    with pytest.raises(StateMismatchError) as caught:
        Basket.from_stored({"lines": [{"price": "1.00"}], "tip": "much"})
    assert caught.value.code == "state_mismatch"
    assert caught.value.param == "basket"
    assert "lines.0.item: Field required" in caught.value.message
    assert "tip: " in caught.value.message
    assert "much" not in caught.value.message


def test_a_field_that_the_class_no_longer_has_is_left_out() -> None:
    assert Basket.from_stored({"tip": "1.50", "gone": True}).to_stored() == {"lines": [], "tip": "1.50"}


def test_a_value_of_another_type_is_not_stored_and_not_repeated() -> None:
    basket = Basket()
    basket.lines.append("secret")  # type: ignore[arg-type]
    with pytest.raises(StateMismatchError, match="lines") as caught:
        basket.to_stored()
    assert "secret" not in caught.value.message


def test_a_value_that_could_not_be_read_again_is_not_stored() -> None:
    basket = Basket()
    basket.lines.append(Line.model_construct(item=None))  # type: ignore[arg-type]
    with pytest.raises(StateMismatchError):
        basket.to_stored()


def test_the_model_is_told_all_of_a_state_unless_it_says_otherwise() -> None:
    class Short(State):
        secret: str = "x"

        def for_model(self) -> str:
            return "short"

    assert Basket().for_model() == {"lines": [], "tip": "0.00"}
    assert Short().for_model() == "short"
