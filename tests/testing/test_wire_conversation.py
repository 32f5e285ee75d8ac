from typing import Any

import pytest

from orchestrator.testing.wire_conversation import LONGEST_ID, RefusedError, WireConversation
from tests.testing.wire_probe import user

pytestmark = pytest.mark.unit

SPEECH: dict[str, Any] = {
    "id": "a",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_audio", "transcript": "Good evening"}],
}


def conversation(*names: str) -> WireConversation:
    made = WireConversation()
    for name in names:
        made.insert(user(name, id=name), None)
    return made


def refusal(change: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        change()
    return caught.value


@pytest.mark.parametrize(
    ("previous", "expected"),
    [(None, ["a", "b", "x"]), ("", ["a", "b", "x"]), ("root", ["x", "a", "b"]), ("a", ["a", "x", "b"])],
)
def test_an_item_goes_where_it_is_sent(previous: str | None, expected: list[str]) -> None:
    made = conversation("a", "b")
    made.insert(user("new", id="x"), previous)
    assert made.ids() == expected
    assert made.predecessor(expected[0]) is None
    assert made.predecessor(expected[1]) == expected[0]


def test_an_unknown_predecessor_is_refused_and_excused_only_after_a_refusal() -> None:
    made = conversation("a")
    refused = refusal(lambda: made.insert(user("new", id="x"), "gone"))
    assert (refused.wire_code, refused.param, refused.excused) == ("invalid_value", "previous_item_id", False)
    made.forgive("gone")
    assert refusal(lambda: made.insert(user("new", id="x"), "gone")).excused
    assert made.ids() == ["a"]


def test_an_id_is_used_once() -> None:
    refused = refusal(lambda: conversation("a").insert(user("again", id="a"), None))
    assert refused.wire_code == "item_create_duplicate_item_id"


@pytest.mark.parametrize("field", ["id", "call_id"])
def test_an_id_has_at_most_so_many_characters(field: str) -> None:
    call: dict[str, Any] = {
        "id": "i",
        "type": "function_call",
        "call_id": "c",
        "name": "n",
        "arguments": "{}",
    }
    conversation().insert(call | {field: "x" * LONGEST_ID}, None)
    refused = refusal(lambda: conversation().insert(call | {field: "x" * (LONGEST_ID + 1)}, None))
    assert (refused.wire_code, refused.param) == ("string_above_max_length", f"item.{field}")


def test_assistant_audio_cannot_be_injected() -> None:
    refused = refusal(lambda: conversation().insert(dict(SPEECH), None))
    assert (refused.wire_code, refused.param) == ("missing_required_parameter", "item.content[0].text")
    text = {**SPEECH, "content": [{"type": "output_text", "text": "Good evening"}]}
    conversation().insert(text, None)


def test_an_output_needs_its_call_wherever_that_came_from() -> None:
    output: Any = {"id": "o", "type": "function_call_output", "call_id": "c", "output": "{}"}
    made = conversation()
    assert refusal(lambda: made.insert(dict(output), None)).param == "item.call_id"
    made.forgive("something")
    assert refusal(lambda: made.insert(dict(output), None)).excused
    made.append({"id": "f", "type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"})
    made.insert(output, None)
    assert made.transcript() == ["f: calls n({})", "o: answers c: {}"]


def test_a_deleted_item_is_gone_and_an_unknown_one_cannot_be_deleted() -> None:
    made = conversation("a", "b")
    made.delete("a")
    assert made.ids() == ["b"]
    refused = refusal(lambda: made.delete("a"))
    assert (refused.wire_code, refused.excused) == ("item_delete_invalid_item_id", False)


def test_a_truncation_takes_the_transcript_and_is_never_longer_than_the_audio() -> None:
    made = conversation()
    made.append(dict(SPEECH))
    made.note_audio("a", 700)
    assert refusal(lambda: made.truncate("a", 701)).param == "audio_end_ms"
    made.truncate("a", 300)
    made.truncate("a", 300)
    assert refusal(lambda: made.truncate("a", 301)).wire_code == "invalid_value"
    found = made.find("a")
    assert found is not None
    assert found["content"] == [{"type": "output_audio"}]


def test_only_audio_can_be_truncated() -> None:
    made = conversation("a")
    assert refusal(lambda: made.truncate("a", 1)).wire_code == "item_truncate_invalid_item_id"
    assert refusal(lambda: made.truncate("unknown", 1)).wire_code == "item_truncate_invalid_item_id"


def test_a_conversation_can_be_read_in_messages_of_failed_tests() -> None:
    assert conversation("hello").transcript() == ["hello: user: hello"]
