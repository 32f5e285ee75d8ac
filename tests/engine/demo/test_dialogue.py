import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.dialogue import as_json, text_of, turns_of
from tests.engine.demo.caller import system_note
from tests.engine.session_probe import assistant_message, user_message

pytestmark = pytest.mark.unit


def call(name: str, call_id: str, arguments: str = "{}") -> JsonObject:
    return {"type": "function_call", "name": name, "call_id": call_id, "arguments": arguments}


def output(call_id: str, text: str) -> JsonObject:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def test_a_turn_is_what_was_said_and_what_came_of_it() -> None:
    items = [
        user_message("a coke"),
        call("add", "c1", '{"item":"coke"}'),
        output("c1", "done"),
        assistant_message("Added."),
        user_message("and"),
        user_message("a beer"),
    ]
    first, second = turns_of(items)
    assert first.texts == ["a coke"]
    assert [(done.name, done.arguments, done.output) for done in first.calls] == [
        ("add", {"item": "coke"}, "done")
    ]
    assert first.replies == ["Added."]
    assert first.last == "reply"
    assert second.texts == ["and", "a beer"]
    assert second.is_open
    assert second.last == "caller"


def test_a_greeting_is_a_turn_without_a_caller() -> None:
    greeting, said = turns_of([assistant_message("Hello!"), user_message("hi")])
    assert (greeting.texts, greeting.replies) == ([], ["Hello!"])
    assert said.texts == ["hi"]
    assert turns_of([]) == []


def test_handoffs_are_kept_apart_from_other_calls() -> None:
    (turn,) = turns_of([user_message("hi"), call("transfer_to_x", "t1"), output("t1", '{"error":"no"}')])
    assert turn.calls == []
    assert turn.transfers[0].failed


def test_a_note_of_a_handoff_tells_to_whom_and_why() -> None:
    note = system_note("[triage handed the caller over to restaurant: The caller said: hi; wants: order]")
    (turn,) = turns_of([user_message("hi"), assistant_message("One moment."), note])
    assert turn.handed_to == "restaurant"
    assert turn.reason == "The caller said: hi; wants: order"
    assert turn.replies == []
    assert turn.last == "note"


def test_other_notes_change_nothing() -> None:
    (turn,) = turns_of([user_message("hi"), assistant_message("Hello."), system_note("Be quick.")])
    assert (turn.handed_to, turn.came_back, turn.last) == (None, False, "reply")


def test_somebody_who_was_away_is_known() -> None:
    note = system_note("[The call was interrupted here. The caller has come back.]")
    (turn,) = turns_of([user_message("hi"), note])
    assert turn.came_back


def test_odd_items_are_read_as_far_as_they_go() -> None:
    audio: JsonObject = {"type": "message", "role": "user", "content": [{"type": "input_audio"}]}
    (turn,) = turns_of([audio, output("nobody", "x"), call("add", "c1", "oops")])
    assert turn.unheard
    assert turn.calls[0].arguments == {}
    assert not turn.calls[0].failed


def test_transcripts_are_read_as_text() -> None:
    item: JsonObject = {"content": [{"transcript": "two"}, {"text": "cokes"}, {"other": 1}, "odd"]}
    assert text_of(item) == "two cokes"
    assert text_of({}) == ""


def test_what_is_no_json_is_none() -> None:
    assert as_json('{"a":1}') == {"a": 1}
    assert as_json("prose") is None


def test_a_turn_is_as_sure_as_its_least_certain_words() -> None:
    items = [
        user_message("a coke", id="u1"),
        user_message("and a beer", id="u2"),
        user_message("no", id="u3"),
    ]
    (turn,) = turns_of(items, {"u1": 0.9, "u2": 0.4})
    assert turn.confidence == 0.4
    assert turns_of(items)[0].confidence is None
