"""Checks a client's object against a shape, and says what is wrong in the protocol's codes (section 10)."""

from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value, missing

Checked = TypeVar("Checked")


def check(adapter: TypeAdapter[Checked], value: JsonValue, path: str) -> Checked:
    """Check `value` against a shape.

    Args:
        adapter: The shape.
        value: What the client sent.
        path: Where it stands in the client's event, such as `session`; begins every `param`.

    Raises:
        RefusedError: With `unknown_parameter`, `missing_required_parameter` or `invalid_value`.
    """
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False), value, path) from error


def require_text(event: JsonObject, name: str) -> str:
    """Read a required string of a client event.

    Raises:
        RefusedError: It is absent or not a string.
    """
    if name not in event:
        raise missing(name)
    value = event[name]
    if not isinstance(value, str):
        raise invalid_value(f"Invalid type for '{name}': expected a string.", name)
    return value


def require_whole_number(event: JsonObject, name: str) -> int:
    """Read a required non-negative whole number of a client event.

    Raises:
        RefusedError: It is absent, not a whole number, or negative.
    """
    if name not in event:
        raise missing(name)
    value = event[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid_value(f"Invalid value for '{name}': expected a whole number of 0 or more.", name)
    return value


def require_object(event: JsonObject, name: str) -> JsonObject:
    """Read a required object of a client event.

    Raises:
        RefusedError: It is absent or not an object.
    """
    if name not in event:
        raise missing(name)
    value = event[name]
    if not isinstance(value, dict):
        raise invalid_value(f"Invalid type for '{name}': expected an object.", name)
    return value


def only_keys(event: JsonObject, allowed: frozenset[str]) -> None:
    """Refuse the first key of a client event that the protocol does not know.

    Raises:
        RefusedError: With `unknown_parameter`.
    """
    for name in event:
        if name not in allowed:
            raise _unknown(name)


def dump(model: BaseModel) -> JsonObject:
    """Write a checked shape as JSON: with its defaults, or as the client wrote it (`echoes_defaults`)."""
    complete = getattr(model, "echoes_defaults", True)
    return model.model_dump(mode="json", exclude_unset=not complete)


def _unknown(param: str) -> RefusedError:
    return RefusedError("unknown_parameter", f"Unknown parameter: '{param}'.", param=param)


def _refusal(errors: list[ErrorDetails], value: JsonValue, path: str) -> RefusedError:
    first = min(errors, key=_weight)
    param = _param(first["loc"], value, path)
    kind = first["type"]
    if kind == "missing":
        return missing(param)
    if kind == "union_tag_not_found":
        return missing(f"{param}.{_tag_field(first)}")
    if kind == "union_tag_invalid":
        return _bad_tag(first, param)
    if kind == "extra_forbidden":
        return _unknown(param)
    return invalid_value(f"Invalid value for '{param}': {first['msg']}.", param)


def _bad_tag(error: ErrorDetails, param: str) -> RefusedError:
    context = error.get("ctx", {})
    message = f"Invalid value: '{context.get('tag')}'. Supported values are: {context.get('expected_tags')}."
    return invalid_value(message, f"{param}.{_tag_field(error)}")


def _tag_field(error: ErrorDetails) -> str:
    """The field that tells the branches of a union apart."""
    return str(error.get("ctx", {}).get("discriminator")).strip("'")


def _weight(error: ErrorDetails) -> int:
    """Put the most telling error first: a wrong type, what is missing, what is unknown, what is wrong."""
    if error["type"] == "literal_error" and error["loc"][-1:] == ("type",):
        return 0
    return {"missing": 1, "union_tag_not_found": 1, "extra_forbidden": 2}.get(error["type"], 3)


def _param(location: tuple[int | str, ...], value: JsonValue, path: str) -> str:
    """Write pydantic's location as the protocol's path, without the names of union branches."""
    current: object = value
    last = len(location) - 1
    for position, step in enumerate(location):
        if isinstance(step, int) and isinstance(current, list):
            path, current = f"{path}[{step}]", current[step] if step < len(current) else None
        elif isinstance(current, dict) and (step in current or position == last):
            path, current = f"{path}.{step}", current.get(str(step))
    return path
