"""The client events this engine knows, with their fields (Realtime protocol, section 5)."""

from typing import Final

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.serving.refusal import invalid_value, missing
from orchestrator.realtime.serving.validation import only_keys

LONGEST_EVENT_ID: Final = 512
_COMMON: Final = frozenset({"type", "event_id"})
CLIENT_EVENTS: Final = {
    "session.update": _COMMON | {"session"},
    "input_audio_buffer.append": _COMMON | {"audio"},
    "input_audio_buffer.commit": _COMMON,
    "input_audio_buffer.clear": _COMMON,
    "conversation.item.create": _COMMON | {"item", "previous_item_id"},
    "conversation.item.retrieve": _COMMON | {"item_id"},
    "conversation.item.truncate": _COMMON | {"item_id", "content_index", "audio_end_ms"},
    "conversation.item.delete": _COMMON | {"item_id"},
    "response.create": _COMMON | {"response"},
    "response.cancel": _COMMON | {"response_id"},
    "output_audio_buffer.clear": _COMMON,
}


def checked_event_type(event: JsonObject) -> str:
    """Answer the type of a client event whose outer fields are in order.

    Raises:
        RefusedError: No type, an unknown one (the message lists the known ones), an unknown field, or an
            `event_id` that is no string of at most 512 characters.
    """
    event_id = event.get("event_id")
    if event_id is not None and (not isinstance(event_id, str) or len(event_id) > LONGEST_EVENT_ID):
        raise invalid_value(
            f"Invalid 'event_id': expected a string of at most {LONGEST_EVENT_ID} characters.", "event_id"
        )
    if "type" not in event:
        raise missing("type")
    event_type = event["type"]
    if not isinstance(event_type, str) or event_type not in CLIENT_EVENTS:
        known = ", ".join(f"'{name}'" for name in CLIENT_EVENTS)
        raise invalid_value(f"Invalid value: '{event_type}'. Supported values are: {known}.", "type")
    only_keys(event, CLIENT_EVENTS[event_type])
    return event_type


def client_event_id(event: JsonObject) -> str | None:
    """Answer the `event_id` that errors about this event echo; None where it has none that fits."""
    event_id = event.get("event_id")
    return event_id if isinstance(event_id, str) and len(event_id) <= LONGEST_EVENT_ID else None
