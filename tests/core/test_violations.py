import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError, field_validator

from orchestrator.core.definition import Violation
from orchestrator.core.formats import FORMATS
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.violations import MAXIMUM, dotted, explain, explain_coercion

pytestmark = pytest.mark.unit

MENU = ["margherita", "marinara", "pepperoni", "funghi", "coke", "lemonade", "water", "juice", "wine", "tea"]

ORDER: JsonObject = {
    "type": "object",
    "properties": {
        "item": {"enum": [*MENU, "beer", "milk"]},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 50},
        "size": {"anyOf": [{"enum": ["small", "large"], "type": "string"}, {"type": "null"}]},
        "price": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100, "multipleOf": 0.5},
        "day": {"type": "string", "format": "date"},
        "name": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]*$"},
        "kind": {"const": "pickup"},
        "gift": {"type": "boolean"},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "properties": {"what": {"type": "string"}, "count": {"type": "integer"}},
                "required": ["what"],
                "additionalProperties": False,
            },
        },
        "phone": {"type": "string"},
        "extras": {"type": "object", "minProperties": 1, "maxProperties": 1},
        "never": False,
        "choice": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]},
        "odd": {"not": {"type": "string"}},
        "mixed": {"type": "array", "contains": {"type": "integer"}},
        "names": {"propertyNames": {"maxLength": 3}},
    },
    "dependentRequired": {"gift": ["name"]},
    "additionalProperties": False,
}


def said(arguments: JsonObject, schema: JsonObject = ORDER) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    return [str(violation) for violation in explain(validator.iter_errors(arguments))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"quantity": 0}, "quantity: 0 is less than the minimum of 1; send a whole number from 1 to 50"),
        ({"quantity": 51}, "quantity: 51 is more than the maximum of 50; send a whole number from 1 to 50"),
        ({"quantity": "two"}, 'quantity: "two" is text; send a whole number from 1 to 50'),
        ({"quantity": 2.5}, "quantity: 2.5 is a number; send a whole number from 1 to 50"),
        ({"quantity": True}, "quantity: true is not allowed; send a whole number from 1 to 50"),
        ({"quantity": None}, "quantity: null is not allowed; send a whole number from 1 to 50"),
        ({"quantity": [1]}, "quantity: a list of 1 is not allowed; send a whole number from 1 to 50"),
        ({"size": "huge"}, 'size: "huge" is not allowed; send "small" or "large"'),
        ({"size": 3}, 'size: 3 fits none of what is allowed; send "small" or "large" or null'),
        ({"price": 0}, "price: 0 is not more than 0; send a number above 0 below 100 in steps of 0.5"),
        ({"price": 100}, "price: 100 is not less than 100; send a number above 0 below 100 in steps of 0.5"),
        (
            {"price": 1.2},
            "price: 1.2 is not a multiple of 0.5; send a number above 0 below 100 in steps of 0.5",
        ),
        ({"day": "friday"}, 'day: "friday" is no valid date; send a date such as 2026-11-20'),
        ({"name": "a"}, 'name: "a" is shorter than 2 characters; send text that matches ^[a-z]*$'),
        ({"name": "abcdef"}, 'name: "abcdef" is longer than 5 characters; send text that matches ^[a-z]*$'),
        ({"name": "AB"}, 'name: "AB" does not match the pattern ^[a-z]*$; send text that matches ^[a-z]*$'),
        ({"kind": "delivery"}, 'kind: "delivery" is not the one value that is allowed; send "pickup"'),
        ({"gift": True}, "name: is missing; send it together with 'gift'"),
        ({"lines": []}, "lines: a list of 0 has fewer than 1 entries; send a list of 1 to 2 entries"),
        (
            {"lines": [{"what": "a"}, {"what": "b"}, {"what": "c"}]},
            "lines: a list of 3 has more than 2 entries; send a list of 1 to 2 entries",
        ),
        (
            {"lines": [{"what": "a"}, {"what": "a"}]},
            "lines: a list of 2 repeats an entry; send a list of 1 to 2 entries",
        ),
        ({"lines": [{}]}, "lines.0.what: is missing; send text"),
        ({"lines": [{"what": "a", "count": "b"}]}, 'lines.0.count: "b" is text; send a whole number'),
        ({"lines": ["a"]}, 'lines.0: "a" is text; send an object with what'),
        ({"qauntity": 1}, "qauntity: is not known; send it as 'quantity'"),
        ({"extras": {}}, "extras: an object of 0 fields has fewer than 1 fields; send an object"),
        (
            {"extras": {"a": 1, "b": 2}},
            "extras: an object of 2 fields has more than 1 fields; send an object",
        ),
        ({"never": "x"}, 'the value "x" is not allowed; leave it out'),
        (
            {"choice": 6},
            "choice: 6 does not fit exactly one of what is allowed; send a whole number or a number from 5",
        ),
        ({"odd": "a"}, 'odd: "a" is what the schema rules out; send what the schema allows'),
        (
            {"mixed": ["a"]},
            "mixed: a list of 1 has too few or too many entries of the kind it must contain; send a list",
        ),
        ({"names": {"long": 1}}, 'names: "long" is longer than 3 characters; send what the schema allows'),
    ],
)
def test_a_violation_says_what_was_sent_and_what_to_send(arguments: JsonObject, message: str) -> None:
    assert said(arguments) == [message]


