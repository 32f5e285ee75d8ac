from typing import Any

import pytest

from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import SessionView, Turn, says
from orchestrator.testing.wire_conversation import RefusedError
from orchestrator.testing.wire_reply import tone
from tests.testing.wire_probe import Probe, error_of, types

pytestmark = pytest.mark.unit

HEARD = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
]
TRANSCRIPT = "conversation.item.input_audio_transcription"
TOLD = [f"{TRANSCRIPT}.delta", f"{TRANSCRIPT}.completed"]


def listening(*faults: Fault, turn: Turn | None = None, **detection: Any) -> Probe:
    probe = Probe(lambda view: turn or says(f"You said {view.user_text}"), *faults)
    settings: dict[str, Any] = {"transcription": {"model": "whisper-1"}}
    if detection:
        settings["turn_detection"] = {"type": "server_vad", **detection}
    probe.configure(output_modalities=["text"], audio={"input": settings})
    return probe


def test_voice_activity_makes_an_item_and_a_response() -> None:
    probe = listening()
    probe.session.audio.user_speaks("two pizzas")
    events: Any = probe.news()
    assert types(events)[:8] == [*HEARD, *TOLD, "response.created"]
    assert {event["item_id"] for event in events[:3]} == {"item_1_1"}
    assert events[3]["item"]["content"] == [{"type": "input_audio", "transcript": None}]
    assert events[6]["transcript"] == "two pizzas"
    assert events[1]["audio_end_ms"] == 600
    assert "You said two pizzas" in str(events[-2])


def test_a_late_transcript_comes_after_the_reply_which_still_knew_what_was_said() -> None:
    probe = listening()
    probe.session.audio.user_speaks("two pizzas", transcript="late")
    events = probe.news()
    assert types(events)[-3:] == ["rate_limits.updated", *TOLD]
    assert "You said two pizzas" in str(events)


def test_a_late_transcript_can_be_released() -> None:
    probe = listening(create_response=False)
    probe.session.audio.user_speaks("two pizzas", transcript="late")
    assert probe.types() == HEARD
    probe.session.release()
    assert probe.types() == TOLD


def test_a_transcript_may_fail_or_never_come() -> None:
    probe = listening(create_response=False)
    probe.session.audio.user_speaks("mumble", transcript="failed")
    assert probe.types() == [*HEARD, f"{TRANSCRIPT}.failed"]
    probe.session.audio.user_speaks("mumble", transcript="none")
    assert probe.types() == HEARD


@pytest.mark.parametrize(("fault", "told"), [(Fault.LATE_TRANSCRIPT, TOLD), (Fault.NO_TRANSCRIPT, [])])
def test_a_transcript_may_be_late_or_missing_by_plan(fault: Fault, told: list[str]) -> None:
    probe = listening(fault, create_response=False)
    probe.session.audio.user_speaks("Hello")
    assert probe.types() == HEARD
    probe.session.release()
    assert probe.types() == told


def test_without_transcription_nothing_is_told() -> None:
    probe = Probe(lambda _view: says("Hi"))
    probe.news()
    probe.session.audio.user_speaks("Hello")
    assert types(probe.news())[:6] == [*HEARD, "response.created"]


def test_speech_interrupts_the_active_response() -> None:
    probe = listening(turn=says("one two three", hold_after=1))
    probe.send("response.create")
    probe.session.audio.user_starts_speaking()
    events: Any = probe.news()
    assert types(events)[0] == "input_audio_buffer.speech_started"
    done = next(event["response"] for event in events if event["type"] == "response.done")
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    item_id = probe.session.audio.user_stops_speaking("Wait")
    assert item_id == events[0]["item_id"]
    assert types(probe.news())[:2] == HEARD[1:3]


def test_speech_need_not_interrupt_nor_be_answered() -> None:
    probe = listening(turn=says("one two", hold_after=1), interrupt_response=False, create_response=False)
    probe.send("response.create")
    probe.session.audio.user_speaks("mm-hm")
    assert not {"response.done", "response.created"} & set(probe.types())


def test_the_idle_timeout_makes_an_empty_item_and_a_response() -> None:
    probe = listening()
    probe.session.audio.user_is_silent(5000)
    events: Any = probe.news()
    assert types(events)[:5] == ["input_audio_buffer.timeout_triggered", *HEARD[2:], "response.created"]
    assert (events[0]["audio_start_ms"], events[0]["audio_end_ms"]) == (0, 5000)


def test_nobody_is_heard_where_turn_detection_is_off() -> None:
    probe = Probe()
    probe.configure(audio={"input": {"turn_detection": None}})
    with pytest.raises(RefusedError, match="Turn detection is off"):
        probe.session.audio.user_speaks("Hello")


def test_committed_audio_means_what_the_test_said_it_would() -> None:
    views: list[SessionView] = []

    def respond(view: SessionView) -> Turn:
        views.append(view)
        return says("Hi")

    probe = Probe(respond)
    probe.configure(audio={"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}})
    probe.session.audio.will_hear("two pizzas", transcript="late")
    probe.send("input_audio_buffer.append", audio=tone("audio/pcm", 150))
    assert types(probe.send("input_audio_buffer.commit")) == HEARD[2:]
    events = probe.send("response.create")
    assert views[0].user_text == "two pizzas"
    assert types(events)[-2:] == TOLD


def test_committed_audio_that_was_not_announced_means_nothing_in_particular() -> None:
    probe = listening()
    probe.send("input_audio_buffer.append", audio=tone("audio/pcm", 150))
    events: Any = probe.send("input_audio_buffer.commit")
    assert events[-1]["transcript"] == "…"


def test_less_than_a_tenth_of_a_second_cannot_be_committed() -> None:
    probe = listening()
    probe.send("input_audio_buffer.append", audio=tone("audio/pcm", 99))
    error = error_of(probe.send("input_audio_buffer.commit"))
    assert error["code"] == "input_audio_buffer_commit_empty"
    assert "99.00ms" in error["message"]


def test_a_late_transcript_of_a_deleted_item_is_told_all_the_same() -> None:
    probe = listening(create_response=False)
    item_id = probe.session.audio.user_speaks("two pizzas", transcript="late")
    probe.send("conversation.item.delete", item_id=item_id)
    probe.session.release()
    assert probe.types() == TOLD


def test_cleared_audio_is_gone() -> None:
    probe = listening()
    probe.send("input_audio_buffer.append", audio=tone("audio/pcm", 200))
    assert types(probe.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert error_of(probe.send("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"
    assert probe.session.audio.heard_ms == 200


def test_telephone_audio_is_counted_by_its_own_rate() -> None:
    probe = listening()
    probe.configure(audio={"input": {"format": {"type": "audio/pcmu"}}})
    probe.send("input_audio_buffer.append", audio=tone("audio/pcmu", 120))
    assert probe.session.audio.heard_ms == 120
