import enum
import json
import socket
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.schema import (
    NO_PARAMETERS,
    compile_check,
    parse_arguments,
    schema_doubts,
    schema_flaws,
    schema_of,
)
from tests.core.json_paths import at

pytestmark = pytest.mark.unit


class Size(enum.Enum):
    """How big."""

    SMALL = "small"
    LARGE = "large"


class Topping(BaseModel):
    name: str
    size: Size = Size.SMALL


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    note: str = ""


class Order(BaseModel):
    """An order."""

    title: Annotated[str, Field(description="A field that is called as a keyword is.")]
    toppings: list[Topping] = []
    by_name: dict[str, Topping] = {}
    best: Topping | None = Field(None, description="The best.")
    open: Open = Open()


class Tree(BaseModel):
    name: str
    children: "list[Tree]" = []
    topping: Topping | None = None


def test_a_schema_has_no_references_and_no_generated_titles() -> None:
    schema = schema_of(Order)
    text = json.dumps(schema)
    assert "$ref" not in text
    assert "$defs" not in text
    assert '"title": "' not in text
    assert at(schema, "properties", "title") == {
        "description": "A field that is called as a keyword is.",
        "type": "string",
    }


def test_what_stands_beside_a_reference_is_kept() -> None:
    best = at(schema_of(Order), "properties", "best")
    assert at(best, "description") == "The best."
    assert at(best, "anyOf", 0, "properties", "size", "enum") == ["small", "large"]


def test_objects_refuse_fields_that_they_do_not_name_unless_they_say_otherwise() -> None:
    schema = schema_of(Order)
    assert schema["additionalProperties"] is False
    assert at(schema, "properties", "toppings", "items", "additionalProperties") is False
    assert at(schema, "properties", "open", "additionalProperties") is True


def test_a_reference_of_the_authors_own_is_kept_for_the_check_of_the_schema() -> None:
    class Foreign(BaseModel):
        thing: Annotated[str, Field(json_schema_extra={"$ref": "https://example.test/thing.json"})]

    [flaw] = schema_flaws(schema_of(Foreign))
    assert flaw.path == "properties.thing"
    assert "is remote and never fetched" in flaw.message


def test_a_recursive_model_keeps_its_reference() -> None:
    schema = schema_of(Tree)
    assert not schema_flaws(schema)
    check = compile_check(schema)
    assert check({"name": "a", "children": [{"name": "b", "topping": {"name": "c"}}]}) == ()
    [violation] = check({"name": "a", "children": [{"name": "b", "children": [{"nam": "c"}]}]})[:1]
    assert violation.path == "children.0.children.0.nam"


@pytest.mark.parametrize(
    ("schema", "flaw"),
    [
        ([], "the schema is a list; write a dict"),
        ({"type": "string"}, 'type: arguments are always an object; write "type": "object"'),
        ({}, 'type: arguments are always an object; write "type": "object"'),
        ({"type": "objekt"}, 'type: "objekt" is not allowed; send "array", "boolean", "integer", "null", '),
        (
            {"type": "object", "properties": {"a": {"type": "int"}}},
            'properties.a.type: "int" is not allowed; send "array", "boolean", "integer", ',
        ),
        ({"type": "object", "properties": ["a"]}, "properties: a list of 1 is not allowed; send an object"),
        ({"type": "object", "required": "a"}, 'required: "a" is text; send a list'),
        (
            {"type": "object", "properties": {"a": {"minimum": "1"}}},
            'properties.a.minimum: "1" is text; send a number',
        ),
        (
            {"type": "object", "properties": {"a": {"pattern": "("}}},
            'properties.a.pattern: "(" is no valid regex; send a regular expression',
        ),
        ({"type": "object", "default": (1, 2)}, "the schema is not plain JSON"),
        ({"type": "object", "default": float("nan")}, "the schema is not plain JSON"),
        ({"type": "object", "default": object()}, "the schema is not plain JSON"),
        ({"type": "object", "properties": {1: {}}}, "the schema is not plain JSON"),
        (
            {"type": "object", "properties": {"a": {"$ref": "https://example.test/a.json"}}},
            "properties.a: $ref 'https://example.test/a.json' is remote and never fetched; put it into $defs",
        ),
        (
            {"type": "object", "items": {"$dynamicRef": "other.json#a"}},
            "items: $dynamicRef 'other.json#a' is remote and never fetched; put it into $defs",
        ),
        (
            {"type": "object", "anyOf": [{"$ref": "#/$defs/gone"}]},
            "anyOf.0: $ref '#/$defs/gone' points nowhere; add it to $defs",
        ),
        (
            {"type": "object", "not": {"$id": "https://example.test/b"}},
            "not: a nested $id is not supported; leave it out",
        ),
        (
            {"type": "object", "$ref": "#"},
            "the schema refers to itself without end; break the circle of $ref",
        ),
    ],
)
def test_a_flaw_of_a_schema_is_told_with_its_path(schema: object, flaw: str) -> None:
    flaws = [str(found) for found in schema_flaws(schema)]
    assert len(flaws) == 1
    assert flaws[0].startswith(flaw)


