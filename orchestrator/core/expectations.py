"""What a JSON Schema wants, in a few words: "a whole number from 1 to 50", "one of "small" or "large""."""

from collections.abc import Callable, Mapping
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.wording import SHOWN_CHOICES, clipped, listed, shown

_EXAMPLES: Final[Mapping[str, str]] = {
    "date": "a date such as 2026-11-20",
    "time": "a time such as 18:30",
    "date-time": "a date and time such as 2026-11-20T18:30:00",
    "duration": "a duration such as PT30M",
    "email": "an e-mail address",
    "regex": "a regular expression",
    "uuid": "a UUID",
    "uri": "a URL",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
}


def type_phrase(value: JsonValue) -> str:
    """Name the JSON type of a value in words, such as `text` or `a whole number`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return "a whole number" if isinstance(value, int) else "a number"


def expected(schema: JsonValue) -> str:
    """Say what a schema wants.

    Args:
        schema: Any JSON Schema; what cannot be said shortly is left out.
    """
    if not isinstance(schema, dict):
        return "something else" if schema is False else "a value"
    if "const" in schema:
        return shown(schema["const"])
    if isinstance(values := schema.get("enum"), list):
        return _one_of(values)
    for keyword in ("anyOf", "oneOf"):
        if isinstance(branches := schema.get(keyword), list):
            return listed(dict.fromkeys(expected(branch) for branch in branches[:SHOWN_CHOICES]))
    kinds = schema.get("type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return listed(_of_type(str(name), schema) for name in names)


def _one_of(values: list[JsonValue]) -> str:
    words = [shown(value) for value in values[:SHOWN_CHOICES]]
    if len(values) > len(words):
        return f"one of {', '.join(words)} and {len(values) - len(words)} more"
    return listed(words)


def _of_type(name: str, schema: JsonObject) -> str:
    describe = _TYPES.get(name)
    return describe(schema) if describe else _text(schema) if "format" in schema else "what the schema allows"


def _text(schema: JsonObject) -> str:
    example = _EXAMPLES.get(str(schema.get("format")))
    if example is not None:
        return example
    if isinstance(pattern := schema.get("pattern"), str):
        return f"text that matches {clipped(pattern, 80)}"
    bounds = _bounds(schema, "minLength", "maxLength")
    return f"text of {bounds} characters" if bounds else "text"


def _number(word: str, schema: JsonObject) -> str:
    bounds = _bounds(schema, "minimum", "maximum", start="from ")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = schema.get("multipleOf")
    parts = [
        word,
        bounds,
        f"above {above}" if above is not None else "",
        f"below {below}" if below is not None else "",
        f"in steps of {step}" if step is not None else "",
    ]
    return " ".join(part for part in parts if part)


def _list(schema: JsonObject) -> str:
    bounds = _bounds(schema, "minItems", "maxItems")
    return f"a list of {bounds} entries" if bounds else "a list"


def _object(schema: JsonObject) -> str:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return "an object"
    required = schema.get("required")
    names = required if isinstance(required, list) and required else list(properties)
    return f"an object with {listed((clipped(str(name)) for name in names[:SHOWN_CHOICES]), 'and')}"


def _bounds(schema: JsonObject, least: str, most: str, start: str = "") -> str:
    low, high = schema.get(least), schema.get(most)
    if low is not None and high is not None:
        return f"{start}{low} to {high}"
    if low is not None:
        return f"{start}{low}" if start else f"at least {low}"
    return f"{'up to' if start else 'at most'} {high}" if high is not None else ""


_TYPES: Final[Mapping[str, Callable[[JsonObject], str]]] = {
    "string": _text,
    "integer": lambda schema: _number("a whole number", schema),
    "number": lambda schema: _number("a number", schema),
    "boolean": lambda _: "true or false",
    "array": _list,
    "object": _object,
    "null": lambda _: "null",
}
