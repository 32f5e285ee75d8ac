import base64

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import TextDelta
from orchestrator.engine.session.commands import (
    DropUtterance,
    EndUtterance,
    Hear,
    Listen,
    StartResponse,
    StopResponse,
)
from orchestrator.speech.protocol import BYTES_PER_MS, Speech, Transcript
from tests.engine.scripted_speech import loud
from tests.engine.session_probe import (
    AUDIO,
    SessionProbe,
    assistant_message,
    field,
    function_tool,
    text,
    types,
    user_message,
)
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit

TENTH_OF_A_SECOND = base64.b64encode(bytes(4800)).decode()


def test_appended_audio_is_never_acknowledged() -> None:
    assert SessionProbe().send("input_audio_buffer.append", audio=TENTH_OF_A_SECOND) == []


def test_committed_audio_becomes_an_item_that_honestly_was_not_heard() -> None:
    probe = SessionProbe()
    probe.add(user_message("before", id="u1"))
    probe.send("input_audio_buffer.append", audio=TENTH_OF_A_SECOND)
    committed, added, done, failed = probe.send("input_audio_buffer.commit")
    assert types([committed, added, done, failed]) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.failed",
    ]
    item_id = committed["item_id"]
    assert committed["previous_item_id"] == added["previous_item_id"] == "u1"
    assert field(added, "item")["id"] == field(done, "item")["id"] == failed["item_id"] == item_id
    assert field(added, "item")["content"] == [{"type": "input_audio", "transcript": None}]
    assert field(failed, "error")["code"] == "audio_unintelligible"
    assert probe.commands() == []


def test_a_commit_of_too_little_is_refused() -> None:
    probe = SessionProbe()
    assert probe.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"
    probe.send("input_audio_buffer.append", audio=TENTH_OF_A_SECOND)
    (cleared,) = probe.send("input_audio_buffer.clear")
    assert cleared["type"] == "input_audio_buffer.cleared"
    assert probe.error("input_audio_buffer.commit")["code"] == "input_audio_buffer_commit_empty"


def test_the_sessions_format_decides_how_long_it_is() -> None:
    probe = SessionProbe()
    probe.send(
        "session.update", session={"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    )
    probe.send("input_audio_buffer.append", audio=base64.b64encode(bytes(800)).decode())
    assert len(probe.send("input_audio_buffer.commit")) == 4


def test_audio_that_is_not_base64_is_refused() -> None:
    probe = SessionProbe()
    assert probe.error("input_audio_buffer.append", audio="???")["param"] == "audio"
    assert probe.error("input_audio_buffer.append")["code"] == "missing_required_parameter"


def turn(probe: SessionProbe, milliseconds: int = 640) -> list[JsonObject]:
    """Let the caller speak, and be silent long enough."""
    return probe.append(silence(640) + loud(milliseconds) + silence(640))


def test_a_turn_found_by_voice_activity_is_answered_in_the_documented_order() -> None:
    probe = SessionProbe(AUDIO)
    probe.add(user_message("before", id="u1"))
    events = turn(probe)
    assert types(events) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    started, stopped, committed, added = events[:4]
    assert started["audio_start_ms"] == 640 - 300
    assert stopped["audio_end_ms"] == 640 + 640 + 500
    assert started["item_id"] == stopped["item_id"] == committed["item_id"] == field(added, "item")["id"]
    assert committed["previous_item_id"] == "u1"


def test_the_recogniser_is_prepared_for_whoever_wants_replies_in_sound() -> None:
    probe = SessionProbe(AUDIO)
    assert probe.commands() == []
    probe.update(output_modalities=["text"])
    assert probe.commands() == []
    probe.update(output_modalities=["audio"])
    assert probe.commands() == [Listen((), ())]


def test_the_recogniser_is_prepared_by_the_first_sound_and_given_the_turn_alone() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(output_modalities=["text"], tools=[function_tool("look")], hints={"look": ["what is there"]})
    assert probe.commands() == []
    probe.append(silence(640))
    assert probe.commands() == [Listen((function_tool("look"),), ("what is there",))]
    events = probe.append(loud(640) + silence(640))
    *heard, end = probe.commands()
    assert end == EndUtterance(str(events[0]["item_id"]))
    pcm = b"".join(command.pcm for command in heard if isinstance(command, Hear))
    assert len(pcm) == (300 + 640 + 512) * BYTES_PER_MS


def test_other_tools_are_other_words_to_expect() -> None:
    probe = SessionProbe(AUDIO)
    probe.append(silence(64))
    probe.commands()
    probe.update(instructions="Be kind.")
    assert probe.commands() == []
    transcription: JsonObject = {"model": "embedded", "language": "en-GB", "keywords": ["Ada"]}
    probe.update(hints={"look": ["over there"]}, audio={"input": {"transcription": transcription}})
    assert probe.commands() == [Listen((), ("over there",), ("Ada",), "en-GB")]


def test_the_answer_to_an_open_question_is_expected_until_it_is_given() -> None:
    probe = SessionProbe(AUDIO)
    probe.append(silence(64))
    assert probe.commands() == [Listen((), ())]
    probe.add(assistant_message("Of course. What name should I put it under?", id="a1"))
    probe.append(silence(64))
    assert probe.commands() == [Listen((), (), wanted="name")]
    probe.append(silence(640))
    assert probe.commands() == []
    turn(probe)
    heard = probe.commands()
    assert not [command for command in heard if isinstance(command, Listen)]
    probe.append(silence(64))
    assert probe.commands() == [Listen((), ())]


def test_the_brain_is_asked_once_the_words_are_known() -> None:
    probe = SessionProbe(AUDIO)
    item_id = str(turn(probe)[0]["item_id"])
    assert not [command for command in probe.commands() if isinstance(command, StartResponse)]
    probe.session.heard(item_id, Transcript("hello there", confidence=0.9))
    (started,) = probe.commands()
    assert isinstance(started, StartResponse)
    assert started.context.items[0]["content"] == [{"type": "input_audio", "transcript": "hello there"}]
    assert started.context.confidence == {item_id: 0.9}


def test_a_turn_without_automatic_response_is_only_committed() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
    assert types(turn(probe))[-1] == "conversation.item.done"


def test_speech_cancels_the_running_response() -> None:
    probe = SessionProbe(AUDIO)
    started = probe.start()
    probe.session.feed_brain(started.response_id, TextDelta("Hello"))
    probe.events()
    events = probe.append(loud(320))
    assert types(events)[0] == "input_audio_buffer.speech_started"
    done = field(next(event for event in events if event["type"] == "response.done"), "response")
    assert done["status"] == "cancelled"
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert StopResponse(started.response_id) in probe.commands()


def test_speech_that_may_not_interrupt_lets_the_response_run_and_its_own_is_refused() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"turn_detection": {"type": "server_vad", "interrupt_response": False}}})
    started = probe.start()
    events = turn(probe)
    assert "response.done" not in types(events)
    error = field(events[-1], "error")
    assert (error["code"], error["event_id"]) == ("conversation_already_has_active_response", None)
    assert probe.say(started.response_id, *text("Hello."))


