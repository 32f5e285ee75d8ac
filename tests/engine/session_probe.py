"""Drives a pure session in tests, and checks every event it emits against the stock client's types."""

import itertools
from base64 import b64encode
from collections.abc import Iterable
from typing import Any, Final

from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import TypeAdapter

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainEvent, TextDelta, ToolCallArguments, ToolCallStarted
from orchestrator.engine.session.commands import Command, StartResponse
from orchestrator.engine.session.configuration import TEXT_ONLY, Capabilities
from orchestrator.engine.session.session import Session
from orchestrator.speech.protocol import TurnDetection
from tests.engine.scripted_speech import LoudnessActivity

_SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)


def checked_against_stock_types(event: JsonObject) -> JsonObject:
    """Validate one server event strictly by the `openai` package's own model of it."""
    _SERVER_EVENT.validate_python(event, strict=True)
    return event


def counting_ids() -> Any:
    """Make ids that count, per prefix: `item_1`, `item_2`, `resp_1`."""
    counters: dict[str, itertools.count[int]] = {}

    def new_id(prefix: str) -> str:
        return f"{prefix}_{next(counters.setdefault(prefix, itertools.count(1)))}"

    return new_id


def user_message(text: str, **fields: JsonValue) -> JsonObject:
    content: list[JsonValue] = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content, **fields}


def assistant_message(text: str, **fields: JsonValue) -> JsonObject:
    content: list[JsonValue] = [{"type": "output_text", "text": text}]
    return {"type": "message", "role": "assistant", "content": content, **fields}


def function_tool(name: str, parameters: JsonObject | None = None, description: str = "") -> JsonObject:
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters or {"type": "object", "properties": {}},
    }


AUDIO: Final = Capabilities(audio_output=True, transcribes=True)


class SessionProbe:
    """One pure session and what came out of it."""

    def __init__(self, capabilities: Capabilities = TEXT_ONLY) -> None:
        self.activities: list[LoudnessActivity] = []
        self.session = Session("demo", 1_800_000_000, counting_ids(), capabilities, self._listen)
        self.opening = self.events()

    def _listen(self, detection: TurnDetection) -> LoudnessActivity:
        self.activities.append(LoudnessActivity(detection))
        return self.activities[-1]

    def events(self) -> list[JsonObject]:
        return [checked_against_stock_types(event) for event in self.session.take_events()]

    def commands(self) -> list[Command]:
        return self.session.take_commands()

    def send(self, event_type: str, **fields: JsonValue) -> list[JsonObject]:
        """Feed one client event and answer what the session says to it."""
        self.session.feed({"type": event_type, **fields})
        return self.events()

    def add(self, item: JsonObject, after: str | None = None) -> JsonObject:
        """Create an item and answer it as `conversation.item.added` showed it."""
        events = self.send("conversation.item.create", item=item, previous_item_id=after)
        assert types(events) == ["conversation.item.added", "conversation.item.done"], events
        return field(events[0], "item")

    def update(self, **session: JsonValue) -> list[JsonObject]:
        """Change settings of the session."""
        return self.send("session.update", session={"type": "realtime", **session})

    def append(self, pcm: bytes) -> list[JsonObject]:
        """Append caller audio and answer what the session says to it."""
        return self.send("input_audio_buffer.append", audio=b64encode(pcm).decode())

    def start(self, **response: JsonValue) -> StartResponse:
        """Create a response and answer the command that begins it."""
        self.send("response.create", response=response)
        command = self.commands()[-1]
        assert isinstance(command, StartResponse)
        return command

    def say(self, response_id: str, *events: BrainEvent) -> list[JsonObject]:
        """Let the brain say something and complete."""
        for event in events:
            self.session.feed_brain(response_id, event)
        self.session.complete(response_id)
        return self.events()

    def error(self, event_type: str, **fields: JsonValue) -> JsonObject:
        """Feed an event that must be refused and answer the `error` object."""
        events = self.send(event_type, **fields)
        assert types(events) == ["error"], events
        return field(events[0], "error")


def field(event: JsonObject, name: str) -> JsonObject:
    value = event[name]
    assert isinstance(value, dict), value
    return value


def types(events: Iterable[JsonObject]) -> list[str]:
    return [str(event["type"]) for event in events]


def text(*words: str) -> list[BrainEvent]:
    return [TextDelta(word) for word in words]


def tool_call(name: str, arguments: str, tool_call_id: str | None = None) -> list[BrainEvent]:
    return [ToolCallStarted(name, tool_call_id), ToolCallArguments(arguments)]