def test_several_flaws_are_told_at_once() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "int"}, "b": {"minimum": "1"}}}
    assert len(schema_flaws(schema)) == 2


def test_a_schema_nested_beyond_all_measure_is_refused() -> None:
    schema: JsonObject = {"type": "object"}
    for _ in range(100_000):
        schema = {"not": schema}
    [flaw] = schema_flaws(schema)
    assert flaw.message.startswith("the schema is not plain JSON")


@pytest.mark.parametrize(
    "schema",
    [
        NO_PARAMETERS,
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"type": "string"}}},
        {"type": "object", "properties": {"a": True, "b": False}, "required": ["a"]},
        {"$id": "https://example.test/order", "type": "object", "properties": {"child": {"$ref": "#"}}},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
    ],
)
def test_a_sound_schema_has_no_flaws_and_no_doubts(schema: JsonObject) -> None:
    assert schema_flaws(schema) == []
    assert schema_doubts(schema) == []


@pytest.mark.parametrize(
    ("schema", "doubt"),
    [
        (
            {"type": "object", "properties": {"a": {"minimun": 1}}},
            "properties.a: 'minimun' is no keyword of JSON Schema; write 'minimum'",
        ),
        (
            {"type": "object", "properties": {"a": {}}, "required": ["b"]},
            "'b' is required and has no schema; add it to the properties",
        ),
    ],
)
def test_what_nobody_means_is_doubted(schema: JsonObject, doubt: str) -> None:
    assert [str(found) for found in schema_doubts(schema)] == [doubt]


def test_keywords_of_ones_own_are_left_alone() -> None:
    assert schema_doubts({"type": "object", "x-confirm": True, "remark": 1}) == []


def test_a_check_never_opens_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    schema: JsonObject = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/a.json"}}}
    assert schema_flaws(schema)


def test_arguments_that_are_nested_too_deeply_are_refused() -> None:
    deep: JsonValue = {"name": "leaf"}
    for _ in range(3000):
        deep = {"name": "a", "children": [deep]}
    assert isinstance(deep, dict)
    [violation] = compile_check(schema_of(Tree))(deep)
    assert violation.message == "the arguments are nested too deeply; send flatter ones"


@pytest.mark.parametrize("text", ["", "  ", "{}"])
def test_no_text_means_no_arguments(text: str) -> None:
    assert parse_arguments(text) == ({}, ())


@pytest.mark.parametrize("text", ["{", "[1]", "3", "nul", "[" * 100_000, '{"a": NaN}', '{"a": "\ud800"}'])
def test_a_text_that_is_no_object_is_a_violation(text: str) -> None:
    arguments, [violation] = parse_arguments(text)
    assert arguments == {}
    assert violation.path == ""
    assert "send one" in violation.message
    assert len(str(violation)) < 300


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    whole: int = Field(ge=-5, le=5)
    broken: float = Field(allow_inf_nan=False)
    money: Decimal = Field(allow_inf_nan=False)
    text: str = Field(max_length=10)
    kind: Literal["a", "b"]
    size: Size | None = None
    day: date
    at: time
    moment: datetime
    toppings: list[Topping] = Field(max_length=3)


SENT = st.builds(
    Everything,
    whole=st.integers(-5, 5),
    broken=st.floats(allow_nan=False, allow_infinity=False),
    money=st.decimals(allow_nan=False, allow_infinity=False),
    text=st.text(max_size=10),
    toppings=st.lists(st.builds(Topping), max_size=3),
)


@given(SENT)
def test_every_value_of_a_model_satisfies_its_schema_and_is_read_back(value: Everything) -> None:
    sent: JsonObject = value.model_dump(mode="json")
    assert compile_check(schema_of(Everything))(sent) == ()
    assert Everything.model_validate(sent) == value
