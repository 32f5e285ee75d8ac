"""One response of the scripted engine, performed event by event (protocol reference, sections 6 and 8)."""

from array import array
from base64 import b64encode
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from math import pi, sin
from typing import Final, Literal, Protocol

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.testing.turns import Turn
from orchestrator.testing.wire_conversation import WireConversation

MS_PER_CHARACTER: Final = 60
LONGEST_CHUNK_MS: Final = 200
ARGUMENTS_CHUNK: Final = 24

EndReason = Literal["turn_detected", "client_cancelled"]


class ReplyHost(Protocol):
    """What a response needs of its session."""

    conversation: WireConversation

    def send(self, name: str, /, **fields: JsonValue) -> None:
        """Send an event to the client."""

    def new_id(self, prefix: str) -> str:
        """Make an id."""

    def lose_connection(self) -> None:
        """Break the connection; nothing is sent afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPlan:
    """How a response is to be made.

    Attributes:
        audio: Whether speech was asked for.
        format: Of the speech, as on the wire.
        in_band: Whether it belongs to the default conversation.
        options: Fields of the response object that are echoed.
    """

    id: str
    turn: Turn
    audio: bool
    format: JsonObject
    conversation_id: str | None
    in_band: bool = True
    options: JsonObject = field(default_factory=dict)


class WireReply:
    """Performs a plan. `run` is a generator that stops wherever the turn wants to be held.

    Args:
        host: The session.
        plan: What to perform.
    """

    def __init__(self, host: ReplyHost, plan: ReplyPlan) -> None:
        self.plan = plan
        self.is_over = False
        self._host = host
        self._turn = plan.turn
        self._as_audio = plan.audio and not plan.turn.as_text
        self._output: list[JsonValue] = []
        self._deltas = 0
        self._speaking: JsonObject | None = None
        self._said = ""
        self._sent_ms = 0
        self._steps = self._perform()

    @property
    def spoke(self) -> bool:
        """Whether any speech was sent; the session's voice is fixed from then on (section 9)."""
        return self._sent_ms > 0

    def go_on(self) -> None:
        """Perform up to the next hold, or to the end."""
        next(self._steps, None)

    def cancel(self, reason: EndReason) -> None:
        """End at once, with the tail that a cancellation has (section 8.5)."""
        self._steps.close()
        self._end_message("incomplete")
        self._finish("cancelled", {"type": "cancelled", "reason": reason})

    def body(self, status: str, details: JsonObject | None = None, usage: JsonValue = None) -> JsonObject:
        """The response object."""
        modality = "audio" if self.plan.audio else "text"
        return {
            "id": self.plan.id,
            "object": "realtime.response",
            "status": status,
            "status_details": details,
            "output": list(self._output),
            "conversation_id": self.plan.conversation_id,
            "output_modalities": [modality],
            "max_output_tokens": "inf",
            "usage": usage,
            "metadata": None,
            **self.plan.options,
        }

    def _perform(self) -> Generator[None]:
        turn = self._turn
        self._host.send("response.created", response=self.body("in_progress"))
        yield from self._pause()
        if turn.with_unknown_events:
            self._host.send("response.novelty.delta", response_id=self.plan.id, novelty={"depth": [1]})
        if turn.text is not None:
            yield from self._message(turn.text)
        if turn.status == "completed":
            for name, arguments in turn.calls:
                encoded = arguments if isinstance(arguments, str) else _json(arguments)
                yield from self._call(name, encoded)
        self._finish(turn.status, self._details())

    def _details(self) -> JsonObject | None:
        turn = self._turn
        if turn.status == "failed":
            code = turn.error_code or "server_error"
            kind = "server_error" if code == "server_error" else code
            return {"type": "failed", "error": {"type": kind, "code": code, "message": f"Scripted: {code}."}}
        if turn.status == "incomplete":
            return {"type": "incomplete", "reason": turn.reason or "max_output_tokens"}
        return None

    def _finish(self, status: str, details: JsonObject | None) -> None:
        self.is_over = True
        if self._turn.without_done and status != "cancelled":
            self.is_over = False
            return
        usage = self._turn.usage
        told: JsonValue = self._usage() if usage == {} else usage
        self._host.send("response.done", response=self.body(status, details, told))
        self._host.send(
            "rate_limits.updated",
            rate_limits=[{"name": "requests", "limit": 1000, "remaining": 999, "reset_seconds": 0.06}],
        )

    # -- a message ---------------------------------------------------------------------------------------

    def _message(self, text: str) -> Generator[None]:
        item: JsonObject = {
            "id": self._host.new_id("item"),
            "object": "realtime.item",
            "type": "message",
            "role": "assistant",
            "status": "in_progress",
            "content": [],
        }
        self._begin_item(item)
        self._speaking = item
        empty: JsonObject = (
            {"type": "audio", "transcript": ""} if self._as_audio else {"type": "text", "text": ""}
        )
        self._send(item, "response.content_part.added", content_index=0, part=empty)
        pieces = _pieces(text)
        total_ms = self._turn.audio_ms
        total_ms = MS_PER_CHARACTER * len(text) if total_ms is None else total_ms
        for spoken, piece in zip(accumulate(len(piece) for piece in pieces), pieces, strict=True):
            self._said += piece
            kind = "output_audio_transcript" if self._as_audio else "output_text"
            self._send_delta(item, f"response.{kind}.delta", piece)
            if self._as_audio:
                self._speak(item, total_ms * spoken // len(text))
            yield from self._pause()
        self._end_message("completed" if self._turn.status == "completed" else "incomplete")

    def _speak(self, item: JsonObject, until_ms: int) -> None:
        """Send speech up to a point of the whole, in pieces; text runs ahead of sound."""
        while self._sent_ms < until_ms:
            length = min(LONGEST_CHUNK_MS, until_ms - self._sent_ms)
            audio = tone(str(self.plan.format.get("type", "audio/pcm")), length)
            self._send(item, "response.output_audio.delta", content_index=0, delta=audio)
            self._sent_ms += length
        self._host.conversation.note_audio(str(item["id"]), self._sent_ms)

    def _end_message(self, status: str) -> None:
        item = self._speaking
        if item is None:
            return
        part: JsonObject
        if self._as_audio:
            part = {"type": "audio", "transcript": self._said}
            self._send(item, "response.output_audio.done", content_index=0)
            self._send(item, "response.output_audio_transcript.done", content_index=0, transcript=self._said)
            item["content"] = [{"type": "output_audio", "transcript": self._said}]
        else:
            part = {"type": "text", "text": self._said}
            self._send(item, "response.output_text.done", content_index=0, text=self._said)
            item["content"] = [{"type": "output_text", "text": self._said}]
        self._send(item, "response.content_part.done", content_index=0, part=part)
        item["status"] = status
        self._end_item(item)
        self._speaking = None

    # -- a call ------------------------------------------------------------------------------------------

    def _call(self, name: str, arguments: str) -> Generator[None]:
        item: JsonObject = {
            "id": self._host.new_id("item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "in_progress",
            "name": name,
            "call_id": self._host.new_id("call"),
            "arguments": "",
        }
        self._begin_item(item)
        fields: JsonObject = {"item_id": item["id"], "call_id": item["call_id"]}
        for start in range(0, len(arguments), ARGUMENTS_CHUNK):
            piece = arguments[start : start + ARGUMENTS_CHUNK]
            self._host.send("response.function_call_arguments.delta", **self._place(), **fields, delta=piece)
            self._deltas += 1
            yield from self._pause()
        fields |= {"name": name, "arguments": arguments}
        self._host.send("response.function_call_arguments.done", **self._place(), **fields)
        item["arguments"], item["status"] = arguments, "completed"
        self._end_item(item)

    # -- shared ------------------------------------------------------------------------------------------

    def _place(self) -> JsonObject:
        return {"response_id": self.plan.id, "output_index": len(self._output)}

    def _send(self, item: JsonObject, name: str, **fields: JsonValue) -> None:
        self._host.send(name, **self._place(), item_id=item["id"], **fields)

    def _send_delta(self, item: JsonObject, name: str, delta: str) -> None:
        novel: JsonObject = {"obfuscation": "x" * 7} if self._turn.with_unknown_events else {}
        self._send(item, name, content_index=0, delta=delta, **novel)
        self._deltas += 1

    def _begin_item(self, item: JsonObject) -> None:
        self._host.send("response.output_item.added", **self._place(), item=dict(item))
        if self.plan.in_band:
            self._host.conversation.append(item)
            self._announce("conversation.item.added", item)

    def _end_item(self, item: JsonObject) -> None:
        if self.plan.in_band:
            self._announce("conversation.item.done", item)
        self._host.send("response.output_item.done", **self._place(), item=dict(item))
        self._output.append(dict(item))

    def _announce(self, name: str, item: JsonObject) -> None:
        # A client may have deleted the item while it was being made.
        known = self._host.conversation.find(str(item["id"])) is not None
        previous = self._host.conversation.predecessor(str(item["id"])) if known else None
        self._host.send(name, previous_item_id=previous, item=dict(item))

    def _pause(self) -> Generator[None]:
        if self._turn.drop_after is not None and self._deltas >= self._turn.drop_after:
            self._host.lose_connection()
        if self._turn.hold_after == self._deltas:
            yield

    def _usage(self) -> JsonObject:
        spoken = self._sent_ms // 50
        written = len(self._said) // 4 + 10 * len(self._output)
        read = 12 * len(self._host.conversation.items)
        return {
            "total_tokens": read + written + spoken,
            "input_tokens": read,
            "output_tokens": written + spoken,
            "input_token_details": {
                "text_tokens": read,
                "audio_tokens": 0,
                "image_tokens": 0,
                "cached_tokens": 0,
            },
            "output_token_details": {"text_tokens": written, "audio_tokens": spoken},
        }


def _pieces(text: str) -> list[str]:
    """Cut text into words, each with the space before it."""
    words = text.split(" ")
    return [words[0], *(f" {word}" for word in words[1:])] if text else []


def _json(arguments: JsonObject) -> str:
    return msgspec.json.encode(arguments).decode()


@lru_cache(maxsize=64)
def tone(kind: str, milliseconds: int) -> str:
    """Make a quiet 440 Hz tone as base64, so that received speech can be told from silence.

    Args:
        kind: `audio/pcm` (24 kHz), `audio/pcmu` or `audio/pcma` (8 kHz).
        milliseconds: Its length.
    """
    if kind != "audio/pcm":
        # Alternating small codes of both signs: audible, and the right number of bytes.
        return b64encode(bytes([0x70, 0x70, 0xF0, 0xF0]) * (2 * milliseconds)).decode()
    samples = (int(3000 * sin(2 * pi * 440 * n / 24_000)) for n in range(24 * milliseconds))
    return b64encode(array("h", samples).tobytes()).decode()
