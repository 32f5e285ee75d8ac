"""Notices to wire events: what a client of the door is told (Realtime protocol, sections 6 to 8).

Pure. Every event carries everything that the protocol gives it, even what a client could infer: stock clients
count on it (section 14, items 4 to 6).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from orchestrator.core import notices as n
from orchestrator.core.configuration import PCM
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject, JsonValue

EXTENSION = "orchestrator.events"
"""What a client includes to be told of agents, tools and states as well."""


@dataclass(slots=True)
class Outgoing:
    """Translates for one client.

    Attributes:
        extended: The client asked for our own events.
        announced: The session was told once, so that it is `updated` from now on.
        voice, output_format: Of the effective session, for responses.
    """

    extended: bool = False
    announced: bool = False
    voice: JsonValue = "marin"
    output_format: JsonValue = field(default_factory=lambda: dict(PCM))

    def events(self, notice: n.Notice) -> Iterator[JsonObject]:
        """The wire events of a notice, without `event_id`, in order."""
        if (extension := _EXTENSIONS.get(type(notice))) is not None:
            if self.extended:
                yield extension(notice)
        elif isinstance(notice, n.SessionNotice):
            yield self._session(notice)
        elif isinstance(notice, n.ReplyNotice):
            yield self._reply(notice)
        elif (plain := _PLAIN.get(type(notice))) is not None:
            yield from plain(notice)

    def _session(self, notice: n.SessionNotice) -> JsonObject:
        session = notice.session
        audio = session.get("audio")
        if isinstance(audio, dict) and isinstance(output := audio.get("output"), dict):
            self.voice, self.output_format = output.get("voice"), output.get("format")
        include = session.get("include")
        self.extended = self.extended or (isinstance(include, list) and EXTENSION in include)
        kind, self.announced = "session.updated" if self.announced else "session.created", True
        return {"type": kind, "session": session}

    def _reply(self, notice: n.ReplyNotice) -> JsonObject:
        reply = notice.reply
        details = reply.status_details
        response: JsonObject = {
            "object": "realtime.response",
            "id": reply.id,
            "status": reply.status,
            "status_details": {"type": reply.status, **details} if details else None,
            "output": [item_object(item) for item in reply.output],
            "conversation_id": reply.conversation_id,
            "output_modalities": [reply.modality],
            "max_output_tokens": "inf",
            "audio": {"output": {"format": self.output_format, "voice": self.voice}},
            "usage": reply.usage,
            "metadata": reply.metadata,
        }
        return {
            "type": "response.created" if notice.stage == "added" else "response.done",
            "response": response,
        }


# --- items ------------------------------------------------------------------------------------------------


def item_object(item: Item) -> JsonObject:
    """An item as on the wire (section 4); an assistant's message goes as far as it was heard."""
    shown: JsonObject = {
        "id": item.id,
        "object": "realtime.item",
        "type": item.kind,
        "status": item.status.value,
    }
    if item.kind == "message":
        shown |= {"role": item.role, "content": _content(item)}
    elif item.kind == "function_call":
        shown |= {"name": item.name, "arguments": item.arguments or "", "call_id": item.tool_call_id}
    elif item.kind == "function_call_output":
        shown |= {"call_id": item.tool_call_id, "output": item.output or ""}
    return shown


def _content(item: Item) -> list[JsonValue]:
    if item.role != "assistant":
        return [_input_part(part) for part in item.content]
    shown: list[JsonValue] = []
    left = None if item.heard is None else len(item.heard)
    for part in item.content:
        text = part.text if left is None else part.text[:left]
        left = None if left is None else max(0, left - len(part.text))
        if part.kind == "audio":
            shown.append({"type": "output_audio", "transcript": text})
        else:
            shown.append({"type": "output_text", "text": text})
    return shown


def _input_part(part: Part) -> JsonObject:
    if part.kind == "audio":
        return {"type": "input_audio", "transcript": part.text or None}
    if part.kind == "image":
        return {"type": "input_image", "image_url": part.image_url, "detail": "auto"}
    return {"type": "input_text", "text": part.text}


def _item(notice: n.ItemNotice) -> Iterator[JsonObject]:
    kind = f"conversation.item.{notice.stage}"
    yield {"type": kind, "item": item_object(notice.item), "previous_item_id": notice.previous_item_id}


