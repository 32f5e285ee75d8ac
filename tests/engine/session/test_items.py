import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.spoken import SpokenAudio
from orchestrator.realtime.serving.refusal import RefusedError

pytestmark = pytest.mark.unit


def item(item_id: str) -> JsonObject:
    return {"id": item_id, "type": "message"}


def three() -> Items:
    items = Items()
    for item_id in ("a", "b", "c"):
        items.add(item(item_id))
    return items


def order(items: Items) -> list[object]:
    return [entry["id"] for entry in items]


def test_items_are_appended_and_told_their_predecessor() -> None:
    assert Items().last_id is None
    items = Items()
    assert items.add(item("a")) is None
    assert items.add(item("b"), "") == "a"
    assert order(items) == ["a", "b"]
    assert items.last_id == "b"
    assert len(items) == 2


def message(role: str, part: JsonObject) -> JsonObject:
    return {"id": f"{role}_{part}", "type": "message", "role": role, "content": [part]}


def test_the_last_reply_is_known_until_the_caller_has_spoken() -> None:
    items = Items()
    assert items.last_reply == ""
    items.add(message("assistant", {"type": "output_audio", "transcript": "What name?"}))
    items.add({"id": "call", "type": "function_call"})
    assert items.last_reply == "What name?"
    items.add(message("user", {"type": "input_audio", "transcript": None}))
    assert items.last_reply == ""
    items.add(message("assistant", {"type": "output_text", "text": "Thank you."}))
    assert items.last_reply == "Thank you."


def test_root_puts_an_item_first() -> None:
    items = three()
    assert items.add(item("d"), "root") is None
    assert order(items) == ["d", "a", "b", "c"]


@pytest.mark.parametrize(("after", "expected"), [("a", "adbc"), ("b", "abdc"), ("c", "abcd")])
def test_an_item_goes_after_the_named_one(after: str, expected: str) -> None:
    items = three()
    assert items.add(item("d"), after) == after
    assert order(items) == list(expected)


def test_an_unknown_predecessor_adds_nothing() -> None:
    items = three()
    with pytest.raises(RefusedError) as refused:
        items.add(item("d"), "z")
    assert (refused.value.wire_code, refused.value.param) == ("invalid_value", "previous_item_id")
    assert order(items) == ["a", "b", "c"]


def test_an_id_is_unique_until_it_is_deleted() -> None:
    items = three()
    with pytest.raises(RefusedError) as refused:
        items.add(item("b"))
    assert refused.value.wire_code == "item_create_duplicate_item_id"
    items.delete("b")
    assert items.add({**item("b"), "text": "shorter"}, "a") == "a"
    assert order(items) == ["a", "b", "c"]
    assert items.retrieve("b")["text"] == "shorter"


@pytest.mark.parametrize("action", ["delete", "retrieve"])
def test_an_unknown_id_is_refused_with_the_actions_own_code(action: str) -> None:
    with pytest.raises(RefusedError) as refused:
        getattr(three(), action)("z")
    assert refused.value.wire_code == f"item_{action}_invalid_item_id"
    assert refused.value.param is None


@pytest.mark.parametrize(("item_id", "previous"), [("a", None), ("b", "a"), ("c", "b")])
def test_a_replaced_item_keeps_its_place(item_id: str, previous: str | None) -> None:
    items = three()
    assert items.replace({"id": item_id, "status": "completed"}) == previous
    assert items[item_id]["status"] == "completed"
    assert order(items) == ["a", "b", "c"]


def test_the_only_item_is_replaced_too() -> None:
    items = Items()
    items.add(item("a"))
    assert items.replace(item("a")) is None


def test_a_deleted_item_is_not_replaced() -> None:
    items = three()
    items.delete("b")
    items.replace(item("b"))
    assert "b" not in items


def spoken() -> Items:
    items = three()
    items.attach_audio("b", SpokenAudio("one two three four", 4000.0))
    items.attach_audio("gone", SpokenAudio("", 0.0))
    return items


def test_truncating_shortens_what_retrieve_returns() -> None:
    items = spoken()
    items.truncate("b", 0, 2000)
    items.truncate("b", 0, 2000)
    assert items.retrieve("b")["content"] == [{"type": "output_audio", "transcript": "one two"}]
    items.truncate("b", 0, 1000)
    assert items.retrieve("b")["content"] == [{"type": "output_audio", "transcript": "one"}]


@pytest.mark.parametrize(
    ("item_id", "index", "end", "code"),
    [
        ("z", 0, 10, "item_truncate_invalid_item_id"),
        ("a", 0, 10, "item_truncate_invalid_item_id"),
        ("b", 1, 10, "invalid_value"),
        ("b", 0, 4001, "invalid_value"),
    ],
)
def test_a_truncation_that_cannot_be_is_refused(item_id: str, index: int, end: int, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        spoken().truncate(item_id, index, end)
    assert refused.value.wire_code == code
