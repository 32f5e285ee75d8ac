"""Commands to wire events. Pure: each function answers one event, ready to be encoded.

Section numbers are those of the Realtime protocol reference. Markers (`handoff`, `resumed`) have no place on
the wire; the machine never asks to send one.
"""

from binascii import b2a_base64
from typing import Final

from orchestrator.core.commands import (
    CancelResponse,
    ClearAudio,
    CommitAudio,
    CreateResponse,
    DeleteItem,
    SendItem,
    SessionConfig,
    TruncateItem,
    UpdateSession,
)
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.codec import encode
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.identifiers import ShortIds

EngineCommand = (
    UpdateSession
    | SendItem
    | DeleteItem
    | TruncateItem
    | CreateResponse
    | CancelResponse
    | CommitAudio
    | ClearAudio
)
"""The commands that become one event on the wire of an open session."""

APPEND: Final = b'{"type":"input_audio_buffer.append","audio":"', b'"}'
"""What base64 of caller audio is put between."""


LARGEST_APPEND: Final = 15 * 1024 * 1024
"""Bytes of base64 in one `input_audio_buffer.append` (section 5)."""

UNHEARD_USER: Final = "[unintelligible]"
"""Stands for caller audio without a transcript: an engine refuses or misreads an empty message."""

UNHEARD_ASSISTANT: Final = "…"
"""Stands for a reply of which nothing was heard, where it has to keep its place in the order."""


class AppendTooLargeError(InvalidRequestError):
    """More audio than one append may carry (section 9)."""

    code = "audio_too_large"


def session_update(
    config: SessionConfig, endpoint: EngineEndpoint, *, event_id: str, again: bool = False
) -> JsonObject:
    """Translate a configuration to `session.update` (sections 3 and 3.4).

    Args:
        config: The whole configuration.
        endpoint: Whose dialect decides what is left out.
        event_id: Comes back with a refusal.
        again: The session has been configured before. Only fields that are present change, so what the new
            configuration leaves to the default is then spelled out.
    """
    session: JsonObject = {
        "type": "realtime",
        "output_modalities": [config.modality],
        "instructions": config.instructions,
        "tools": list(config.tools),
    }
    if config.tool_choice is not None or again:
        session["tool_choice"] = config.tool_choice or "auto"
    if config.max_output_tokens is not None or again:
        session["max_output_tokens"] = config.max_output_tokens or "inf"
    if audio := _audio(config, endpoint, again=again):
        session["audio"] = audio
    if endpoint.capabilities.accepts_hints:
        session["agent"] = config.agent
        if config.hints:
            session["hints"] = {name: list(phrases) for name, phrases in config.hints.items()}
    return {"type": "session.update", "event_id": event_id, "session": session}


def _audio(config: SessionConfig, endpoint: EngineEndpoint, *, again: bool) -> JsonObject:
    audio: JsonObject = {}
    if endpoint.capabilities.audio_in and (incoming := _audio_input(config, endpoint, again=again)):
        audio["input"] = incoming
    # The voice of a text session is a matter of our text-to-speech, whose voices the engine may not know.
    if endpoint.capabilities.audio_out and config.modality == "audio":
        outgoing: JsonObject = {}
        if config.output_format is not None:
            outgoing["format"] = config.output_format
        if config.voice is not None:
            outgoing["voice"] = config.voice
        if outgoing:
            audio["output"] = outgoing
    return audio


def _audio_input(config: SessionConfig, endpoint: EngineEndpoint, *, again: bool) -> JsonObject:
    incoming: JsonObject = {}
    if config.input_format is not None:
        incoming["format"] = config.input_format
    if config.transcription is not None:
        incoming["transcription"] = config.transcription or None
    elif endpoint.transcription is not None:
        incoming["transcription"] = {"model": endpoint.transcription}
    if config.turn_detection is not None:
        incoming["turn_detection"] = config.turn_detection or None
    elif again:
        incoming["turn_detection"] = {"type": "server_vad"}
    if endpoint.capabilities.reduces_noise and (config.noise_reduction is not None or again):
        incoming["noise_reduction"] = config.noise_reduction
    return incoming


