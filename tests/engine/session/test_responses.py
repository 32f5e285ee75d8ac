import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import StoppedEarly, TextDelta, TokensUsed
from orchestrator.engine.session.commands import StartResponse, StopResponse
from orchestrator.engine.session.responses import MOST_AT_ONCE
from orchestrator.speech.protocol import Speech, Voice, WordTime
from tests.engine.session_probe import AUDIO, SessionProbe, field, text, tool_call, types, user_message
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit


def done(events: list[JsonObject]) -> JsonObject:
    """The response object of the one `response.done` among these events, which rate limits follow."""
    assert types(events)[-2:] == ["response.done", "rate_limits.updated"]
    assert types(events).count("response.done") == 1
    return field(events[-2], "response")


def test_a_response_begins_with_what_the_conversation_holds_then() -> None:
    probe = SessionProbe()
    probe.add(user_message("hello", id="u1"))
    (created,) = probe.send("response.create", response={"metadata": {"topic": "x"}})
    assert field(created, "response")["metadata"] == {"topic": "x"}
    assert field(created, "response")["usage"] is None
    (command,) = probe.commands()
    assert isinstance(command, StartResponse)
    probe.add(user_message("later"))
    assert [item["id"] for item in command.context.items] == ["u1"]


def test_a_completed_response_tells_usage_and_rate_limits() -> None:
    probe = SessionProbe()
    probe.add(user_message("hello"))
    started = probe.start()
    response = done(probe.say(started.response_id, *text("Hello", " there.")))
    assert response["status"] == "completed"
    assert response["status_details"] is None
    usage = field(response, "usage")
    assert usage["output_tokens"] == 3
    assert probe.commands() == [StopResponse(started.response_id)]


def test_the_second_prompt_finds_the_first_in_the_cache() -> None:
    probe = SessionProbe()
    probe.send("session.update", session={"type": "realtime", "instructions": "word " * 100})
    probe.add(user_message("hello"))
    first = done(probe.say(probe.start().response_id, *text("Hello.")))
    second = done(probe.say(probe.start().response_id, *text("Hello.")))
    assert field(field(first, "usage"), "input_token_details")["cached_tokens"] == 0
    assert field(field(second, "usage"), "input_token_details")["cached_tokens"] == 64


def test_a_brains_own_count_is_told_in_place_of_ours() -> None:
    probe = SessionProbe()
    response = done(probe.say(probe.start().response_id, *text("Hi"), TokensUsed(100, 20, 64)))
    usage = field(response, "usage")
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (100, 20, 120)
    assert field(usage, "input_token_details")["cached_tokens"] == 64


def test_only_one_response_is_active_in_the_conversation() -> None:
    probe = SessionProbe()
    started = probe.start()
    error = probe.error("response.create", event_id="mine")
    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] == "mine"
    assert started.response_id in str(error["message"])
    probe.say(started.response_id)
    assert types(probe.send("response.create")) == ["response.created"]


def test_cancelling_ends_the_active_response_at_once() -> None:
    probe = SessionProbe()
    started = probe.start()
    probe.session.feed_brain(started.response_id, TextDelta("Hello"))
    response = done(probe.send("response.cancel"))
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    assert probe.commands() == [StopResponse(started.response_id)]
    assert probe.say(started.response_id, *text("too late")) == []


def test_cancelling_nothing_is_a_harmless_error() -> None:
    probe = SessionProbe()
    assert probe.error("response.cancel", event_id="c1") == {
        "type": "invalid_request_error",
        "code": "response_cancel_not_active",
        "message": "Cancellation failed: no active response found.",
        "param": None,
        "event_id": "c1",
    }
    probe.start()
    assert probe.error("response.cancel", response_id="resp_z")["code"] == "response_cancel_not_active"
    assert probe.error("response.cancel", response_id=7)["param"] == "response_id"


def test_out_of_band_responses_run_beside_the_active_one() -> None:
    probe = SessionProbe()
    active = probe.start()
    aside = probe.start(conversation="none", metadata={"topic": "aside"}, input=[user_message("aside")])
    assert probe.session.items.last_id is None
    response = done(probe.say(aside.response_id, *text("Noted.")))
    assert response["conversation_id"] is None
    assert response["metadata"] == {"topic": "aside"}
    assert len(probe.session.items) == 0
    response = done(probe.say(active.response_id, *text("Hello.")))
    assert response["conversation_id"] == "conv_1"


def test_an_out_of_band_response_is_cancelled_by_its_id() -> None:
    probe = SessionProbe()
    aside = probe.start(conversation="none")
    assert probe.error("response.cancel")["code"] == "response_cancel_not_active"
    assert done(probe.send("response.cancel", response_id=aside.response_id))["status"] == "cancelled"


def test_too_many_at_once_fail_with_a_rate_limit() -> None:
    probe = SessionProbe()
    for _ in range(MOST_AT_ONCE):
        probe.start(conversation="none")
    events = probe.send("response.create", response={"conversation": "none"})
    assert types(events)[0] == "response.created"
    assert field(field(done(events), "status_details"), "error")["code"] == "rate_limit_exceeded"


