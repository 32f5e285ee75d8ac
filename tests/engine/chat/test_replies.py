import json
from typing import Any

import pytest

from orchestrator.engine.brain import (
    BrainError,
    BrainEvent,
    StoppedEarly,
    TextDelta,
    TokensUsed,
    ToolCallArguments,
    ToolCallStarted,
)
from orchestrator.engine.chat.replies import ReplyReader

pytestmark = pytest.mark.unit


def read(*deltas: dict[str, Any], finish: str | None = None) -> list[BrainEvent]:
    reader = ReplyReader()
    events: list[BrainEvent] = []
    for delta in deltas:
        events += reader.read({"choices": [{"delta": delta, "finish_reason": finish}]})
    return events + reader.finish()


def call(arguments: object, name: str | None = None, **more: Any) -> dict[str, Any]:
    return {"tool_calls": [{"function": {"arguments": arguments, "name": name}, **more}]}


LOOK = [ToolCallStarted("look", "a"), ToolCallArguments("{}")]


@pytest.mark.parametrize(
    "delta",
    [
        call("{}", "look", id="a", index=0),
        call("{}", "look", id="a"),
        call("{}", "look", id="a", index=5),
    ],
)
def test_a_call_may_come_whole(delta: dict[str, Any]) -> None:
    assert read(delta) == LOOK


def test_arguments_may_be_an_object() -> None:
    events = read(call({"at": "sky"}, "look", id="a", index=0))
    assert events == [ToolCallStarted("look", "a"), ToolCallArguments('{"at":"sky"}')]


def test_a_call_may_have_no_id() -> None:
    assert read(call("{}", "look", index=0)) == [ToolCallStarted("look", None), ToolCallArguments("{}")]


def test_several_calls_with_one_index_are_told_apart_by_their_ids() -> None:
    events = read(call("{}", "look", id="a", index=0), call("{}", "hear", id="b", index=0))
    assert events == [*LOOK, ToolCallStarted("hear", "b"), ToolCallArguments("{}")]


def test_a_repeated_name_does_not_begin_the_call_again() -> None:
    events = read(call("{", "look", id="a", index=0), call("}", "look", id="a", index=0))
    assert events == [ToolCallStarted("look", "a"), ToolCallArguments("{"), ToolCallArguments("}")]


def test_an_answer_that_was_not_streamed_is_read_too() -> None:
    reader = ReplyReader()
    answer = {"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]}
    assert reader.read(json.loads(json.dumps(answer))) == [TextDelta("Hello.")]


def test_odd_chunks_say_nothing() -> None:
    reader = ReplyReader()
    assert reader.read({}) == []
    assert reader.read({"choices": [{"delta": None}], "usage": None}) == []
    assert reader.read({"choices": "none"}) == []
    assert reader.read({"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}) == []


def test_usage_may_lack_anything() -> None:
    assert ReplyReader().read({"usage": {"prompt_tokens": 3}}) == [TokensUsed(3, 0, 0)]


def test_the_end_tells_why_it_stopped() -> None:
    assert read({"content": "Hel"}, finish="length") == [TextDelta("Hel"), StoppedEarly("max_output_tokens")]
    assert read({"content": "Hello"}, finish="stop") == [TextDelta("Hello")]


def test_a_stream_must_end_by_its_mark_or_with_a_reason() -> None:
    reader = ReplyReader()
    reader.read({"choices": [{"delta": {"content": "Hel"}, "finish_reason": None}]})
    reader.require_end(marked=True)
    with pytest.raises(BrainError, match="broke off"):
        reader.require_end(marked=False)
    reader.read({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    reader.require_end(marked=False)


def test_an_error_chunk_fails() -> None:
    with pytest.raises(BrainError, match="out of memory"):
        ReplyReader().read({"error": "out of memory"})
