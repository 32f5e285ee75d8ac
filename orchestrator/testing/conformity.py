"""What a client's event must look like (sections 3 and 5 of the protocol reference)."""

from collections.abc import Mapping
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.testing.wire_conversation import RefusedError

REQUIRED: Final[Mapping[str, Mapping[str, type]]] = {
    "session.update": {"session": dict},
    "input_audio_buffer.append": {"audio": str},
    "input_audio_buffer.commit": {},
    "input_audio_buffer.clear": {},
    "conversation.item.create": {"item": dict},
    "conversation.item.retrieve": {"item_id": str},
    "conversation.item.truncate": {"item_id": str, "content_index": int, "audio_end_ms": int},
    "conversation.item.delete": {"item_id": str},
    "response.create": {},
    "response.cancel": {},
}
"""The events of a client over a WebSocket, with the fields that each must have."""

OPTIONAL: Final[Mapping[str, frozenset[str]]] = {
    "conversation.item.create": frozenset({"previous_item_id"}),
    "response.create": frozenset({"response"}),
    "response.cancel": frozenset({"response_id"}),
}

SESSION_FIELDS: Final = frozenset(
    {
        *("type", "object", "id", "expires_at", "model", "instructions", "output_modalities", "tools"),
        *("tool_choice", "parallel_tool_calls", "reasoning", "max_output_tokens", "truncation", "tracing"),
        *("prompt", "include", "audio"),
    }
)
INPUT_FIELDS: Final = frozenset({"format", "noise_reduction", "transcription", "turn_detection"})
OUTPUT_FIELDS: Final = frozenset({"format", "voice", "speed"})

ITEM_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "message": ("role", "content"),
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
}
LONGEST_EVENT_ID: Final = 512
LARGEST_METADATA: Final = 16


def check_event(event: JsonObject) -> None:
    """Check the shape of an event.

    Raises:
        RefusedError: Its type is unknown, or a field is missing, of the wrong type, or not in the protocol.
    """
    name = event.get("type")
    required = REQUIRED.get(name) if isinstance(name, str) else None
    if required is None:
        supported = ", ".join(f"'{known}'" for known in REQUIRED)
        raise RefusedError("invalid_value", f"Invalid value: '{name}'. Supported: {supported}.", param="type")
    for field, kind in required.items():
        if field not in event:
            raise _missing(field)
        if not isinstance(event[field], kind) or isinstance(event[field], bool):
            raise RefusedError("invalid_value", f"'{field}' must be a {kind.__name__}.", param=field)
    known = {"type", "event_id", *required, *OPTIONAL.get(str(name), ())}
    _refuse_unknown(event, known, "")
    event_id = event.get("event_id", "")
    if not isinstance(event_id, str) or len(event_id) > LONGEST_EVENT_ID:
        raise RefusedError("invalid_value", "'event_id' must be a short string.", param="event_id")


def check_session(session: JsonObject, *, accepts_hints: bool) -> None:
    """Check the body of a `session.update`.

    Raises:
        RefusedError: As OpenAI would.
    """
    if session.get("type") != "realtime":
        raise _missing("session.type")
    _refuse_unknown(session, SESSION_FIELDS | {"hints"} if accepts_hints else SESSION_FIELDS, "session.")
    if session.get("output_modalities", ["text"]) not in (["text"], ["audio"]):
        raise RefusedError("invalid_value", "Give ['text'] or ['audio'].", param="session.output_modalities")
    audio = _object(session.get("audio"), "session.audio")
    _refuse_unknown(audio, {"input", "output"}, "session.audio.")
    _refuse_unknown(_object(audio.get("input"), "session.audio.input"), INPUT_FIELDS, "session.audio.input.")
    _refuse_unknown(
        _object(audio.get("output"), "session.audio.output"), OUTPUT_FIELDS, "session.audio.output."
    )
    for index, tool in enumerate(_list(session.get("tools"), "session.tools")):
        if not isinstance(tool, dict) or tool.get("type") not in {"function", "mcp"}:
            raise _missing(f"session.tools[{index}].type")
        if tool["type"] == "function" and not tool.get("name"):
            raise _missing(f"session.tools[{index}].name")


def check_item(given: JsonValue) -> JsonObject:
    """Check an item that a client creates (section 4), and answer it.

    Raises:
        RefusedError: As OpenAI would.
    """
    item = _object(given, "item")
    fields = ITEM_FIELDS.get(str(item.get("type")))
    if fields is None:
        raise RefusedError("invalid_value", f"Invalid item type '{item.get('type')}'.", param="item.type")
    for field in fields:
        if item.get(field) is None:
            raise _missing(f"item.{field}")
    for field in ("arguments", "output"):
        if field in fields and not isinstance(item[field], str):
            raise RefusedError("invalid_value", f"'item.{field}' must be a string.", param=f"item.{field}")
    if "content" in fields and not _list(item["content"], "item.content"):
        raise _missing("item.content[0]")
    return item


def check_response(options: JsonObject) -> None:
    """Check the parameters of a `response.create` (section 6).

    Raises:
        RefusedError: As OpenAI would.
    """
    metadata = _object(options.get("metadata"), "response.metadata")
    if len(metadata) > LARGEST_METADATA or not all(isinstance(value, str) for value in metadata.values()):
        raise RefusedError(
            "invalid_value", "Metadata is at most 16 pairs of strings.", param="response.metadata"
        )


def _refuse_unknown(found: JsonObject, known: set[str] | frozenset[str], prefix: str) -> None:
    for name in found:
        if name not in known:
            raise RefusedError(
                "unknown_parameter", f"Unknown parameter: '{prefix}{name}'.", param=f"{prefix}{name}"
            )


def _missing(field: str) -> RefusedError:
    return RefusedError("missing_required_parameter", f"Missing required parameter: '{field}'.", param=field)


def _object(value: JsonValue, field: str) -> JsonObject:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RefusedError("invalid_value", f"'{field}' must be an object.", param=field)
    return value


def _list(value: JsonValue, field: str) -> list[JsonValue]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise RefusedError("invalid_value", f"'{field}' must be an array.", param=field)
    return value
