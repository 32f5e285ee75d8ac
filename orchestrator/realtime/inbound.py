"""Wire events to engine events. Pure, and forgiving: whatever a server leaves out or adds, nothing raises.

`engine_events` looks the event's type up in one table (section 7 of the protocol reference; names of the beta
generation, section 13, beside those of today). Types that are not in it mean nothing to us.
Audio deltas are not in it: the connection routes them by `AUDIO_DELTAS` before anything is decoded.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from orchestrator.core.engine_events import (
    AudioCleared,
    AudioCommitted,
    EngineEvent,
    EngineItem,
    EngineItemAdded,
    EngineItemDeleted,
    EngineItemDone,
    EngineItemTruncated,
    EngineRefused,
    IdleTimeout,
    OutputDelta,
    OutputItemAdded,
    OutputItemDone,
    PartAdded,
    PartDone,
    ResponseDone,
    ResponseStarted,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    TranscriptDelta,
    TranscriptDone,
    TranscriptFailed,
)
from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonObject, JsonValue

Translation = Callable[[JsonObject, int], "EngineEvent | None"]

AUDIO_DELTAS: Final = frozenset({"response.output_audio.delta", "response.audio.delta"})
"""Types whose frames carry audio to the caller; never decoded in full."""

_AUDIO_PARTS: Final = frozenset({"audio", "output_audio", "input_audio"})
_IMAGE_PARTS: Final = frozenset({"image", "input_image"})
_NOTHING: Final[JsonObject] = {}


def engine_events(event: JsonObject, epoch: int) -> tuple[EngineEvent, ...]:
    """Translate one wire event.

    Args:
        event: As decoded from its frame.
        epoch: Of the session that it came from.

    Returns:
        Mostly one event; none where it means nothing to us; two where one event of the beta generation
        stands for two of today's.
    """
    name = event.get("type")
    translate = _TABLE.get(name) if isinstance(name, str) else None
    if translate is None:
        return _item_created(event, epoch) if name == "conversation.item.created" else ()
    translated = translate(event, epoch)
    return () if translated is None else (translated,)


def wire_error(event: JsonObject, epoch: int) -> EngineRefused:
    """Translate an `error` event (section 10); what it names less than a code gets `engine_error`."""
    error = _object(event, "error")
    return EngineRefused(
        epoch,
        _text(error, "code") or _text(error, "type") or "engine_error",
        _text(error, "message") or "The engine gave no reason.",
        _text(error, "event_id") or None,
        _text(error, "param") or None,
    )


def wire_item(item: JsonObject) -> EngineItem | None:
    """Translate an item as an engine tells it (section 4); None for one without an id."""
    item_id = _text(item, "id")
    if not item_id:
        return None
    return EngineItem(
        id=item_id,
        kind=_text(item, "type") or "message",
        role=_optional(item, "role"),
        status=_text(item, "status") or "completed",
        content=_parts(item.get("content")),
        name=_optional(item, "name"),
        arguments=_optional(item, "arguments"),
        tool_call_id=_optional(item, "call_id"),
        output=_optional(item, "output"),
    )


# -- reading what may be missing -----------------------------------------------------------------------------


def _text(source: JsonObject, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _optional(source: JsonObject, key: str) -> str | None:
    value = source.get(key)
    return value if isinstance(value, str) else None


def _whole(source: JsonObject, key: str) -> int:
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    # Milliseconds come as floats from some servers; JSON itself has no infinity.
    return int(value) if abs(value) < 2**53 else 0


def _object(source: JsonObject, key: str) -> JsonObject:
    value = source.get(key)
    return value if isinstance(value, dict) else _NOTHING


def _object_or_none(source: JsonObject, key: str) -> JsonObject | None:
    value = source.get(key)
    return value if isinstance(value, dict) else None


def _labels(source: JsonObject, key: str) -> Mapping[str, str]:
    return {name: value for name, value in _object(source, key).items() if isinstance(value, str)}


def _parts(content: JsonValue) -> tuple[Part, ...]:
    if not isinstance(content, list):
        return ()
    return tuple(_part(part) for part in content if isinstance(part, dict))


def _part(part: JsonObject) -> Part:
    kind = _text(part, "type")
    if kind in _AUDIO_PARTS:
        return Part(kind="audio", text=_text(part, "transcript"))
    if kind in _IMAGE_PARTS:
        return Part(kind="image", image_url=_optional(part, "image_url"))
    return Part(kind="text", text=_text(part, "text"))


# -- the input side ------------------------------------------------------------------------------------------


def _session_updated(event: JsonObject, epoch: int) -> EngineEvent:
    return SessionUpdated(epoch, _object(event, "session"))


def _speech_started(event: JsonObject, epoch: int) -> EngineEvent:
    return SpeechStarted(epoch, _text(event, "item_id"), _whole(event, "audio_start_ms"))


def _speech_stopped(event: JsonObject, epoch: int) -> EngineEvent:
    return SpeechStopped(epoch, _text(event, "item_id"), _whole(event, "audio_end_ms"))


def _committed(event: JsonObject, epoch: int) -> EngineEvent:
    return AudioCommitted(epoch, _text(event, "item_id"))


def _cleared(_event: JsonObject, epoch: int) -> EngineEvent:
    return AudioCleared(epoch)


def _idle(event: JsonObject, epoch: int) -> EngineEvent:
    return IdleTimeout(
        epoch, _text(event, "item_id"), _whole(event, "audio_start_ms"), _whole(event, "audio_end_ms")
    )


def _transcript_delta(event: JsonObject, epoch: int) -> EngineEvent:
    return TranscriptDelta(
        epoch, _text(event, "item_id"), _text(event, "delta"), _whole(event, "content_index")
    )


def _transcript_done(event: JsonObject, epoch: int) -> EngineEvent:
    return TranscriptDone(
        epoch,
        _text(event, "item_id"),
        _text(event, "transcript"),
        _whole(event, "content_index"),
        _object_or_none(event, "usage"),
    )


def _transcript_failed(event: JsonObject, epoch: int) -> EngineEvent:
    error = _object(event, "error")
    return TranscriptFailed(
        epoch,
        _text(event, "item_id"),
        _text(error, "code") or "transcription_failed",
        _text(error, "message"),
        _whole(event, "content_index"),
    )


# -- items ---------------------------------------------------------------------------------------------------


def _item_added(event: JsonObject, epoch: int) -> EngineEvent | None:
    item = wire_item(_object(event, "item"))
    return None if item is None else EngineItemAdded(epoch, item)


def _item_done(event: JsonObject, epoch: int) -> EngineEvent | None:
    item = wire_item(_object(event, "item"))
    return None if item is None else EngineItemDone(epoch, item)


def _item_created(event: JsonObject, epoch: int) -> tuple[EngineEvent, ...]:
    """The beta generation's one event: for an item that is not in progress it says all there is to say."""
    item = wire_item(_object(event, "item"))
    if item is None:
        return ()
    added = EngineItemAdded(epoch, item)
    return (added,) if item.status == "in_progress" else (added, EngineItemDone(epoch, item))


