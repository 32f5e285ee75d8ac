"""Stored items as the browser's client keeps them."""

import pytest

from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.web.talk.entries import entries_of

pytestmark = pytest.mark.unit


def message(text: str, role: str = "user", **more: object) -> Item:
    kind = "audio" if more.pop("spoken", True) else "text"
    content = (Part(kind=kind, text=text),)  # type: ignore[arg-type]
    return Item(id="item_1", kind="message", role=role, content=content, agent="desk", **more)  # type: ignore[arg-type]


def test_what_a_caller_said_is_a_caption_of_theirs() -> None:
    (caption,) = entries_of([message("two loaves")])
    assert caption == {
        "kind": "caption",
        "id": "item_1",
        "who": "caller",
        "agent": "desk",
        "text": "two loaves",
        "status": "heard",
        "heard": 10,
    }


def test_what_was_not_understood_is_told_as_lost() -> None:
    assert entries_of([message("")])[0]["status"] == "lost"


def test_a_reply_that_was_interrupted_says_how_far_it_was_heard() -> None:
    (cut,) = entries_of([message("one two three", "assistant", heard="one two")])
    assert (cut["status"], cut["heard"], cut["text"]) == ("cut", 7, "one two three")
    (whole,) = entries_of([message("one two three", "assistant")])
    assert (whole["status"], whole["heard"]) == ("heard", 13)


def test_a_tool_call_is_one_entry_with_its_output() -> None:
    call = Item(
        id="item_2", kind="function_call", name="add", arguments="{}", tool_call_id="call_1", created_at=10
    )
    output = Item(
        id="item_3", kind="function_call_output", tool_call_id="call_1", output="done", created_at=10.5
    )
    (card,) = entries_of([call, output])
    assert card == {
        "kind": "tool",
        "id": "call_1",
        "name": "add",
        "agent": "",
        "arguments": "{}",
        "outcome": "completed",
        "output": "done",
        "seconds": 0.5,
    }
    assert entries_of([call])[0]["outcome"] == "cancelled"


def test_a_handoff_is_told_once_and_what_is_for_the_model_alone_not_at_all() -> None:
    asked = Item(id="item_1", kind="function_call", name="transfer_to_kitchen", tool_call_id="call_1")
    told: JsonObject = {"from": "desk", "to": "kitchen", "reason": "hungry", "cause": "model"}
    handoff = Item(id="item_2", kind="handoff", data=told)
    resumed = Item(id="item_3", kind="resumed", data={"call": "rtc_1"})
    system = message("Be brief.", "system", spoken=False)
    assert entries_of([asked, handoff, resumed, system]) == [
        {"kind": "handoff", "id": "item_2", "from": "desk", "to": "kitchen", "reason": "hungry"}
    ]
