"""Wire events of a client to events of the conversation, checked (Realtime protocol, sections 3 to 6)."""

from collections.abc import Callable
from typing import Final, Literal

from pydantic import TypeAdapter

from orchestrator.core import events as h
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.serving.item_shapes import checked_item
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value
from orchestrator.realtime.serving.shapes import ResponseCreate, SessionUpdate
from orchestrator.realtime.serving.validation import check, require_object, require_text, require_whole_number

LARGEST_APPEND: Final = 15 * 1024 * 1024 * 4 // 3
"""Characters of base64 in one append (section 9: 15 MiB)."""


class DoorSession(SessionUpdate):
    """The `session` of a client's `session.update`; it may include our own events."""

    include: list[Literal["item.input_audio_transcription.logprobs", "orchestrator.events"]] | None = None  # type: ignore[assignment]


_SESSION: Final = TypeAdapter(DoorSession)
_RESPONSE: Final = TypeAdapter(ResponseCreate)


def checked_session(session: JsonObject) -> JsonObject:
    """Check a session object that a client wrote; what is left holds only what it said.

    Raises:
        RefusedError: With the code and path of the first thing wrong.
    """
    for name in ("hints", "agent"):
        if name in session:
            raise RefusedError(
                "unknown_parameter", f"Unknown parameter: 'session.{name}'.", param=f"session.{name}"
            )
    checked = check(_SESSION, session, "session")
    said: JsonObject = checked.model_dump(mode="json", exclude_unset=True)
    return said


def _update(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    return h.CallerUpdated(checked_session(require_object(event, "session")), event_id)


def _commit(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    del event
    return h.CallerCommittedAudio(event_id)


def _clear(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    del event
    return h.CallerClearedAudio(event_id)


def _create_item(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    item = read_item(checked_item(require_object(event, "item"), "item"))
    previous = event.get("previous_item_id")
    if previous is not None and not isinstance(previous, str):
        raise invalid_value("Invalid type for 'previous_item_id': expected a string.", "previous_item_id")
    return h.CallerItem(item, previous or None, event_id)


def _delete_item(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    return h.CallerDeletedItem(require_text(event, "item_id"), event_id)


def _truncate_item(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    index = require_whole_number(event, "content_index") if "content_index" in event else 0
    milliseconds = require_whole_number(event, "audio_end_ms")
    return h.CallerTruncatedItem(require_text(event, "item_id"), milliseconds, index, event_id)


def _create_response(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    asked: JsonValue = event.get("response")
    if asked is None:
        return h.CallerAskedResponse({}, event_id)
    if not isinstance(asked, dict):
        raise invalid_value("Invalid type for 'response': expected an object.", "response")
    options: JsonObject = check(_RESPONSE, asked, "response").model_dump(mode="json", exclude_unset=True)
    for index, item in enumerate(asked.get("input") or []):  # type: ignore[arg-type]
        if isinstance(item, dict) and item.get("type") != "item_reference":
            checked_item(item, f"response.input[{index}]")
    return h.CallerAskedResponse(options, event_id)


def _cancel_response(event: JsonObject, event_id: str | None) -> h.CallerEvent:
    response_id = require_text(event, "response_id") if event.get("response_id") is not None else None
    return h.CallerCancelled(response_id, event_id)


READERS: Final[dict[str, Callable[[JsonObject, str | None], h.CallerEvent]]] = {
    "session.update": _update,
    "input_audio_buffer.commit": _commit,
    "input_audio_buffer.clear": _clear,
    "conversation.item.create": _create_item,
    "conversation.item.delete": _delete_item,
    "conversation.item.truncate": _truncate_item,
    "response.create": _create_response,
    "response.cancel": _cancel_response,
}
"""By type; `input_audio_buffer.append`, `conversation.item.retrieve` and `output_audio_buffer.clear` change
nothing of the conversation and are the connection's own affair."""


def read_audio(event: JsonObject) -> str:
    """The base64 of an append.

    Raises:
        RefusedError: It is missing, or larger than 15 MiB.
    """
    audio = require_text(event, "audio")
    if len(audio) > LARGEST_APPEND:
        raise invalid_value("An append carries at most 15 MiB of audio. Send smaller pieces.", "audio")
    return audio


def read_item(item: JsonObject) -> EngineItem:
    """An item on the wire, already checked, in our words."""
    content = item.get("content")
    parts = (
        tuple(_part(part) for part in content if isinstance(part, dict)) if isinstance(content, list) else ()
    )
    return EngineItem(
        id=_text(item, "id") or "",
        kind=_text(item, "type") or "message",
        role=_text(item, "role"),
        content=parts,
        name=_text(item, "name"),
        arguments=_text(item, "arguments"),
        tool_call_id=_text(item, "call_id"),
        output=_text(item, "output"),
    )


def _part(part: JsonObject) -> Part:
    kind = _text(part, "type") or ""
    if kind == "input_image":
        return Part(kind="image", image_url=_text(part, "image_url"))
    if kind in {"input_audio", "output_audio"}:
        return Part(kind="audio", text=_text(part, "transcript") or "")
    return Part(text=_text(part, "text") or "")


def _text(item: JsonObject, name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) else None
