"""The chunks of a streamed chat completion as brain events."""

from typing import Final

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import (
    BrainError,
    BrainEvent,
    StoppedEarly,
    TextDelta,
    TokensUsed,
    ToolCallArguments,
    ToolCallStarted,
)
from orchestrator.engine.chat.failures import failed_midway

_STOPS: Final = {
    "length": StoppedEarly("max_output_tokens"),
    "content_filter": StoppedEarly("content_filter"),
}


class ReplyReader:
    """Reads one completion.

    Endpoints differ: tool calls may come whole or in pieces, with an index, without, or all with the same
    one, interleaved, their arguments as text or as an object. A second call's pieces are kept back until the
    stream ends, since a Realtime response grows one item at a time.
    """

    def __init__(self) -> None:
        self._open: str | None = None
        self._begun: set[str] = set()
        self._last_id: dict[str, str] = {}
        self._kept: dict[str, list[BrainEvent]] = {}
        self._stop: StoppedEarly | None = None
        self._finished = False

    def require_end(self, marked: bool) -> None:
        """Check that the stream did not merely stop; some endpoints leave out the end mark.

        Args:
            marked: The stream ended by its mark.

        Raises:
            BrainError: It has neither mark nor finish reason.
        """
        if not marked and not self._finished:
            raise BrainError("server_error", "The model's endpoint broke off in the middle of its reply.")

    def read(self, chunk: JsonObject) -> list[BrainEvent]:
        """Read one chunk.

        Raises:
            BrainError: The chunk tells of an error.
        """
        if chunk.get("error"):
            raise failed_midway(chunk["error"])
        events: list[BrainEvent] = []
        for choice in _objects(chunk.get("choices")):
            delta = choice.get("delta") or choice.get("message")
            if isinstance(delta, dict):
                events += self._delta(delta)
            self._finished = self._finished or choice.get("finish_reason") is not None
            self._stop = self._stop or _STOPS.get(str(choice.get("finish_reason")))
        return [*events, *_usage(chunk.get("usage"))]

    def finish(self) -> list[BrainEvent]:
        """The stream is over: hand over what was kept back."""
        events = [event for pieces in self._kept.values() for event in pieces]
        self._kept.clear()
        return [*events, self._stop] if self._stop is not None else events

    def _delta(self, delta: JsonObject) -> list[BrainEvent]:
        events: list[BrainEvent] = []
        text = delta.get("content")
        if isinstance(text, str) and text:
            events.append(TextDelta(text))
        for position, call in enumerate(_objects(delta.get("tool_calls"))):
            events += self._call(call, position)
        return events

    def _call(self, call: JsonObject, position: int) -> list[BrainEvent]:
        function = call.get("function")
        told = function if isinstance(function, dict) else {}
        key = self._key_of(call, position)
        pieces: list[BrainEvent] = []
        if told.get("name") and key not in self._begun:
            self._begun.add(key)
            tool_call_id = call.get("id")
            pieces.append(ToolCallStarted(str(told["name"]), str(tool_call_id) if tool_call_id else None))
        arguments = _text(told.get("arguments"))
        if arguments:
            pieces.append(ToolCallArguments(arguments))
        if self._open is None or self._open == key:
            self._open = key
            return pieces
        self._kept.setdefault(key, []).extend(pieces)
        return []

    def _key_of(self, call: JsonObject, position: int) -> str:
        """Tell calls apart by index, and by id where one index is used for several."""
        index, tool_call_id = str(call.get("index", position)), call.get("id")
        if tool_call_id:
            self._last_id[index] = str(tool_call_id)
        return f"{index}/{self._last_id.get(index, '')}"


def _text(arguments: JsonValue) -> str:
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return msgspec.json.encode(arguments).decode()


def _objects(value: JsonValue) -> list[JsonObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _usage(usage: JsonValue) -> list[BrainEvent]:
    if not isinstance(usage, dict):
        return []
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    return [
        TokensUsed(
            input_tokens=_count(usage.get("prompt_tokens")),
            output_tokens=_count(usage.get("completion_tokens")),
            cached_tokens=_count(cached),
        )
    ]


def _count(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