def wire_item(item: Item, ids: ShortIds) -> JsonObject:
    """Translate an item to what `conversation.item.create` accepts (section 4).

    Args:
        item: Never a marker.
        ids: Of the session it is sent to.

    Raises:
        InvalidRequestError: It is a marker.
    """
    if item.kind == "message":
        return {
            "type": "message",
            "id": ids.short(item.id),
            "role": item.role or "user",
            "content": _content(item),
        }
    if item.kind == "function_call":
        return {
            "type": "function_call",
            "id": ids.short(item.id),
            "call_id": ids.short(item.tool_call_id or item.id),
            "name": item.name or "",
            "arguments": item.arguments or "{}",
        }
    if item.kind == "function_call_output":
        return {
            "type": "function_call_output",
            "id": ids.short(item.id),
            "call_id": ids.short(item.tool_call_id or item.id),
            "output": item.output or "",
        }
    raise InvalidRequestError(
        f"An item of kind {item.kind!r} is ours alone: leave it out of what engines see."
    )


def _content(item: Item) -> list[JsonValue]:
    if item.role == "assistant":
        # Text whatever it was: assistant audio cannot be injected (section 4).
        return [{"type": "output_text", "text": item.heard_text or UNHEARD_ASSISTANT}]
    parts: list[JsonValue] = [wire for part in item.content if (wire := _part(part)) is not None]
    return parts or [{"type": "input_text", "text": UNHEARD_USER}]


def _part(part: Part) -> JsonObject | None:
    if part.kind == "image":
        return None if part.image_url is None else {"type": "input_image", "image_url": part.image_url}
    return {"type": "input_text", "text": part.text} if part.text else None


def _send_item(command: SendItem, ids: ShortIds) -> JsonObject:
    event: JsonObject = {
        "type": "conversation.item.create",
        "event_id": command.event_id,
        "item": wire_item(command.item, ids),
    }
    if command.previous_item_id is not None:
        event["previous_item_id"] = ids.short(command.previous_item_id)
    return event


def _create_response(command: CreateResponse) -> JsonObject:
    event: JsonObject = {"type": "response.create", "event_id": command.event_id}
    response: JsonObject = dict(command.options)
    if command.metadata:
        response["metadata"] = dict(command.metadata)
    if response:
        event["response"] = response
    return event


def wire_event(command: EngineCommand, endpoint: EngineEndpoint, ids: ShortIds) -> JsonObject:
    """Translate a command for an open session to its event (section 5).

    Args:
        command: What the machine asks for.
        endpoint: The engine.
        ids: Of that session.

    Raises:
        InvalidRequestError: The command would send a marker.
    """
    match command:
        case SendItem():
            return _send_item(command, ids)
        case CreateResponse():
            return _create_response(command)
        case UpdateSession():
            return session_update(command.config, endpoint, event_id=command.event_id, again=True)
        case DeleteItem():
            return {
                "type": "conversation.item.delete",
                "event_id": command.event_id,
                "item_id": ids.short(command.item_id),
            }
        case TruncateItem():
            return {
                "type": "conversation.item.truncate",
                "event_id": command.event_id,
                "item_id": ids.short(command.item_id),
                "content_index": command.content_index,
                "audio_end_ms": command.audio_end_ms,
            }
        case CancelResponse():
            cancel: JsonObject = {"type": "response.cancel", "event_id": command.event_id}
            return cancel | {"response_id": command.response_id} if command.response_id else cancel
        case CommitAudio() | ClearAudio():
            verb = "commit" if isinstance(command, CommitAudio) else "clear"
            return {"type": f"input_audio_buffer.{verb}", "event_id": command.event_id}


def append_audio(audio: str | bytes) -> bytes:
    """Build the frame of `input_audio_buffer.append`, the one event that is sent all the time.

    Args:
        audio: Base64 as a client sent it, or raw bytes in the session's input format.

    Raises:
        AppendTooLargeError: More than 15 MiB of base64.
    """
    size = len(audio) if isinstance(audio, str) else (len(audio) + 2) // 3 * 4
    if size > LARGEST_APPEND:
        raise AppendTooLargeError(
            f"One append may carry 15 MiB of base64, this one has {size} bytes. Send smaller pieces.",
            param="audio",
        )
    if isinstance(audio, str):
        return encode({"type": "input_audio_buffer.append", "audio": audio}).encode()
    before, behind = APPEND
    return b"".join((before, b2a_base64(audio, newline=False), behind))