def _deleted(notice: n.ItemDeletedNotice) -> Iterator[JsonObject]:
    yield {"type": "conversation.item.deleted", "item_id": notice.item_id}


def _truncated(notice: n.ItemTruncatedNotice) -> Iterator[JsonObject]:
    yield {
        "type": "conversation.item.truncated",
        "item_id": notice.item_id,
        "content_index": notice.content_index,
        "audio_end_ms": notice.audio_end_ms,
    }


# --- responses --------------------------------------------------------------------------------------------


def _output_item(notice: n.OutputItemNotice) -> Iterator[JsonObject]:
    place: JsonObject = {"response_id": notice.reply_id, "output_index": notice.output_index}
    if notice.stage == "done" and notice.item.kind == "function_call":
        yield {
            "type": "response.function_call_arguments.done",
            **place,
            "item_id": notice.item.id,
            "call_id": notice.item.tool_call_id,
            "name": notice.item.name,
            "arguments": notice.item.arguments or "",
        }
    yield {"type": f"response.output_item.{notice.stage}", **place, "item": item_object(notice.item)}


def _part(notice: n.PartNotice) -> Iterator[JsonObject]:
    place: JsonObject = {
        "response_id": notice.reply_id,
        "item_id": notice.item_id,
        "output_index": notice.output_index,
        "content_index": notice.content_index,
    }
    audio = notice.kind == "audio"
    text: JsonObject = {"transcript": notice.text} if audio else {"text": notice.text}
    if notice.stage == "done":
        if audio:
            yield {"type": "response.output_audio.done", **place}
        name = "response.output_audio_transcript.done" if audio else "response.output_text.done"
        yield {"type": name, **place, **text}
    part: JsonObject = {"type": notice.kind, **text}
    yield {"type": f"response.content_part.{notice.stage}", **place, "part": part}


_DELTAS = {
    "text": "response.output_text.delta",
    "transcript": "response.output_audio_transcript.delta",
    "arguments": "response.function_call_arguments.delta",
}


def _delta(notice: n.DeltaNotice) -> Iterator[JsonObject]:
    event: JsonObject = {
        "type": _DELTAS[notice.kind],
        "response_id": notice.reply_id,
        "item_id": notice.item_id,
        "output_index": notice.output_index,
        "delta": notice.delta,
    }
    if notice.kind == "arguments":
        event["call_id"] = notice.tool_call_id
    else:
        event["content_index"] = notice.content_index
    yield event


# --- the caller's speech ----------------------------------------------------------------------------------


def _speech(notice: n.SpeechNotice) -> Iterator[JsonObject]:
    name = "audio_start_ms" if notice.stage == "started" else "audio_end_ms"
    kind = f"input_audio_buffer.speech_{notice.stage}"
    yield {"type": kind, "item_id": notice.item_id, name: notice.milliseconds}


def _committed(notice: n.AudioCommittedNotice) -> Iterator[JsonObject]:
    ids: JsonObject = {"item_id": notice.item_id, "previous_item_id": notice.previous_item_id}
    yield {"type": "input_audio_buffer.committed", **ids}


def _cleared(notice: n.AudioClearedNotice) -> Iterator[JsonObject]:
    del notice
    yield {"type": "input_audio_buffer.cleared"}


def _idle(notice: n.IdleNotice) -> Iterator[JsonObject]:
    yield {
        "type": "input_audio_buffer.timeout_triggered",
        "audio_start_ms": notice.audio_start_ms,
        "audio_end_ms": notice.audio_end_ms,
        "item_id": notice.item_id,
    }


def _transcript(notice: n.TranscriptNotice) -> Iterator[JsonObject]:
    place: JsonObject = {"item_id": notice.item_id, "content_index": notice.content_index}
    kind = "conversation.item.input_audio_transcription."
    if notice.stage == "delta":
        yield {"type": kind + "delta", **place, "delta": notice.text}
    elif notice.stage == "done":
        usage = notice.usage or {"type": "duration", "seconds": 0}
        yield {"type": kind + "completed", **place, "transcript": notice.text, "usage": usage}
    else:
        error: JsonObject = {
            "type": "transcription_error",
            "code": notice.code,
            "message": notice.text,
            "param": None,
        }
        yield {"type": kind + "failed", **place, "error": error}


