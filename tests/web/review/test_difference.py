"""What is different between two values of a state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.json_value import JsonObject
from orchestrator.web.review.difference import differences
from tests.web.review.sample_call import EMPTY_CART, FIRST_CART, SECOND_CART

pytestmark = pytest.mark.unit


def told(before: JsonObject | None, after: JsonObject) -> list[tuple[str, str, str | None, str | None]]:
    return [(change.kind, change.path, change.before, change.after) for change in differences(before, after)]


def test_a_line_that_was_added_is_said_in_words() -> None:
    assert told(EMPTY_CART, FIRST_CART)[0] == (
        "added",
        "lines[0]",
        None,
        "2 \N{MULTIPLICATION SIGN} margherita, large",
    )


def test_sums_tell_what_they_were() -> None:
    assert ("changed", "total", "35.72", "38.86") in told(FIRST_CART, SECOND_CART)


def test_an_entry_taken_out_of_the_middle_is_one_line() -> None:
    assert told({"list": [1, 2, 3]}, {"list": [1, 3]}) == [("removed", "list[1]", "2", None)]


def test_a_line_of_an_order_is_named_by_what_it_is_of() -> None:
    before: JsonObject = {"total": "2.00", "lines": [{"item": "coke", "quantity": 1}]}
    after: JsonObject = {"total": "4.00", "lines": [{"item": "coke", "quantity": 2}]}
    assert told(before, after) == [
        ("changed", "coke.quantity", "1", "2"),
        ("changed", "total", "2.00", "4.00"),
    ]


def test_a_field_of_any_other_entry_is_named_by_its_place() -> None:
    before: JsonObject = {"tables": [{"seats": 1}, {"seats": 2}]}
    after: JsonObject = {"tables": [{"seats": 1}, {"seats": 4}]}
    assert told(before, after) == [("changed", "tables[1].seats", "2", "4")]


def test_fields_come_and_go() -> None:
    assert told({"old": 1}, {"new": "x"}) == [("added", "new", None, "x"), ("removed", "old", "1", None)]


def test_the_first_value_of_a_state_is_all_new() -> None:
    assert told(None, {"name": "Anna"}) == [("added", "name", None, "Anna")]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=3), values, max_size=4)


@given(objects, objects)
def test_there_is_a_difference_exactly_where_values_differ(before: JsonObject, after: JsonObject) -> None:
    same_type_too = str(before) == str(after)
    assert bool(differences(before, after)) or before == after
    assert not (same_type_too and differences(before, after))
