"""JSON Schema: made from pydantic models, checked when declared, and compiled for every run of a tool."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from orchestrator.core.definition import Violation
from orchestrator.core.formats import FORMATS
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.violations import explain
from orchestrator.core.wording import clipped, nearest

Check = Callable[[JsonObject], tuple[Violation, ...]]

NO_PARAMETERS: Final[JsonObject] = {"type": "object", "properties": {}, "additionalProperties": False}
"""The schema of a tool that takes no arguments."""

_IN_MAPPINGS: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_IN_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_ALONE: Final = (
    "items",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
)
_KEYWORDS: Final = frozenset(Draft202012Validator.VALIDATORS) | {
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "else",
    "examples",
    "maxContains",
    "minContains",
    "readOnly",
    "then",
    "title",
    "writeOnly",
}
_META_REFERENCES: Final = ("$ref", "$dynamicRef")
_NO_NETWORK: Final[SchemaRegistry] = Registry()


def compile_check(schema: JsonObject) -> Check:
    """Compile a schema to a function that lists what is wrong with arguments.

    Formats are checked, and a remote reference is never fetched.

    Args:
        schema: One in which `schema_flaws` finds nothing.
    """
    validator = Draft202012Validator(schema, format_checker=FORMATS, registry=_NO_NETWORK)

    def check(arguments: JsonObject) -> tuple[Violation, ...]:
        try:
            return explain(validator.iter_errors(arguments))
        except RecursionError:
            return (Violation("", "the arguments are nested too deeply; send flatter ones"),)

    return check


def parse_arguments(text: str) -> tuple[JsonObject, tuple[Violation, ...]]:
    """Read the JSON text of a function call's arguments; no text at all means no arguments.

    Returns:
        The arguments, and what keeps them from being read: then the arguments are empty.
    """
    if not text.strip():
        return {}, ()
    try:
        value: JsonValue = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        reason = clipped(str(error), 80)
        return {}, (Violation("", f"the arguments are not JSON ({reason}); send one JSON object"),)
    if not isinstance(value, dict):
        return {}, (Violation("", "the arguments are no JSON object; send one, such as {}"),)
    return value, ()


def schema_flaws(schema: object) -> list[Violation]:
    """List what is wrong with a schema itself; what is left is safe to compile.

    Args:
        schema: As the author wrote it.
    """
    if not isinstance(schema, dict):
        return [Violation("", f"the schema is a {type(schema).__name__}; write a dict")]
    try:
        plain: JsonObject = msgspec.json.decode(msgspec.json.encode(schema), type=dict)
    except (TypeError, ValueError, RecursionError) as error:
        return [
            Violation("", f"the schema is not plain JSON ({clipped(str(error), 80)}); write plain JSON data")
        ]
    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=FORMATS)
    if plain != schema:
        return [Violation("", "the schema is not plain JSON; write str keys, lists and JSON scalars alone")]
    if wrong := list(explain(meta.iter_errors(plain))):
        return wrong
    if plain.get("type") != "object":
        return [Violation("type", 'arguments are always an object; write "type": "object"')]
    return [*_reference_flaws(plain)] or _recursion_flaws(plain)


def schema_doubts(schema: JsonObject) -> list[Violation]:
    """List what JSON Schema allows and nobody means: misspelt keywords, required fields without a schema.

    Args:
        schema: One in which `schema_flaws` finds nothing.
    """
    return [doubt for path, part in _subschemas(schema, "") for doubt in _doubts(part, path)]


def _doubts(part: JsonObject, path: str) -> Iterator[Violation]:
    for keyword in part:
        meant = None if keyword in _KEYWORDS or keyword.startswith("x-") else nearest(keyword, _KEYWORDS)
        if meant is not None:
            yield Violation(path, f"{clipped(keyword)!r} is no keyword of JSON Schema; write {meant!r}")
    required, properties = part.get("required"), part.get("properties")
    if isinstance(required, list) and isinstance(properties, dict) and "patternProperties" not in part:
        for name in required:
            if name not in properties:
                yield Violation(path, f"{name!r} is required and has no schema; add it to the properties")


def _reference_flaws(schema: JsonObject) -> Iterator[Violation]:
    resource = DRAFT202012.create_resource(schema)
    resolver = _NO_NETWORK.with_resource("", resource).resolver("")
    for path, part in _subschemas(schema, ""):
        if path and "$id" in part:
            yield Violation(path, "a nested $id is not supported; leave it out")
        for keyword in _META_REFERENCES:
            if keyword not in part:
                continue
            target = str(part[keyword])
            if not target.startswith("#"):
                shown = clipped(target, 80)
                yield Violation(path, f"{keyword} {shown!r} is remote and never fetched; put it into $defs")
                continue
            try:
                resolver.lookup(target)
            except Unresolvable:
                yield Violation(path, f"{keyword} {clipped(target, 80)!r} points nowhere; add it to $defs")


def _recursion_flaws(schema: JsonObject) -> list[Violation]:
    try:
        Draft202012Validator(schema, registry=_NO_NETWORK).is_valid({})
    except RecursionError:
        return [Violation("", "the schema refers to itself without end; break the circle of $ref")]
    return []


def _subschemas(schema: JsonObject, path: str) -> Iterator[tuple[str, JsonObject]]:
    yield path, schema
    for step, part in _children(schema):
        yield from _subschemas(part, f"{path}.{step}" if path else step)


def _children(schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for keyword in _IN_MAPPINGS:
        if isinstance(parts := schema.get(keyword), dict):
            yield from ((f"{keyword}.{name}", part) for name, part in parts.items() if isinstance(part, dict))
    for keyword in _IN_LISTS:
        if isinstance(branches := schema.get(keyword), list):
            yield from ((f"{keyword}.{i}", part) for i, part in enumerate(branches) if isinstance(part, dict))
    for keyword in _ALONE:
        if isinstance(part := schema.get(keyword), dict):
            yield keyword, part


def schema_of(model: type[BaseModel]) -> JsonObject:
    """The schema of a pydantic model's input, as models like to read it.

    References are written out (but for recursive ones), generated titles are left out, and objects refuse
    fields that they do not name, so that a misspelt one is told instead of lost.
    """
    raw: JsonObject = model.model_json_schema(mode="validation")
    definitions = raw.pop("$defs", {})
    known = definitions if isinstance(definitions, dict) else {}
    recursive = {name for name in known if name in _reached(known[name], known)}
    top = _definition(raw)
    # A recursive model is itself a reference; its own schema is written out once, at the top.
    simple = _simplified(known.get(top, raw), known, recursive)
    if recursive:
        simple["$defs"] = {name: _simplified(known[name], known, recursive) for name in sorted(recursive)}
    return simple


def _reached(part: JsonValue, known: JsonObject) -> set[str]:
    reached: set[str] = set()
    waiting = [part]
    while waiting:
        here = waiting.pop()
        for _, found in _subschemas(here if isinstance(here, dict) else {}, ""):
            name = _definition(found)
            if name in known and name not in reached:
                reached.add(name)
                waiting.append(known[name])
    return reached


def _definition(schema: JsonObject) -> str:
    return str(schema.get("$ref", "")).removeprefix("#/$defs/")


def _simplified(part: JsonValue, known: JsonObject, recursive: set[str]) -> JsonObject:
    schema = dict(part) if isinstance(part, dict) else {}
    name = _definition(schema)
    if name in known and name not in recursive:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**_simplified(known[name], known, recursive), **beside}
    if isinstance(schema.get("title"), str):
        del schema["title"]
    for keyword in _IN_MAPPINGS:
        if isinstance(parts := schema.get(keyword), dict):
            schema[keyword] = {key: _simple_or_bool(value, known, recursive) for key, value in parts.items()}
    for keyword in _IN_LISTS:
        if isinstance(branches := schema.get(keyword), list):
            schema[keyword] = [_simple_or_bool(value, known, recursive) for value in branches]
    for keyword in _ALONE:
        if keyword in schema:
            schema[keyword] = _simple_or_bool(schema[keyword], known, recursive)
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def _simple_or_bool(part: JsonValue, known: JsonObject, recursive: set[str]) -> JsonValue:
    return _simplified(part, known, recursive) if isinstance(part, dict) else part
