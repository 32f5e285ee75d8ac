import pytest

from orchestrator.core.expectations import expected, type_phrase
from orchestrator.core.json_value import JsonObject, JsonValue

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer"}, "a whole number"),
        ({"type": "integer", "minimum": 1}, "a whole number from 1"),
        ({"type": "integer", "maximum": 9}, "a whole number up to 9"),
        ({"type": "integer", "minimum": 1, "maximum": 50}, "a whole number from 1 to 50"),
        ({"type": "number", "exclusiveMinimum": 0}, "a number above 0"),
        ({"type": "number", "exclusiveMaximum": 1, "multipleOf": 0.1}, "a number below 1 in steps of 0.1"),
        ({"type": "string"}, "text"),
        ({"type": "string", "minLength": 2}, "text of at least 2 characters"),
        ({"type": "string", "maxLength": 9}, "text of at most 9 characters"),
        ({"type": "string", "minLength": 2, "maxLength": 9}, "text of 2 to 9 characters"),
        ({"type": "string", "pattern": "^a+$"}, "text that matches ^a+$"),
        ({"type": "string", "format": "date"}, "a date such as 2026-11-20"),
        ({"format": "time"}, "a time such as 18:30"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "null"}, "null"),
        ({"type": "array"}, "a list"),
        ({"type": "array", "minItems": 1, "maxItems": 3}, "a list of 1 to 3 entries"),
        ({"type": "object"}, "an object"),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "an object with a and b"),
        ({"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}, "an object with a"),
        ({"enum": ["small", "large"]}, '"small" or "large"'),
        ({"const": "fixed"}, '"fixed"'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "text"),
        ({"type": ["integer", "null"]}, "a whole number or null"),
        ({}, "what the schema allows"),
        (True, "a value"),
        (False, "something else"),
    ],
)
def test_a_schema_is_said_in_few_words(schema: JsonValue, words: str) -> None:
    assert expected(schema) == words


def test_a_long_list_of_values_is_cut() -> None:
    schema: JsonObject = {"enum": [f"value {number}" for number in range(30)]}
    assert expected(schema).endswith('"value 9" and 20 more')


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true or false"),
        ("a", "text"),
        ([], "a list"),
        ({}, "an object"),
        (1, "a whole number"),
        (1.5, "a number"),
    ],
)
def test_a_type_is_named_as_people_name_it(value: JsonValue, words: str) -> None:
    assert type_phrase(value) == words
