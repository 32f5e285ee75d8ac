import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.web.agents.fields import fields_of, read_arguments
from orchestrator.web.wording import WORDINGS

pytestmark = pytest.mark.unit

SCHEMA: JsonObject = {
    "type": "object",
    "required": ["item", "lines"],
    "properties": {
        "item": {"type": "string", "enum": ["soup", "bread"], "description": "On the menu."},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 50, "default": 1},
        "note": {"anyOf": [{"type": "string", "maxLength": 300}, {"type": "null"}], "default": None},
        "extras": {"type": "array", "items": {"enum": ["cheese", "olives"]}},
        "hot": {"type": ["boolean", "null"], "default": False},
        "price": {"type": "number"},
        "lines": {"type": "array", "items": {"type": "object"}},
        "any": {},
        "of": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    },
}


def test_arguments_become_fields_of_their_kind() -> None:
    fields = {field.name: field for field in fields_of(SCHEMA)}
    assert {name: field.kind for name, field in fields.items()} == {
        "item": "choice",
        "quantity": "integer",
        "note": "text",
        "extras": "choices",
        "hot": "boolean",
        "price": "number",
        "lines": "json",
        "any": "json",
        "of": "json",
    }
    assert fields["item"].choices == ("soup", "bread")
    assert fields["item"].required
    assert not fields["note"].required
    assert fields["quantity"].words == "whole number, from 1, up to 50"
    assert (fields["quantity"].default, fields["note"].default, fields["hot"].default) == ("1", "", "false")
    assert dict(fields["quantity"].attributes) == {"min": "1", "max": "50", "step": "1"}
    assert (fields["note"].lines, fields["lines"].lines, fields["item"].lines) == (3, 4, 1)


def test_what_may_be_written_is_told_in_the_language_of_the_page() -> None:
    fields = {field.name: field for field in fields_of(SCHEMA, WORDINGS["de"])}
    assert fields["quantity"].words == "ganze Zahl, ab 1, bis 50"
    assert fields["item"].words == "eines von"


def test_what_is_filled_in_becomes_arguments_and_what_is_empty_is_left_out() -> None:
    form = {
        "argument.item": ["soup"],
        "argument.quantity": ["2"],
        "argument.note": [" "],
        "argument.extras": ["cheese", "olives"],
        "argument.hot": ["true"],
        "argument.price": ["2.5"],
        "argument.lines": ['[{"a": 1}]'],
        "other": ["x"],
    }
    assert read_arguments(fields_of(SCHEMA), form) == {
        "item": "soup",
        "quantity": 2,
        "extras": ["cheese", "olives"],
        "hot": True,
        "price": 2.5,
        "lines": [{"a": 1}],
    }


def test_what_is_no_number_reaches_the_schema_as_it_was_written() -> None:
    assert read_arguments(fields_of(SCHEMA), {"argument.quantity": ["two"]}) == {"quantity": "two"}


def test_a_schema_without_properties_has_no_fields() -> None:
    assert fields_of({"type": "object"}) == []
    assert fields_of({"type": "object", "properties": None, "required": None}) == []
