import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.serving.item_shapes import checked_item, decoded_audio
from orchestrator.realtime.serving.refusal import RefusedError
from tests.engine.session_probe import assistant_message, user_message

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "item",
    [
        user_message("hi", id="a", object="realtime.item", status="completed"),
        assistant_message("hello"),
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "note"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "AAAA"}]},
        {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "low"}],
        },
        {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "done"},
    ],
)
def test_every_kind_of_item_is_accepted(item: JsonObject) -> None:
    checked = checked_item(item, "item")
    assert checked == {**item, "object": "realtime.item", "status": "completed"}


def test_a_status_of_the_client_has_no_effect() -> None:
    assert checked_item(assistant_message("hi", status="incomplete"), "item")["status"] == "completed"


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ({}, "missing_required_parameter", "item.type"),
        ({"type": "mcp_call"}, "invalid_value", "item.type"),
        ({"type": "item_reference", "id": "a"}, "invalid_value", "item.type"),
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
        ({"type": "message", "role": "tool", "content": []}, "invalid_value", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        ({"type": "message", "role": "user", "content": ["hi"]}, "invalid_value", "item.content[0]"),
        (
            {"type": "message", "role": "user", "content": [{"type": "output_text", "text": "x"}]},
            "invalid_value",
            "item.content[0].type",
        ),
        (
            {"type": "message", "role": "system", "content": [{"type": "input_audio"}]},
            "invalid_value",
            "item.content[0].type",
        ),
        (
            {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "audio": "AA"}]},
            "missing_required_parameter",
            "item.content[0].text",
        ),
        (
            {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "!"}]},
            "invalid_value",
            "item.content[0].audio",
        ),
        (user_message("x", surprise=1), "unknown_parameter", "item.surprise"),
        (user_message("x", id=""), "invalid_value", "item.id"),
        (user_message("x", id=7), "invalid_value", "item.id"),
        (
            {"type": "function_call_output", "call_id": "c", "output": {"a": 1}},
            "invalid_value",
            "item.output",
        ),
        ({"type": "function_call", "name": "x"}, "missing_required_parameter", "item.arguments"),
    ],
)
def test_a_bad_item_is_refused_with_its_code_and_path(item: JsonObject, code: str, param: str) -> None:
    with pytest.raises(RefusedError) as refused:
        checked_item(item, "item")
    assert (refused.value.wire_code, refused.value.param) == (code, param)


def test_audio_is_decoded_from_base64() -> None:
    assert decoded_audio("AAEC", "audio") == b"\x00\x01\x02"
    with pytest.raises(RefusedError, match="base64"):
        decoded_audio("no base64", "audio")
