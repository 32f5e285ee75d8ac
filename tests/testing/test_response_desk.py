from typing import Any

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import Turn, calls, says
from tests.testing.wire_probe import Probe, error_of, types, user

pytestmark = pytest.mark.unit

ACTIVE = "conversation_already_has_active_response"


def done(events: list[JsonObject]) -> Any:
    return next(event["response"] for event in events if event["type"] == "response.done")


def speaking(*faults: Fault, turn: Turn | None = None) -> Probe:
    probe = Probe(lambda _view: turn or says("one two three"), *faults)
    probe.news()
    return probe


def test_one_response_at_a_time() -> None:
    probe = speaking(turn=says("one two", hold_after=1))
    probe.send("response.create")
    error = error_of(probe.send("response.create", event_id="e2"))
    assert (error["code"], error["event_id"]) == (ACTIVE, "e2")
    assert "resp_1_1" in error["message"]
    assert len(probe.session.violations) == 1


def test_a_second_response_is_excused_where_voice_activity_made_the_first() -> None:
    probe = speaking(turn=says("one two", hold_after=1))
    probe.session.audio.user_speaks("Hello")
    probe.news()
    assert error_of(probe.send("response.create"))["code"] == ACTIVE
    assert probe.session.violations == []


def test_an_out_of_band_response_may_run_beside_the_active_one() -> None:
    probe = speaking(turn=says("one two", hold_after=1))
    probe.send("response.create")
    assert types(probe.send("response.create", response={"conversation": "none"}))[0] == "response.created"
    assert probe.session.violations == []
    probe.session.release()
    assert types(probe.news()).count("response.done") == 2


def test_a_cancel_that_comes_too_late_is_harmless() -> None:
    probe = speaking()
    probe.send("response.create")
    assert error_of(probe.send("response.cancel"))["code"] == "response_cancel_not_active"
    assert probe.session.violations == []


def test_a_cancel_for_another_response_does_nothing() -> None:
    probe = speaking(turn=says("one two", hold_after=1))
    probe.send("response.create")
    assert (
        error_of(probe.send("response.cancel", response_id="other"))["code"] == "response_cancel_not_active"
    )
    assert done(probe.send("response.cancel", response_id="resp_1_1"))["status"] == "cancelled"


def test_a_cancelled_response_does_not_go_on_when_others_are_released() -> None:
    probe = speaking(turn=says("one two", hold_after=1))
    probe.send("response.create")
    probe.send("response.cancel")
    probe.session.release()
    assert probe.news() == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(Fault.FAILED, "failed", "server_error"), (Fault.RATE_LIMITED, "failed", "rate_limit_exceeded")],
)
def test_a_response_may_fail_without_the_responder_being_asked(fault: Fault, status: str, code: str) -> None:
    probe = Probe(lambda _view: pytest.fail("was asked"), fault)
    response = done(probe.send("response.create"))
    assert (response["status"], response["status_details"]["error"]["code"]) == (status, code)
    assert response["output"] == []


def test_a_response_may_be_incomplete() -> None:
    response = done(speaking(Fault.INCOMPLETE).send("response.create"))
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}


def test_text_may_come_where_audio_was_asked_for() -> None:
    probe = speaking(Fault.TEXT_FOR_AUDIO)
    assert "response.output_text.delta" in types(probe.send("response.create"))
    assert "response.output_audio.delta" in types(probe.send("response.create"))


def test_where_text_was_asked_for_text_is_no_fault() -> None:
    probe = speaking(Fault.TEXT_FOR_AUDIO)
    probe.text_mode()
    probe.send("response.create")
    assert probe.session.options.faults.struck == []


def test_usage_may_be_null_by_plan() -> None:
    assert done(speaking(Fault.NULL_USAGE).send("response.create"))["usage"] is None


def test_the_end_of_a_response_may_be_missing() -> None:
    probe = speaking(Fault.MISSING_DONE)
    assert "response.done" not in types(probe.send("response.create"))
    assert done(probe.send("response.cancel"))["status"] == "cancelled"


def test_the_connection_may_be_lost_in_the_middle_of_a_response() -> None:
    probe = speaking(Fault.DROP_MID_RESPONSE)
    assert types(probe.send("response.create"))[-2:] == [
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
    ]
    assert not probe.session.is_open


def test_the_connection_may_be_lost_right_after_a_call() -> None:
    probe = speaking(Fault.DROP_AFTER_CALL, turn=calls("add"))
    assert "response.done" in types(probe.send("response.create"))
    assert not probe.session.is_open


def test_the_session_may_expire_instead_of_answering() -> None:
    probe = speaking(Fault.SESSION_EXPIRED)
    assert error_of(probe.send("response.create"))["code"] == "session_expired"
    assert not probe.session.is_open


def test_a_response_made_by_a_cough_may_come_first_and_ends_by_itself() -> None:
    probe = speaking(Fault.ACTIVE_RESPONSE)
    events = probe.send("response.create", event_id="e1")
    assert types(events) == ["response.created", "error", "response.done", "rate_limits.updated"]
    assert error_of(events)["code"] == ACTIVE
    assert probe.session.violations == []
    assert done(probe.send("response.create"))["output"] != []


def test_without_a_responder_a_response_waits_for_the_script() -> None:
    probe = Probe()
    probe.news()
    assert probe.send("response.create", response={"metadata": {"k": "v"}}) == []
    assert error_of(probe.send("response.create"))["code"] == ACTIVE
    probe.session.responses.reply(says("Hi"))
    assert done(probe.news())["metadata"] == {"k": "v"}
    probe.session.responses.reply(says("By itself"))
    assert done(probe.news())["metadata"] is None


def test_a_response_that_waits_for_the_script_can_be_cancelled() -> None:
    probe = Probe()
    probe.send("response.create")
    events = probe.send("response.cancel")
    assert types(events)[0] == "response.created"
    assert done(events)["status"] == "cancelled"


def test_voice_activity_asks_for_no_response_beside_the_active_one() -> None:
    probe = speaking(turn=says("one two", hold_after=1))
    probe.configure(audio={"input": {"turn_detection": {"type": "server_vad", "interrupt_response": False}}})
    probe.send("response.create")
    probe.session.audio.user_speaks("Wait")
    assert "response.created" not in probe.types()


def test_bad_metadata_is_refused() -> None:
    error = error_of(speaking().send("response.create", response={"metadata": {"k": 1}}))
    assert error["param"] == "response.metadata"


def test_nothing_to_interrupt_is_no_fault() -> None:
    probe = speaking()
    probe.add(user("Hello"))
    probe.news()
    probe.session.responses.interrupt("turn_detected")
    assert probe.news() == []
