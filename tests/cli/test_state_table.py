"""A state as a table."""

import io

import pytest
from rich.console import Console

from orchestrator.cli.state_table import MOST_ROWS, state_table
from orchestrator.cli.terminal import THEME
from orchestrator.core.json_value import JsonObject

pytestmark = pytest.mark.unit


def shown(value: JsonObject, revision: int | None = 3) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=100, theme=THEME).print(state_table("cart", revision, value, margin=0))
    return [" ".join(line.split()) for line in file.getvalue().splitlines()]


def test_a_list_of_things_becomes_rows_and_single_values_a_line_below() -> None:
    lines = shown(
        {
            "lines": [{"item": "coke", "quantity": 2, "size": None, "extras": []}],
            "total": "5.40",
            "note": None,
        }
    )
    assert lines[0] == "cart revision 3"
    assert lines[1] == "item quantity"
    assert lines[3] == "coke 2"
    assert lines[4] == "total 5.40"
    assert len(lines) == 5


def test_columns_are_those_that_any_row_fills() -> None:
    lines = shown({"lines": [{"a": 1}, {"a": 2, "b": True}]})
    assert lines[1] == "a b"
    assert lines[-1] == "2 yes"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["small", "large"], "small, large"),
        ({"x": 1}, '{"x":1}'),
        ([[1]], "[[1]]"),
        ([{"a": 1}, 2], '[{"a":1},2]'),
        (False, "no"),
        (0, "0"),
        ("x" * 60, f"{'x' * 39}…"),
    ],
)
def test_any_other_value_is_one_short_text(value: object, expected: str) -> None:
    assert shown({"field": value}) == ["cart revision 3", f"field {expected}"]  # type: ignore[dict-item]


def test_nothing_in_it_is_said() -> None:
    assert shown({"lines": [], "name": None}, None) == ["cart", "empty"]


def test_a_long_list_is_cut_and_says_so() -> None:
    lines = shown({"lines": [{"n": number} for number in range(MOST_ROWS + 5)]})
    assert lines[-1] == "and 5 more in lines"