def _item_deleted(event: JsonObject, epoch: int) -> EngineEvent:
    return EngineItemDeleted(epoch, _text(event, "item_id"))


def _item_truncated(event: JsonObject, epoch: int) -> EngineEvent:
    return EngineItemTruncated(epoch, _text(event, "item_id"), _whole(event, "audio_end_ms"))


# -- responses -----------------------------------------------------------------------------------------------


def _response_created(event: JsonObject, epoch: int) -> EngineEvent:
    response = _object(event, "response")
    return ResponseStarted(epoch, _text(response, "id"), _labels(response, "metadata"))


def _response_done(event: JsonObject, epoch: int) -> EngineEvent:
    response = _object(event, "response")
    output = response.get("output")
    items = [wire_item(item) for item in output if isinstance(item, dict)] if isinstance(output, list) else []
    return ResponseDone(
        epoch,
        _text(response, "id"),
        _text(response, "status") or "completed",
        _object_or_none(response, "status_details"),
        _object_or_none(response, "usage"),
        tuple(item for item in items if item is not None),
        _labels(response, "metadata"),
    )


def _output_item_added(event: JsonObject, epoch: int) -> EngineEvent | None:
    item = wire_item(_object(event, "item"))
    return None if item is None else OutputItemAdded(epoch, _text(event, "response_id"), item)


def _output_item_done(event: JsonObject, epoch: int) -> EngineEvent | None:
    item = wire_item(_object(event, "item"))
    return None if item is None else OutputItemDone(epoch, _text(event, "response_id"), item)


def _part_kind(part: JsonObject) -> Literal["text", "audio"]:
    return "audio" if _text(part, "type") in _AUDIO_PARTS else "text"


def _part_added(event: JsonObject, epoch: int) -> EngineEvent:
    return PartAdded(
        epoch,
        _text(event, "response_id"),
        _text(event, "item_id"),
        _whole(event, "content_index"),
        _part_kind(_object(event, "part")),
    )


def _part_done(event: JsonObject, epoch: int) -> EngineEvent | None:
    part = _object(event, "part")
    kind = _part_kind(part)
    text = _optional(part, "transcript" if kind == "audio" else "text")
    if text is None:
        # Servers that leave it out tell it with the item; an empty text here would wipe what was streamed.
        return None
    return PartDone(
        epoch,
        _text(event, "response_id"),
        _text(event, "item_id"),
        _whole(event, "content_index"),
        kind,
        text,
    )


def _delta(kind: Literal["text", "transcript", "arguments"]) -> Translation:
    def translate(event: JsonObject, epoch: int) -> EngineEvent:
        return OutputDelta(
            epoch,
            _text(event, "response_id"),
            _text(event, "item_id"),
            kind,
            _text(event, "delta"),
            _whole(event, "content_index"),
        )

    return translate


_TABLE: Final[dict[str, Translation]] = {
    "error": wire_error,
    "session.updated": _session_updated,
    "input_audio_buffer.speech_started": _speech_started,
    "input_audio_buffer.speech_stopped": _speech_stopped,
    "input_audio_buffer.committed": _committed,
    "input_audio_buffer.cleared": _cleared,
    "input_audio_buffer.timeout_triggered": _idle,
    "conversation.item.added": _item_added,
    "conversation.item.done": _item_done,
    "conversation.item.deleted": _item_deleted,
    "conversation.item.truncated": _item_truncated,
    "conversation.item.input_audio_transcription.delta": _transcript_delta,
    "conversation.item.input_audio_transcription.completed": _transcript_done,
    "conversation.item.input_audio_transcription.failed": _transcript_failed,
    "response.created": _response_created,
    "response.done": _response_done,
    "response.output_item.added": _output_item_added,
    "response.output_item.done": _output_item_done,
    "response.content_part.added": _part_added,
    "response.content_part.done": _part_done,
    "response.output_text.delta": _delta("text"),
    "response.text.delta": _delta("text"),
    "response.output_audio_transcript.delta": _delta("transcript"),
    "response.audio_transcript.delta": _delta("transcript"),
    "response.function_call_arguments.delta": _delta("arguments"),
}
