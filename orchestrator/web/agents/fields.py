"""A tool's arguments as people read and fill them in: JSON Schema in, fields of a form out. Pure.

What a form cannot show as fields of their own, such as a list of objects, is written as JSON. What is filled
in is not checked here: the tool's own schema does that, so that a try-out is refused as a model would be.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.web.wording import ENGLISH, WORDINGS, Wording

Kind = Literal["text", "number", "integer", "boolean", "choice", "choices", "json"]

PLAIN: Final[Mapping[str, Kind]] = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
}
WORDS: Final = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no"}
LIMITS: Final = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "up to {}",
    "exclusiveMaximum": "below {}",
    "maxLength": "up to {} letters",
    "format": "as a {}",
    "pattern": "like {}",
}
"""What a schema asks of a value beside its type, in words."""

LONG: Final = 200
"""Letters from which on a text is given several lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An argument of a tool.

    Attributes:
        words: What may be written, such as `whole number, 1 to 50`.
        choices: Of a kind that has them.
        default: As it would be filled in; empty where there is none.
        attributes: Of the field in the form, such as `min`.
    """

    name: str
    kind: Kind
    required: bool
    words: str
    description: str
    choices: tuple[str, ...] = ()
    default: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def control(self) -> str:
        """Its name in the form."""
        return f"argument.{self.name}"

    @property
    def lines(self) -> int:
        """How many lines it is given."""
        longest = dict(self.attributes).get("maxlength", "0")
        return 4 if self.kind == "json" else 3 if int(longest) >= LONG else 1


def fields_of(schema: JsonObject, word: Wording = WORDINGS[ENGLISH]) -> list[Field]:
    """The arguments of a schema, in its order, with words in a language."""
    required = schema.get("required")
    needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    return [
        _field(name, _object(part), name in needed, word)
        for name, part in _object(schema.get("properties")).items()
    ]


def read_arguments(fields: Sequence[Field], form: Mapping[str, Sequence[str]]) -> JsonObject:
    """Arguments from a form that was sent.

    Args:
        fields: Of the form.
        form: What was filled in, by name of the control.

    Returns:
        What was filled in; what was left empty is left out.
    """
    arguments: JsonObject = {}
    for field in fields:
        given = [value for value in form.get(field.control, ()) if value.strip()]
        if field.kind == "choices" and given:
            arguments[field.name] = list(given)
        elif given:
            arguments[field.name] = _value(field, given[0])
    return arguments


def _field(name: str, schema: JsonObject, required: bool, word: Wording) -> Field:
    plain, nullable = _without_null(schema)
    kind = _kind(plain)
    described = schema.get("description") or plain.get("description") or ""
    default = schema.get("default")
    words = _words(plain, kind, word)
    return Field(
        name=name,
        kind=kind,
        required=required,
        words=word("{}, or nothing", words) if nullable and required else words,
        description=str(described),
        choices=_choices(plain, kind),
        default="" if default is None or default == [] else _written(default, kind),
        attributes=_attributes(plain, kind),
    )


def _without_null(schema: JsonObject) -> tuple[JsonObject, bool]:
    """The one alternative beside null, where there is just one."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list):
        others = [_object(option) for option in options if _object(option).get("type") != "null"]
        if len(others) == 1 and len(options) == 2:
            return others[0], True
        return schema, False
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds and len(kinds) == 2:
        (other,) = (kind for kind in kinds if kind != "null")
        return {**schema, "type": other}, True
    return schema, False


def _kind(schema: JsonObject) -> Kind:
    if isinstance(schema.get("enum"), list):
        return "choice"
    items = _object(schema.get("items"))
    if schema.get("type") == "array" and isinstance(items.get("enum"), list):
        return "choices"
    return PLAIN.get(str(schema.get("type")), "json")


def _choices(schema: JsonObject, kind: Kind) -> tuple[str, ...]:
    values = {"choice": schema, "choices": _object(schema.get("items"))}.get(kind, {}).get("enum")
    return tuple(_plain(value) for value in values if value is not None) if isinstance(values, list) else ()


def _words(schema: JsonObject, kind: Kind, word: Wording) -> str:
    if kind == "choice":
        return word("one of")
    if kind == "choices":
        return word("any of")
    if kind == "json":
        if "type" not in schema:
            return "JSON"
        return word("JSON, a list") if schema["type"] == "array" else word("JSON, an object")
    limits = [word(words, _plain(schema[name])) for name, words in LIMITS.items() if name in schema]
    return ", ".join([word(WORDS[str(schema["type"])]), *limits])


def _attributes(schema: JsonObject, kind: Kind) -> tuple[tuple[str, str], ...]:
    found = {
        html: _plain(schema[name])
        for name, html in (("minimum", "min"), ("maximum", "max"), ("maxLength", "maxlength"))
        if name in schema
    }
    if kind in {"integer", "number"}:
        found["step"] = "1" if kind == "integer" else "any"
    return tuple(found.items())


def _value(field: Field, text: str) -> JsonValue:
    if field.kind == "boolean":
        return text == "true"
    if field.kind in {"integer", "number", "json"}:
        try:
            value: JsonValue = json.loads(text)
        except ValueError:
            return text
        return value
    return text


def _written(value: JsonValue, kind: Kind) -> str:
    return json.dumps(value, ensure_ascii=False) if kind == "json" else _plain(value)


def _plain(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
