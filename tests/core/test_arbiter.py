import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.arbiter import ACTIVE
from orchestrator.core.json_value import JsonValue
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, definition

pytestmark = pytest.mark.unit


def test_a_wish_waits_until_the_session_is_ready() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.type("hello")
    assert not drive.commands(c.CreateResponse)
    assert drive.whose() is Turn.WAITING
    drive.ready()
    assert drive.only(c.CreateResponse).epoch == 1


def test_ours_and_the_one_of_voice_activity_race_and_ours_is_asked_again_after_it(drive: Drive) -> None:
    drive.type("hello")
    ours = drive.only(c.CreateResponse).event_id
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.refuse(ours, ACTIVE)
    assert not drive.commands(c.CreateResponse)
    drive.speak(1, "resp_vad", "Hi")
    drive.done(1, "resp_vad")
    again = drive.only(c.CreateResponse)
    assert again.event_id != ours
    drive.start(1, "resp_ours")
    drive.speak(1, "resp_ours", "Hi again")
    drive.done(1, "resp_ours")
    assert drive.whose() is Turn.IDLE


def test_a_request_in_flight_is_not_repeated_while_voice_activity_answers(drive: Drive) -> None:
    drive.type("hello")
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.done(1, "resp_vad")
    assert drive.whose() is Turn.WAITING
    drive.feed(h.KeyPressed("1"))
    assert not drive.commands(c.CreateResponse)


def test_a_second_request_of_the_client_is_refused_while_one_is_waited_for(drive: Drive) -> None:
    drive.type("hello")
    drive.feed(h.CallerAskedResponse(event_id="event_2"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == (ACTIVE, "event_2")
    assert "about to begin" in refusal.message
    drive.start(1, "resp_1")
    drive.feed(h.CallerAskedResponse(event_id="event_3"))
    reply_id = drive.notices(n.ReplyNotice, everything=True)[0].reply.id
    assert reply_id in drive.notices(n.RefusalNotice)[0].message


def test_one_wish_covers_all_that_come_while_it_waits(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.KeyPressed("1"))
    drive.feed(h.KeyPressed("2"))
    drive.done(1, "resp_1")
    assert drive.only(c.CreateResponse).epoch == 1
    drive.start(1, "resp_2")
    drive.done(1, "resp_2")
    assert not drive.commands(c.CreateResponse)


def test_a_wish_of_ours_waits_while_the_caller_speaks(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"))
    assert drive.whose() is Turn.LISTENING
    drive.feed(h.KeyPressed("1"))
    assert not drive.commands(c.CreateResponse)
    drive.feed(e.SpeechStopped(1, "item_u"))
    drive.only(c.CreateResponse)


def test_a_caller_who_speaks_without_end_does_not_keep_the_agent_silent_for_ever(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.feed(h.KeyPressed("1"))
    drive.pass_time(15)
    drive.only(c.CreateResponse)


def test_a_wish_of_the_client_does_not_wait_for_the_caller_to_be_silent(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.feed(h.CallerAskedResponse())
    drive.only(c.CreateResponse)


def test_an_engine_that_names_no_event_in_its_refusal_is_understood(drive: Drive) -> None:
    drive.type("hello")
    drive.refuse(None, ACTIVE)
    assert drive.whose() is Turn.WAITING
    drive.pass_time(1)
    drive.only(c.CreateResponse)


def test_a_session_that_refuses_for_ever_for_a_response_nobody_knows_is_given_up(drive: Drive) -> None:
    drive.type("hello")
    for _ in range(20):
        asked = drive.commands(c.CreateResponse)
        if asked:
            drive.refuse(asked[-1].event_id, ACTIVE, epoch=1)
        drive.pass_time(1)
        if drive.commands(c.CloseSession):
            break
    assert drive.only(c.CloseSession).reason == "engine_timeout"
    assert drive.only(c.OpenSession).epoch == 2


def test_references_to_items_go_out_under_the_engines_own_names(drive: Drive) -> None:
    drive.turn(1, "resp_1", "hello", "Hi")
    drive.feed(h.OperatorReconnected())
    drive.ready()
    drive.feed(
        e.OutputItemAdded(2, "resp_1", e.EngineItem("item_resp_1", "message", "assistant", "in_progress")),
    )
    drive.type("again")
    drive.start(2, "resp_2")
    drive.speak(2, "resp_2", "Hi again", item="item_resp_1")
    drive.done(2, "resp_2")
    ours = drive.items[-1].id
    assert ours != "item_resp_1"
    references: list[JsonValue] = [
        {"type": "item_reference", "id": ours},
        {"type": "message", "id": ours},
        "odd",
    ]
    drive.feed(h.CallerAskedResponse({"conversation": "none", "input": references}))
    asked = drive.only(c.CreateResponse).options["input"]
    assert asked == [{"type": "item_reference", "id": "item_resp_1"}, {"type": "message", "id": ours}, "odd"]


def test_a_model_that_keeps_calling_tools_is_told_to_speak_at_the_step_limit(drive: Drive) -> None:
    steps = definition().agent("triage").limits.tool_steps
    drive.type("go on")
    for number in range(1, steps + 1):
        assert "tool_choice" not in drive.commands(c.CreateResponse, everything=True)[-1].options
        drive.start(1, f"resp_{number}")
        drive.call(1, f"resp_{number}", "lookup", call_id=f"call_{number}")
        drive.done(1, f"resp_{number}")
        drive.answer(f"call_{number}")
    assert drive.only(c.CreateResponse).options["tool_choice"] == "none"


def test_a_response_is_told_to_stop_once(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.CallerCancelled())
    drive.feed(h.CallerCancelled())
    assert len(drive.commands(c.CancelResponse, everything=True)) == 1
    assert drive.commands(c.CancelResponse, everything=True)[0].response_id == "resp_1"
