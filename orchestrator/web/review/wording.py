"""Values in a few words, for places where all of them would not be read."""

import json
from typing import Final

from orchestrator.core.json_value import JsonValue
from orchestrator.web.formats import NOTHING

LONGEST: Final = 120
"""Characters of a value that a line shows."""

_json: Final = json.JSONEncoder(ensure_ascii=False).encode
"""Made once: `json.dumps` makes an encoder for each value."""


def brief(value: JsonValue) -> str:
    """A value as a short text for people: words as they are, all else as JSON, without empty fields."""
    if value is None:
        return NOTHING
    if type(value) is int:
        return str(value)
    text = value if isinstance(value, str) else _json(_filled(value))
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _filled(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner not in (None, [], {}, "")}
    return value
