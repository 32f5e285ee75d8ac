import pytest

from orchestrator.engine.demo.numbers import quantities, say_number
from orchestrator.engine.demo.words import tokens

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two pizzas and 3 cokes", [2, 3]),
        ("twenty-five", [25]),
        ("twenty five", [25]),
        ("thirty", [30]),
        ("a dozen", [12]),
        ("two dozen eggs", [24]),
        ("half a dozen", [6]),
        ("a couple of beers", [2]),
        ("a pair", [2]),
        ("a hundred", [100]),
        ("three hundred", [300]),
        ("2x pepperoni", [2]),
        ("x 2", [2]),
        ("one and a half", [1.5]),
        ("20.50", [20.5]),
        ("zero", [0]),
        ("a coke", [1]),
        ("another coke", [1]),
        ("nothing here", []),
        ("plan a", []),
    ],
)
def test_numbers_are_found(text: str, values: list[float]) -> None:
    assert [quantity.value for quantity in quantities(tokens(text))] == values


@pytest.mark.parametrize("text", ["a small one please", "that one", "the large one with olives", "which one"])
def test_one_may_stand_for_a_thing(text: str) -> None:
    assert all(quantity.indefinite for quantity in quantities(tokens(text)))


@pytest.mark.parametrize(
    "text", ["make it one", "just one", "one", "one coke", "I'd like one", "one, please"]
)
def test_one_may_be_a_number(text: str) -> None:
    assert [(q.value, q.indefinite) for q in quantities(tokens(text))] == [(1, False)]


def test_an_article_is_an_indefinite_one() -> None:
    (quantity,) = quantities(tokens("a coke"))
    assert quantity.indefinite
    assert (quantity.start, quantity.end) == (0, 1)


@pytest.mark.parametrize(
    ("value", "said"), [(1, "one"), (19, "nineteen"), (20, "twenty"), (21, "21"), (2.5, "2.5"), (0, "zero")]
)
def test_numbers_are_said(value: float, said: str) -> None:
    assert say_number(value) == said
