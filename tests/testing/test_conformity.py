from typing import Any

import pytest

from orchestrator.testing.conformity import check_event, check_item, check_response, check_session
from orchestrator.testing.wire_conversation import RefusedError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "event",
    [
        {"type": "session.update", "session": {}},
        {"type": "response.create"},
        {"type": "response.create", "response": {}, "event_id": "e"},
        {"type": "response.cancel", "response_id": "r"},
        {"type": "conversation.item.create", "item": {}, "previous_item_id": "root"},
        {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 5},
    ],
)
def test_events_of_the_protocol_pass(event: dict[str, Any]) -> None:
    check_event(event)


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({}, "invalid_value", "type"),
        ({"type": 5}, "invalid_value", "type"),
        ({"type": "session.created"}, "invalid_value", "type"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": []}, "invalid_value", "session"),
        ({"type": "response.create", "extra": 1}, "unknown_parameter", "extra"),
        ({"type": "response.create", "event_id": "x" * 513}, "invalid_value", "event_id"),
        ({"type": "response.create", "event_id": 5}, "invalid_value", "event_id"),
        (
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": True, "audio_end_ms": 5},
            "invalid_value",
            "content_index",
        ),
    ],
)
def test_an_event_of_the_wrong_shape_is_refused(event: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check_event(event)
    assert (caught.value.wire_code, caught.value.param, caught.value.excused) == (code, param, False)


TOOL = {"type": "function", "name": "add"}


def test_a_whole_session_passes() -> None:
    audio: Any = {"input": {"format": {}, "turn_detection": None}, "output": {"voice": "marin", "speed": 1}}
    session: Any = {"type": "realtime", "output_modalities": ["text"], "tools": [TOOL, {"type": "mcp"}]}
    check_session({**session, "audio": audio}, accepts_hints=False)
    check_session({**session, "hints": {}}, accepts_hints=True)


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({}, "missing_required_parameter", "session.type"),
        ({"type": "transcription"}, "missing_required_parameter", "session.type"),
        ({"type": "realtime", "voice": "marin"}, "unknown_parameter", "session.voice"),
        ({"type": "realtime", "hints": {}}, "unknown_parameter", "session.hints"),
        (
            {"type": "realtime", "output_modalities": ["text", "audio"]},
            "invalid_value",
            "session.output_modalities",
        ),
        ({"type": "realtime", "audio": []}, "invalid_value", "session.audio"),
        ({"type": "realtime", "audio": {"inputs": {}}}, "unknown_parameter", "session.audio.inputs"),
        (
            {"type": "realtime", "audio": {"input": {"vad": 1}}},
            "unknown_parameter",
            "session.audio.input.vad",
        ),
        ({"type": "realtime", "audio": {"output": {"x": 1}}}, "unknown_parameter", "session.audio.output.x"),
        ({"type": "realtime", "tools": {}}, "invalid_value", "session.tools"),
        ({"type": "realtime", "tools": [TOOL, {}]}, "missing_required_parameter", "session.tools[1].type"),
        (
            {"type": "realtime", "tools": [{"type": "function"}]},
            "missing_required_parameter",
            "session.tools[0].name",
        ),
    ],
)
def test_a_session_of_the_wrong_shape_is_refused(session: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check_session(session, accepts_hints=False)
    assert (caught.value.wire_code, caught.value.param) == (code, param)


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"type": "mcp_call"}, "item.type"),
        ({"type": "message", "role": "user"}, "item.content"),
        ({"type": "message", "role": "user", "content": []}, "item.content[0]"),
        ({"type": "message", "role": "user", "content": "text"}, "item.content"),
        ({"type": "function_call", "arguments": "{}"}, "item.name"),
        ({"type": "function_call", "name": "n", "arguments": {}}, "item.arguments"),
        ({"type": "function_call_output", "call_id": "c", "output": {}}, "item.output"),
        ({"type": "function_call_output", "output": ""}, "item.call_id"),
    ],
)
def test_an_item_of_the_wrong_shape_is_refused(item: dict[str, Any], param: str) -> None:
    with pytest.raises(RefusedError) as caught:
        check_item(item)
    assert caught.value.param == param


@pytest.mark.parametrize("metadata", [{"k": 1}, {str(n): "v" for n in range(17)}, []])
def test_metadata_is_a_few_strings(metadata: Any) -> None:
    check_response({"metadata": {"k": "v"}})
    check_response({})
    with pytest.raises(RefusedError):
        check_response({"metadata": metadata})
