import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import BrainContext
from orchestrator.engine.chat.messages import chat_messages, chat_tool_choice, chat_tools
from tests.engine.session_probe import assistant_message, function_tool, user_message

pytestmark = pytest.mark.unit


def messages(*items: JsonObject, instructions: str = "") -> list[object]:
    return list(chat_messages(BrainContext(model="m", instructions=instructions, items=items)))


def call(name: str, call_id: str) -> JsonObject:
    return {"type": "function_call", "name": name, "call_id": call_id, "arguments": ""}


def output(call_id: str, text: str) -> JsonObject:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def told(name: str, call_id: str) -> JsonObject:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}


def test_messages_keep_their_roles() -> None:
    system: JsonObject = {
        "type": "message",
        "role": "system",
        "content": [{"type": "input_text", "text": "note"}],
    }
    assert messages(user_message("hi"), system, assistant_message("hello"), instructions="Be kind.") == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hi"},
        {"role": "system", "content": "note"},
        {"role": "assistant", "content": "hello"},
    ]


def test_an_empty_message_is_left_out() -> None:
    assert messages(assistant_message(""), {"type": "message", "role": "user"}) == []


def test_calls_join_the_message_before_them_and_outputs_follow_at_once() -> None:
    assert messages(
        assistant_message("Let me see."),
        call("look", "a"),
        call("hear", "b"),
        user_message("and?"),
        output("b", "2"),
        output("a", "1"),
    ) == [
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [told("look", "a"), told("hear", "b")],
        },
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "user", "content": "and?"},
    ]


def test_a_call_without_output_is_answered_as_such() -> None:
    assert messages(user_message("hi"), call("look", "a"))[1:] == [
        {"role": "assistant", "content": None, "tool_calls": [told("look", "a")]},
        {"role": "tool", "tool_call_id": "a", "content": '{"error":"There is no result yet."}'},
    ]


def test_an_output_without_its_call_becomes_a_note() -> None:
    assert messages(output("gone", "blue")) == [{"role": "system", "content": "[A tool answered: blue]"}]


def test_images_and_sound() -> None:
    item: JsonObject = {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "low"},
            {"type": "input_audio", "transcript": "look"},
            {"type": "input_audio", "transcript": None},
        ],
    }
    assert messages(item) == [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "low"}},
                {"type": "text", "text": "look"},
                {"type": "text", "text": "[The caller said something that could not be heard.]"},
            ],
        }
    ]


def test_tools_and_choices_are_nested() -> None:
    tool = function_tool("look", description="Looks.")
    assert chat_tools([tool]) == [
        {
            "type": "function",
            "function": {"name": "look", "description": "Looks.", "parameters": tool["parameters"]},
        }
    ]
    assert chat_tool_choice("required") == "required"
    assert chat_tool_choice({"type": "function", "name": "look"}) == {
        "type": "function",
        "function": {"name": "look"},
    }
