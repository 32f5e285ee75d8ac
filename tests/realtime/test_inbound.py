from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.engine_events import (
    AudioCleared,
    AudioCommitted,
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
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.inbound import AUDIO_DELTAS, engine_events, wire_error, wire_item

pytestmark = pytest.mark.unit

R: dict[str, Any] = {"response_id": "r", "item_id": "i", "output_index": 0}
C = R | {"content_index": 1}
MESSAGE = {
    "id": "i",
    "object": "realtime.item",
    "type": "message",
    "role": "assistant",
    "status": "in_progress",
}
CALL = {
    "id": "f",
    "type": "function_call",
    "name": "add",
    "call_id": "c",
    "arguments": "{}",
    "status": "completed",
}
ENGINE_MESSAGE = EngineItem(id="i", kind="message", role="assistant", status="in_progress")
ENGINE_CALL = EngineItem(id="f", kind="function_call", name="add", tool_call_id="c", arguments="{}")
USAGE: JsonObject = {"total_tokens": 3}

TABLE: list[tuple[dict[str, Any], Any]] = [
    ({"type": "session.updated", "session": {"id": "s"}}, SessionUpdated(7, {"id": "s"})),
    (
        {"type": "input_audio_buffer.speech_started", "item_id": "u", "audio_start_ms": 120},
        SpeechStarted(7, "u", 120),
    ),
    (
        {"type": "input_audio_buffer.speech_stopped", "item_id": "u", "audio_end_ms": 900.0},
        SpeechStopped(7, "u", 900),
    ),
    (
        {"type": "input_audio_buffer.committed", "item_id": "u", "previous_item_id": None},
        AudioCommitted(7, "u"),
    ),
    ({"type": "input_audio_buffer.cleared"}, AudioCleared(7)),
    (
        {
            "type": "input_audio_buffer.timeout_triggered",
            "item_id": "u",
            "audio_start_ms": 1,
            "audio_end_ms": 2,
        },
        IdleTimeout(7, "u", 1, 2),
    ),
    ({"type": "conversation.item.added", "item": MESSAGE}, EngineItemAdded(7, ENGINE_MESSAGE)),
    ({"type": "conversation.item.done", "item": CALL}, EngineItemDone(7, ENGINE_CALL)),
    ({"type": "conversation.item.deleted", "item_id": "i"}, EngineItemDeleted(7, "i")),
    (
        {"type": "conversation.item.truncated", "item_id": "i", "content_index": 0, "audio_end_ms": 40},
        EngineItemTruncated(7, "i", 40),
    ),
    (
        {"type": "conversation.item.input_audio_transcription.delta", "item_id": "u", "delta": "two"},
        TranscriptDelta(7, "u", "two"),
    ),
    (
        {
            "type": "conversation.item.input_audio_transcription.completed",
            "item_id": "u",
            "content_index": 0,
            "transcript": "two pizzas",
            "usage": {"type": "duration", "seconds": 1},
        },
        TranscriptDone(7, "u", "two pizzas", 0, {"type": "duration", "seconds": 1}),
    ),
    (
        {
            "type": "conversation.item.input_audio_transcription.failed",
            "item_id": "u",
            "content_index": 0,
            "error": {"code": "audio_unintelligible", "message": "What?"},
        },
        TranscriptFailed(7, "u", "audio_unintelligible", "What?"),
    ),
    (
        {"type": "response.created", "response": {"id": "r", "metadata": {"k": "v"}}},
        ResponseStarted(7, "r", {"k": "v"}),
    ),
    (
        {"type": "response.output_item.added", "response_id": "r", "item": MESSAGE},
        OutputItemAdded(7, "r", ENGINE_MESSAGE),
    ),
    (
        {"type": "response.output_item.done", "response_id": "r", "item": CALL},
        OutputItemDone(7, "r", ENGINE_CALL),
    ),
    (
        {"type": "response.content_part.added", **C, "part": {"type": "text"}},
        PartAdded(7, "r", "i", 1, "text"),
    ),
    (
        {"type": "response.content_part.added", **C, "part": {"type": "audio"}},
        PartAdded(7, "r", "i", 1, "audio"),
    ),
    (
        {"type": "response.content_part.done", **C, "part": {"type": "text", "text": "Hi"}},
        PartDone(7, "r", "i", 1, "text", "Hi"),
    ),
    (
        {"type": "response.content_part.done", **C, "part": {"type": "output_audio", "transcript": "Hi"}},
        PartDone(7, "r", "i", 1, "audio", "Hi"),
    ),
    ({"type": "response.output_text.delta", **C, "delta": "H"}, OutputDelta(7, "r", "i", "text", "H", 1)),
    ({"type": "response.text.delta", **C, "delta": "H"}, OutputDelta(7, "r", "i", "text", "H", 1)),
    (
        {"type": "response.output_audio_transcript.delta", **C, "delta": "H"},
        OutputDelta(7, "r", "i", "transcript", "H", 1),
    ),
    (
        {"type": "response.audio_transcript.delta", **C, "delta": "H"},
        OutputDelta(7, "r", "i", "transcript", "H", 1),
    ),
    (
        {"type": "response.function_call_arguments.delta", **R, "call_id": "c", "delta": "{"},
        OutputDelta(7, "r", "i", "arguments", "{"),
    ),
    (
        {
            "type": "response.done",
            "response": {
                "id": "r",
                "status": "cancelled",
                "status_details": {"type": "cancelled", "reason": "turn_detected"},
                "usage": USAGE,
                "output": [CALL, {"type": "message"}, "nonsense"],
                "metadata": {"k": "v", "n": 1},
            },
        },
        ResponseDone(
            7,
            "r",
            "cancelled",
            {"type": "cancelled", "reason": "turn_detected"},
            USAGE,
            (ENGINE_CALL,),
            {"k": "v"},
        ),
    ),
    (
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "code": "x",
                "message": "m",
                "event_id": "e",
                "param": "p",
            },
        },
        EngineRefused(7, "x", "m", "e", "p"),
    ),
]