def test_manual_turns_are_committed_by_the_client_and_answered_when_it_asks() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"turn_detection": None}})
    assert turn(probe) == []
    committed = probe.send("input_audio_buffer.commit")
    assert types(committed)[-1] == "conversation.item.done"
    heard = b"".join(command.pcm for command in probe.commands() if isinstance(command, Hear))
    assert loud(640) in heard
    assert types(probe.send("response.create")) == ["response.created"]


def test_a_cleared_turn_is_dropped_and_the_next_has_another_id() -> None:
    probe = SessionProbe(AUDIO)
    (first,) = probe.append(loud(320))
    probe.commands()
    assert types(probe.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert probe.commands() == [DropUtterance()]
    (second, *_) = turn(probe)
    assert second["type"] == "input_audio_buffer.speech_started"
    assert second["item_id"] != first["item_id"]


def test_a_client_may_commit_in_the_middle_of_a_turn() -> None:
    probe = SessionProbe(AUDIO)
    (started,) = probe.append(loud(320))
    committed = probe.send("input_audio_buffer.commit")[0]
    assert committed["item_id"] == started["item_id"]
    assert probe.append(silence(960)) == []


def test_a_telephones_sound_is_heard_as_well() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    events = probe.append(b"\xff" * 5120 + (b"\x90" * 4 + b"\x10" * 4) * 640 + b"\xff" * 8000)
    assert types(events)[:3] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
    ]


def idle_probe() -> SessionProbe:
    """A session whose greeting took two seconds, and that waits five seconds for an answer."""
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
    probe.append(silence(960))
    started = probe.start()
    probe.session.feed_brain(started.response_id, TextDelta("Hello"))
    probe.session.feed_speech(started.response_id, Speech(silence(2000)))
    probe.session.complete(started.response_id)
    probe.events()
    return probe


def test_silence_after_a_reply_was_played_becomes_a_turn_of_its_own() -> None:
    probe = idle_probe()
    assert probe.append(silence(6900)) == []
    events = probe.append(silence(200))
    assert types(events) == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    triggered = events[0]
    assert (triggered["audio_start_ms"], triggered["audio_end_ms"]) == (2960, 8060)
    assert [type(command) for command in probe.commands()][-1] is StartResponse
    assert probe.append(silence(20_000)) == []


def test_a_caller_who_speaks_is_not_idle() -> None:
    probe = idle_probe()
    probe.append(silence(5000) + loud(320))
    assert "input_audio_buffer.timeout_triggered" not in types(probe.append(loud(9000)))


def test_semantic_detection_is_told_what_was_understood() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}})
    probe.append(loud(320))
    probe.session.heard_so_far("two pizzas and")
    assert probe.append(silence(960)) == []
    probe.session.heard_so_far("two pizzas and a coke")
    assert types(probe.append(silence(64)))[0] == "input_audio_buffer.speech_stopped"