def error_event(
    code: str,
    message: str,
    param: str | None = None,
    event_id: str | None = None,
    kind: str = "invalid_request_error",
) -> JsonObject:
    """An `error` event (section 10)."""
    error: JsonObject = {"type": kind, "code": code, "message": message, "param": param, "event_id": event_id}
    return {"type": "error", "error": error}


def _playback(notice: n.PlaybackNotice) -> Iterator[JsonObject]:
    yield {"type": f"output_audio_buffer.{notice.stage}", "response_id": notice.reply_id}


def _refusal(notice: n.RefusalNotice) -> Iterator[JsonObject]:
    yield error_event(notice.code, notice.message, notice.param, notice.event_id, notice.kind)


_PLAIN: dict[type, Callable[..., Iterator[JsonObject]]] = {
    n.ItemNotice: _item,
    n.ItemDeletedNotice: _deleted,
    n.ItemTruncatedNotice: _truncated,
    n.OutputItemNotice: _output_item,
    n.PartNotice: _part,
    n.DeltaNotice: _delta,
    n.SpeechNotice: _speech,
    n.AudioCommittedNotice: _committed,
    n.AudioClearedNotice: _cleared,
    n.IdleNotice: _idle,
    n.TranscriptNotice: _transcript,
    n.RefusalNotice: _refusal,
    n.PlaybackNotice: _playback,
}


# --- told only to clients that include `orchestrator.events` ----------------------------------------------


def _joined(notice: n.JoinedNotice) -> JsonObject:
    return {
        "type": "orchestrator.call.joined",
        "conversation": notice.conversation_id,
        "agent": notice.agent,
        "resumed": notice.resumed,
        "hears": notice.hears,
        "speaks": notice.speaks,
    }


def _caption(notice: n.CaptionNotice) -> JsonObject:
    words: list[JsonValue] = [
        {"start": word.start, "end": word.end, "start_ms": word.start_ms, "end_ms": word.end_ms}
        for word in notice.words
    ]
    return {
        "type": "orchestrator.caption",
        "response_id": notice.reply_id,
        "item_id": notice.item_id,
        "words": words,
    }


def _heard(notice: n.HeardNotice) -> JsonObject:
    return {
        "type": "orchestrator.audio.started",
        "response_id": notice.reply_id,
        "item_id": notice.item_id,
    }


def _held(notice: n.HeldNotice) -> JsonObject:
    return {"type": f"orchestrator.audio.{notice.stage}"}


def _voice(notice: n.VoiceNotice) -> JsonObject:
    return {"type": f"orchestrator.voice.{notice.stage}", "voice": notice.voice, "reason": notice.reason}


def _agent(notice: n.AgentNotice) -> JsonObject:
    return {
        "type": f"orchestrator.handoff.{notice.stage}",
        "from": notice.source,
        "to": notice.target,
        "reason": notice.reason,
    }


def _tool(notice: n.ToolNotice) -> JsonObject:
    event: JsonObject = {
        "type": f"orchestrator.tool.{notice.stage}",
        "call_id": notice.tool_call_id,
        "name": notice.name,
        "agent": notice.agent,
        "arguments": notice.arguments,
    }
    if notice.stage == "ended":
        event |= {"outcome": notice.outcome, "output": notice.output, "seconds": notice.seconds}
    return event


def _state(notice: n.StateNotice) -> JsonObject:
    return {
        "type": "orchestrator.state.updated",
        "state": notice.state,
        "revision": notice.revision,
        "value": notice.value,
        "call_id": notice.tool_call_id,
    }


def _link(notice: n.LinkNotice) -> JsonObject:
    return {"type": f"orchestrator.engine.{notice.stage}", "reason": notice.reason}


def _ended(notice: n.EndedNotice) -> JsonObject:
    return {"type": "orchestrator.call.ended", "by": notice.by, "reason": notice.reason}


_EXTENSIONS: dict[type, Callable[..., JsonObject]] = {
    n.JoinedNotice: _joined,
    n.CaptionNotice: _caption,
    n.HeardNotice: _heard,
    n.HeldNotice: _held,
    n.VoiceNotice: _voice,
    n.AgentNotice: _agent,
    n.ToolNotice: _tool,
    n.StateNotice: _state,
    n.LinkNotice: _link,
    n.EndedNotice: _ended,
}
