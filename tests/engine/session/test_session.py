import pytest

from orchestrator.engine.brain import TextDelta
from orchestrator.realtime.serving.refusal import RefusedError
from tests.engine.session_probe import SessionProbe, field, text, types, user_message

pytestmark = pytest.mark.unit


def test_a_session_opens_with_session_created() -> None:
    assert types(SessionProbe().opening) == ["session.created"]


def test_events_are_applied_in_arrival_order() -> None:
    probe = SessionProbe()
    probe.session.feed({"type": "conversation.item.create", "item": user_message("one", id="u1")})
    probe.session.feed({"type": "conversation.item.delete", "item_id": "u1"})
    probe.session.feed({"type": "conversation.item.create", "item": user_message("two", id="u1")})
    assert types(probe.events()) == [
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.deleted",
        "conversation.item.added",
        "conversation.item.done",
    ]


def test_a_refused_event_is_told_with_its_event_id_and_changes_nothing() -> None:
    probe = SessionProbe()
    error = probe.error("conversation.item.delete", item_id="z", event_id="mine")
    assert error["event_id"] == "mine"
    assert types(probe.send("response.create")) == ["response.created"]


def test_what_was_refused_before_it_was_an_event_is_told_too() -> None:
    probe = SessionProbe()
    probe.session.refuse(RefusedError("invalid_json", "No JSON."))
    (event,) = probe.events()
    assert field(event, "error")["code"] == "invalid_json"
    assert field(event, "error")["event_id"] is None


def test_clearing_the_output_buffer_is_not_for_sockets() -> None:
    assert SessionProbe().error("output_audio_buffer.clear")["code"] == "invalid_value"


def test_a_shut_down_ends_every_response() -> None:
    probe = SessionProbe()
    probe.session.feed_brain(probe.start().response_id, TextDelta("Hel"))
    probe.start(conversation="none")
    probe.events()
    probe.session.shut_down("The engine is stopping.")
    ended = [field(event, "response") for event in probe.events() if event["type"] == "response.done"]
    assert [response["status"] for response in ended] == ["failed", "failed"]
    details = field(field(ended[0], "status_details"), "error")
    assert details == {
        "type": "server_error",
        "code": "server_error",
        "message": "The engine is stopping.",
    }


def test_an_expired_session_says_so_after_its_responses_ended() -> None:
    probe = SessionProbe()
    probe.start()
    probe.session.expire(60)
    events = probe.events()
    assert types(events) == ["response.done", "rate_limits.updated", "error"]
    assert field(events[-1], "error")["code"] == "session_expired"
    assert "60 minutes" in str(field(events[-1], "error")["message"])


def test_a_tool_turn_continues_with_its_output() -> None:
    probe = SessionProbe()
    probe.add(user_message("look"))
    probe.say(probe.start().response_id, *text("Looking."))
    probe.add({"type": "function_call_output", "call_id": "call_1", "output": "seen"})
    items = probe.start().context.items
    assert [item["type"] for item in items] == ["message", "message", "function_call_output"]
