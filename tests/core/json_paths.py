"""Reads one place in JSON data, so that tests need not narrow types step by step."""

from orchestrator.core.json_value import JsonValue


def at(value: JsonValue, *steps: str | int) -> JsonValue:
    """What stands at the end of a path."""
    for step in steps:
        if isinstance(step, str):
            assert isinstance(value, dict)
            value = value[step]
        else:
            assert isinstance(value, list)
            value = value[step]
    return value
