"""Items in the shapes of the Conversations API, both ways."""

from typing import Any

import pytest

from orchestrator.api.compatible.item_shapes import read_items, shown_item
from orchestrator.core.items import Item, Part
from orchestrator.realtime.serving.refusal import RefusedError

pytestmark = pytest.mark.unit


def message(role: Any, *parts: Part, **more: Any) -> dict[str, Any]:
    return shown_item(Item(id="item_1", kind="message", role=role, content=parts, **more))


def test_what_a_caller_said_is_input_text() -> None:
    assert message("user", Part(kind="audio", text="hello")) == {
        "id": "item_1",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_text", "text": "hello"}],
    }


def test_an_image_is_shown_by_its_address() -> None:
    (part,) = message("user", Part(kind="image", image_url="data:image/png;base64,AA"))["content"]
    assert (part["type"], part["image_url"]) == ("input_image", "data:image/png;base64,AA")


def test_a_reply_is_shown_as_far_as_it_was_heard() -> None:
    parts = (Part(text="One moment. "), Part(kind="audio", text="Here it is."))
    texts = [part["text"] for part in message("assistant", *parts, heard="One moment. Here")["content"]]
    assert texts == ["One moment. ", "Here"]
    assert [part["text"] for part in message("assistant", *parts)["content"]] == [
        "One moment. ",
        "Here it is.",
    ]


def test_calls_and_outputs_carry_their_call_id() -> None:
    call = Item(id="item_1", kind="function_call", name="lookup", arguments="{}", tool_call_id="call_1")
    output = Item(id="item_2", kind="function_call_output", output="found", tool_call_id="call_1")
    assert shown_item(call)["call_id"] == shown_item(output)["call_id"] == "call_1"
    assert (shown_item(call)["name"], shown_item(output)["output"]) == ("lookup", "found")


@pytest.mark.parametrize(
    ("item", "kind", "text"),
    [
        ({"role": "user", "content": "hi"}, "user", "hi"),
        ({"role": "developer", "content": "be kind"}, "system", "be kind"),
        (
            {"role": "assistant", "content": [{"type": "output_text", "text": "yes", "annotations": []}]},
            "assistant",
            "yes",
        ),
        ({"role": "user", "content": [{"type": "text", "text": "hi"}]}, "user", "hi"),
        ({"role": "user", "status": "completed", "phase": None, "content": "hi"}, "user", "hi"),
    ],
)
def test_messages_are_read_in_every_form_that_the_api_takes(item: Any, kind: str, text: str) -> None:
    (read,) = read_items([item])
    assert (read.kind, read.role, read.content[0].text) == ("message", kind, text)


def test_an_image_without_a_file_is_read() -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA", "file_id": None}
    (read,) = read_items([{"role": "user", "content": [image]}])
    assert read.content[0].image_url == "data:image/png;base64,AA"


def test_an_output_may_be_parts_of_text() -> None:
    parts = [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]
    (read,) = read_items(
        [{"type": "function_call_output", "call_id": "call_1", "output": parts, "name": "x"}]
    )
    assert (read.output, read.tool_call_id) == ("ab", "call_1")


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ({}, "missing_required_parameter", "items[0].role"),
        ({"type": "reasoning"}, "invalid_value", "items[0].type"),
        ({"role": "user", "content": 5}, "invalid_value", "items[0].content"),
        ({"role": "user", "content": ["text"]}, "invalid_value", "items[0].content[0]"),
        ({"role": "nobody", "content": "hi"}, "invalid_value", "items[0].role"),
        (
            {"type": "function_call", "name": "x", "arguments": "{}"},
            "missing_required_parameter",
            "items[0].call_id",
        ),
        (
            {"type": "function_call_output", "call_id": "call_1", "output": [{"type": "input_image"}]},
            "invalid_value",
            "items[0].output",
        ),
    ],
)
def test_what_is_wrong_is_told_with_code_and_place(item: Any, code: str, param: str) -> None:
    with pytest.raises(RefusedError) as told:
        read_items([item])
    assert (told.value.wire_code, told.value.param) == (code, param)