def test_a_missing_argument_is_named_with_what_it_must_be() -> None:
    schema: JsonObject = {**ORDER, "required": ["item", "quantity", "lost"]}
    assert said({}, schema) == [
        f"item: is missing; send one of {', '.join(map(json.dumps, MENU))} and 2 more",
        "lost: is missing; send a value",
        "quantity: is missing; send a whole number from 1 to 50",
    ]


def test_a_misspelt_value_is_answered_with_the_nearest_first() -> None:
    [message] = said({"item": "margarita"})
    assert message.startswith('item: "margarita" is not allowed; send "margherita", ')
    assert message.endswith("(2 more are allowed)")


def test_an_unknown_argument_lists_those_there_are() -> None:
    [message] = said({"colour": "red"})
    assert message.startswith("colour: is not known; leave it out (known: item, quantity, ")


def test_an_argument_for_a_tool_without_arguments_is_to_be_left_out() -> None:
    schema: JsonObject = {"type": "object", "properties": {}, "additionalProperties": False}
    assert said({"a": 1}, schema) == ["a: is not known; leave it out"]


def test_fields_that_match_no_pattern_are_to_be_left_out() -> None:
    schema: JsonObject = {"patternProperties": {"^x": {}}, "additionalProperties": False}
    assert said({"a": 1}, schema) == ["has fields that are not allowed; leave them out"]


def test_a_rule_without_words_of_its_own_is_named() -> None:
    schema: JsonObject = {"properties": {"a": {"unevaluatedItems": False}}}
    assert said({"a": [1]}, schema) == [
        "a: a list of 1 breaks the rule 'unevaluatedItems'; send what the schema allows"
    ]


def test_all_violations_are_told_at_once_in_the_order_of_their_paths() -> None:
    messages = said({"quantity": 0, "item": "x", "day": 3})
    assert [message.partition(":")[0] for message in messages] == ["day", "item", "quantity"]


def test_more_violations_than_a_model_can_repair_are_counted() -> None:
    messages = said({f"unknown_{number}": 1 for number in range(20)})
    assert len(messages) == MAXIMUM + 1
    assert messages[-1] == "and 12 more violations"


def test_the_branch_that_fits_best_is_explained() -> None:
    schema: JsonObject = {
        "properties": {
            "pay": {
                "oneOf": [
                    {
                        "type": "object",
                        "properties": {"by": {"const": "link"}, "phone": {"type": "string"}},
                        "required": ["by", "phone"],
                    },
                    {"type": "object", "properties": {"by": {"const": "counter"}}, "required": ["by"]},
                    {"type": "string"},
                ]
            }
        }
    }
    assert said({"pay": {"by": "counter", "phone": 3}}, schema) == []
    assert said({"pay": {}}, schema) == ['pay.by: is missing; send "counter"']


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from([*ORDER["properties"], "other"]),  # type: ignore[misc]
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(MENU),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
            max_leaves=8,
        ),
        max_size=10,
    )
)
def test_no_arguments_are_too_odd_to_be_explained(arguments: JsonObject) -> None:
    validator = Draft202012Validator(ORDER, format_checker=FORMATS)
    found = explain(validator.iter_errors(arguments))
    assert bool(found) is not validator.is_valid(arguments)
    assert len(found) <= MAXIMUM + 1
    assert all(violation.message for violation in found)


def test_a_huge_input_is_never_repeated() -> None:
    huge = "x" * 100_000
    arguments: JsonObject = {"item": huge, "name": huge, huge: 1, "lines": [huge] * 1000, "day": huge}
    assert len(json.dumps(said(arguments))) < 3000


class Person(BaseModel):
    name: str
    ages: list[int] = []
    size: int | str | None = None

    @field_validator("name")
    @classmethod
    def known(cls, name: str) -> str:
        if name != "anna":
            raise ValueError("nobody has this name")
        return name


@pytest.mark.parametrize(
    ("arguments", "violation"),
    [
        ({"name": "bert"}, Violation("name", "nobody has this name")),
        (
            {"name": "anna", "ages": [1, "x"]},
            Violation("ages.1", "Input should be a valid integer, unable to parse string as an integer"),
        ),
        ({}, Violation("name", "Field required")),
    ],
)
def test_what_pydantic_refuses_is_told_with_its_path(arguments: JsonObject, violation: Violation) -> None:
    with pytest.raises(ValidationError) as caught:
        Person.model_validate(arguments)
    assert explain_coercion(caught.value, arguments) == (violation,)


def test_branches_of_a_union_are_no_part_of_the_path() -> None:
    arguments: JsonObject = {"name": "anna", "size": [1]}
    with pytest.raises(ValidationError) as caught:
        Person.model_validate(arguments)
    assert {violation.path for violation in explain_coercion(caught.value, arguments)} == {"size"}


@pytest.mark.parametrize(
    ("path", "text"), [((), ""), (("lines", 0, "size"), "lines.0.size"), (("k" * 50,), "k" * 39 + "…")]
)
def test_a_path_is_written_with_dots(path: tuple[JsonValue, ...], text: str) -> None:
    assert dotted(path) == text