@pytest.mark.parametrize(
    ("event", "expected"), TABLE, ids=lambda value: str(value.get("type")) if isinstance(value, dict) else ""
)
def test_a_wire_event_becomes_the_event_of_the_core(event: dict[str, Any], expected: Any) -> None:
    assert engine_events({"event_id": "e1", "obfuscation": "aaa", **event}, 7) == (expected,)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": 5},
        {"type": "rate_limits.updated", "rate_limits": []},
        {"type": "session.created", "session": {}},
        {"type": "response.output_text.done", **C, "text": "Hi"},
        {"type": "response.mcp_call.failed"},
        {"type": "some.future.event", "field": {}},
        {"type": "conversation.item.added"},
        {"type": "conversation.item.done", "item": {}},
        {"type": "conversation.item.created"},
        {"type": "response.output_item.added", "item": None},
        {"type": "response.output_item.done", "item": {"id": ""}},
        {"type": "response.content_part.done", **C, "part": {"type": "text"}},
        {"type": "response.content_part.done", **C},
    ],
)
def test_what_says_nothing_to_us_becomes_nothing(event: dict[str, Any]) -> None:
    assert engine_events(event, 7) == ()


def test_the_beta_generations_created_item_is_added_and_done_unless_in_progress() -> None:
    event: Any = {"type": "conversation.item.created", "item": CALL}
    assert engine_events(event, 7) == (EngineItemAdded(7, ENGINE_CALL), EngineItemDone(7, ENGINE_CALL))
    event = {"type": "conversation.item.created", "item": MESSAGE}
    assert engine_events(event, 7) == (EngineItemAdded(7, ENGINE_MESSAGE),)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "input_text", "text": "a"}, Part(text="a")),
        ({"type": "output_text", "text": "a"}, Part(text="a")),
        ({"type": "text", "text": "a"}, Part(text="a")),
        ({"type": "input_audio", "transcript": None}, Part(kind="audio")),
        ({"type": "output_audio", "transcript": "a", "audio": "AA=="}, Part(kind="audio", text="a")),
        ({"type": "audio", "transcript": "a"}, Part(kind="audio", text="a")),
        ({"type": "input_image", "image_url": "data:x"}, Part(kind="image", image_url="data:x")),
        ({}, Part()),
    ],
)
def test_both_spellings_of_a_part_are_read(part: dict[str, Any], expected: Part) -> None:
    item: Any = {"id": "i", "type": "message", "role": "user", "content": [part, "nonsense"]}
    assert wire_item(item) == EngineItem(id="i", kind="message", role="user", content=(expected,))


def test_an_output_item_keeps_its_output_and_an_unknown_kind_its_name() -> None:
    output: Any = {"id": "o", "type": "function_call_output", "call_id": "c", "output": "{}"}
    assert wire_item(output) == EngineItem(id="o", kind="function_call_output", tool_call_id="c", output="{}")
    foreign: Any = {"id": "m", "type": "mcp_call", "content": {}}
    assert wire_item(foreign) == EngineItem(id="m", kind="mcp_call")
    assert wire_item({}) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, ("engine_error", "The engine gave no reason.")),
        ({"type": "server_error"}, ("server_error", "The engine gave no reason.")),
        ({"code": None, "message": "m"}, ("engine_error", "m")),
    ],
)
def test_an_error_that_says_little_still_has_a_code_and_a_message(
    error: Any, expected: tuple[str, str]
) -> None:
    refused = wire_error({"type": "error", "error": error}, 1)
    assert (refused.code, refused.message, refused.event_id, refused.param) == (*expected, None, None)


@pytest.mark.parametrize("value", [True, "12", None, 1e300, -1e300, [], 2**60])
def test_a_number_that_is_none_counts_as_zero(value: Any) -> None:
    event: Any = {"type": "input_audio_buffer.speech_started", "item_id": "u", "audio_start_ms": value}
    assert engine_events(event, 1) == (SpeechStarted(1, "u", 0),)


def test_a_response_without_status_usage_or_output_is_a_completed_one() -> None:
    event: Any = {"type": "response.done", "response": {"id": "r", "usage": None, "output": None}}
    assert engine_events(event, 1) == (ResponseDone(1, "r", "completed"),)


rubbish = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["item", "part", "response", "error", "id", "type", "content", "output", "delta", "metadata"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([event["type"] for event, _ in TABLE]),
    st.dictionaries(
        st.sampled_from(
            [
                "item",
                "part",
                "response",
                "error",
                "item_id",
                "content_index",
                "audio_end_ms",
                "delta",
                "usage",
                "session",
            ]
        ),
        rubbish,
    ),
)
def test_no_event_however_strange_raises(name: str, fields: dict[str, Any]) -> None:
    for event in engine_events({**fields, "type": name}, 3):
        assert event.epoch == 3


def test_audio_deltas_are_not_translated_here() -> None:
    assert all(engine_events({"type": name, **C, "delta": "AA=="}, 1) == () for name in AUDIO_DELTAS)