def test_a_failure_is_told_inside_the_response() -> None:
    probe = SessionProbe()
    started = probe.start()
    probe.session.fail(started.response_id, "server_error", "server_error", "It broke.")
    response = done(probe.events())
    assert response["status"] == "failed"
    assert response["status_details"] == {
        "type": "failed",
        "error": {"type": "server_error", "code": "server_error", "message": "It broke."},
    }


def test_a_reply_longer_than_its_limit_is_incomplete() -> None:
    probe = SessionProbe()
    started = probe.start(max_output_tokens=2)
    for word in ("One", " two", " three", " four"):
        probe.session.feed_brain(started.response_id, TextDelta(word))
    response = done(probe.events())
    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert StopResponse(started.response_id) in probe.commands()


def test_function_calls_count_towards_the_limit() -> None:
    probe = SessionProbe()
    started = probe.start(max_output_tokens=3)
    for event in tool_call("look", '{"where": "over there"}'):
        probe.session.feed_brain(started.response_id, event)
    assert done(probe.events())["status"] == "incomplete"


def test_a_brain_may_stop_early() -> None:
    probe = SessionProbe()
    started = probe.start()
    probe.session.feed_brain(started.response_id, StoppedEarly("content_filter"))
    assert done(probe.events())["status_details"] == {"type": "incomplete", "reason": "content_filter"}


def test_what_does_not_fit_fails_when_truncation_is_disabled() -> None:
    probe = SessionProbe()
    probe.send("session.update", session={"type": "realtime", "truncation": "disabled"})
    probe.add(user_message("word " * 130_000))
    response = done(probe.send("response.create"))
    assert response["status"] == "failed"
    assert StopResponse(str(response["id"])) in probe.commands()


def test_what_does_not_fit_loses_its_oldest_items_otherwise() -> None:
    probe = SessionProbe()
    probe.add(user_message("word " * 130_000))
    probe.add(user_message("newest", id="u2"))
    assert [item["id"] for item in probe.start().context.items] == ["u2"]


def test_a_spoken_reply_is_asked_for_with_the_sessions_voice() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"output": {"voice": "cedar", "speed": 1.25}})
    assert probe.start().voice == Voice("cedar", 1.25)
    assert SessionProbe(AUDIO).start(output_modalities=["text"]).voice is None
    assert SessionProbe().start().voice is None


def test_a_response_may_have_a_voice_and_a_format_of_its_own() -> None:
    probe = SessionProbe(AUDIO)
    output: JsonObject = {"voice": "cedar", "format": {"type": "audio/pcmu"}}
    started = probe.start(audio={"output": output})
    assert started.voice == Voice("cedar")
    probe.session.feed_brain(started.response_id, TextDelta("Hello"))
    probe.session.feed_speech(started.response_id, Speech(silence(1000)))
    events = probe.say(started.response_id)
    sent = sum(len(str(e["delta"])) for e in events if e["type"] == "response.output_audio.delta")
    assert sent * 3 // 4 in range(8000, 8060)


def test_a_spoken_reply_costs_audio_tokens_and_locks_the_voice() -> None:
    probe = SessionProbe(AUDIO)
    started = probe.start()
    probe.session.feed_brain(started.response_id, TextDelta("Hello"))
    probe.update(audio={"output": {"voice": "cedar"}})
    probe.session.feed_speech(started.response_id, Speech(silence(1000)))
    usage = field(done(probe.say(started.response_id)), "usage")
    assert usage["output_token_details"] == {"text_tokens": 1, "audio_tokens": 20}
    error = probe.error(
        "session.update", session={"type": "realtime", "audio": {"output": {"voice": "marin"}}}
    )
    assert error["code"] == "cannot_update_voice"
    probe.update(audio={"output": {"voice": "cedar"}})
    again = field(done(probe.say(probe.start().response_id, *text("Bye"))), "usage")
    assert field(again, "input_token_details")["audio_tokens"] == 20


def test_sound_of_a_response_that_has_ended_is_left_out() -> None:
    probe = SessionProbe(AUDIO)
    started = probe.start()
    probe.send("response.cancel")
    probe.session.feed_speech(started.response_id, Speech(silence(1000)))
    assert probe.events() == []


def test_what_was_truncated_is_what_is_remembered() -> None:
    probe = SessionProbe(AUDIO)
    started = probe.start()
    probe.session.feed_brain(started.response_id, TextDelta("Hello there"))
    words = (WordTime(0, 5, 0, 400), WordTime(6, 11, 450, 900))
    probe.session.feed_speech(started.response_id, Speech(silence(1000), words))
    events = probe.say(started.response_id)
    item_id = str(
        next(event for event in events if event["type"] == "response.output_audio.delta")["item_id"]
    )
    probe.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=800)
    assert probe.start().context.items[0]["content"] == [{"type": "output_audio", "transcript": "Hello"}]
