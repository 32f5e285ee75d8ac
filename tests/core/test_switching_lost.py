"""Sessions are lost in every stage of a turn, and come back or do not."""

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.context import Timing
from orchestrator.core.transitions import Authority, Turn
from tests.core.driving import Drive, all_replies, links

pytestmark = pytest.mark.unit


# --- lost, in every stage ---------------------------------------------------------------------------------


def test_lost_while_it_is_being_opened_it_is_opened_again_after_pauses() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.lose()
    assert drive.only(c.OpenSession).epoch == 2
    drive.lose()
    assert not drive.commands(c.OpenSession)
    drive.pass_time(0.5)
    assert drive.only(c.OpenSession).epoch == 3
    drive.ready()
    assert drive.authority() is Authority.SETTLED


def test_lost_while_nobody_speaks_the_history_is_loaded_and_nothing_is_asked(drive: Drive) -> None:
    drive.turn(1, "resp_1", "hello", "Hi")
    drive.lose()
    assert drive.authority() is Authority.STAGED
    assert [item.text for item in drive.sent(2)] == ["hello", "Hi"]
    drive.ready()
    assert not drive.commands(c.CreateResponse)
    assert links(drive) == ["lost", "restored"]
    assert drive.rows(r.SessionRow)[-1].purpose == "reconnect"


def test_lost_while_a_response_is_waited_for_it_is_asked_again_as_it_was_asked(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"instructions": "Be brief.", "metadata": {"k": "v"}}))
    first = drive.only(c.CreateResponse).options
    drive.lose()
    assert drive.whose() is Turn.WAITING
    drive.ready()
    assert drive.only(c.CreateResponse).options == first
    drive.start(2, "resp_1")
    assert drive.notices(n.ReplyNotice)[0].reply.metadata == {"k": "v"}


def test_lost_in_the_middle_of_a_sentence_the_reply_goes_on_under_the_same_id(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"instructions": "Be brief."}))
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Once upon")
    drive.lose()
    assert drive.whose() is Turn.WAITING
    assert [item.text for item in drive.sent(2)] == ["Once upon"]
    drive.ready()
    assert "Be brief." in str(drive.only(c.CreateResponse).options["instructions"])
    drive.start(2, "resp_1")
    drive.speak(2, "resp_1", "a time")
    drive.done(2, "resp_1")
    (_, _, first), (stage, status, last) = all_replies(drive)
    assert (first, stage, status) == (last, "done", "completed")
    done = drive.notices(n.ReplyNotice)[0].reply
    assert [(item.text, item.status.value) for item in done.output] == [
        ("Once upon", "incomplete"),
        ("a time", "completed"),
    ]


def test_lost_while_voice_activity_answered_the_answer_is_asked_for(drive: Drive) -> None:
    drive.hear(text="a pizza")
    drive.feed(e.ResponseStarted(1, "resp_1"))
    drive.lose()
    drive.ready()
    drive.only(c.CreateResponse)


def test_lost_while_a_tool_runs_the_tool_goes_on_and_its_answer_reaches_the_next_session(
    drive: Drive,
) -> None:
    drive.called("lookup")
    drive.lose()
    drive.ready()
    assert drive.authority() is Authority.SETTLED
    assert not drive.commands(c.CreateResponse)
    drive.answer()
    assert [item.kind for item in drive.sent(2)] == ["function_call", "function_call_output"]
    assert drive.only(c.CreateResponse).epoch == 2
    assert len(drive.commands(c.RunTool, everything=True)) == 1


def test_lost_between_a_call_and_the_end_of_its_response_the_call_counts(drive: Drive) -> None:
    drive.type("please")
    drive.start(1, "resp_1")
    drive.call(1, "resp_1", "lookup")
    drive.answer()
    drive.lose()
    assert [item.kind for item in drive.sent(2)] == ["message", "function_call", "function_call_output"]
    drive.ready()
    assert len(drive.commands(c.CreateResponse)) == 1


def test_lost_after_a_call_of_the_clients_the_client_acts(drive: Drive) -> None:
    drive.type("please")
    drive.start(1, "resp_1")
    drive.call(1, "resp_1", "pick")
    drive.lose()
    assert all_replies(drive)[-1][:2] == ("done", "completed")
    drive.ready()
    assert not drive.commands(c.CreateResponse)


def test_lost_while_a_handoff_is_staged_the_target_takes_over_all_the_same(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.lose(1)
    assert not drive.commands(c.OpenSession)
    assert drive.commands(c.RouteAudio)[-1] == c.RouteAudio((2,), None)
    drive.ready(2)
    assert drive.machine.agent == "restaurant"
    assert drive.only(c.CreateResponse).epoch == 2


def test_lost_while_a_summary_is_made_the_target_gets_the_last_items_instead(drive: Drive) -> None:
    drive.called("transfer_to_human")
    drive.ready(2)
    drive.lose(1)
    assert next(item.text for item in drive.sent(2)) == "please"
    assert drive.machine.agent == "human"


def test_lost_together_with_the_target_of_a_handoff_the_old_agent_is_called_back(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.lose(1)
    drive.lose(2)
    assert drive.only(c.OpenSession).config.agent == "triage"
    drive.ready(3)
    assert drive.machine.agent == "triage"
    assert drive.only(c.CreateResponse).epoch == 3


def test_an_engine_that_is_lost_over_the_same_reply_again_and_again_is_given_up(drive: Drive) -> None:
    drive.type("hello")
    tries = 0
    while not drive.commands(c.HangUp, everything=True) and tries < 50:
        tries += 1
        epoch = drive.epoch
        drive.start(epoch, f"resp_{tries}")
        drive.lose(epoch)
        if drive.epoch == epoch:
            drive.pass_time(Timing().retries[min(tries, len(Timing().retries)) - 1])
        if drive.epoch != epoch:
            drive.ready()
    assert tries == len(Timing().retries) + 1


def test_a_response_that_came_to_its_end_shows_that_the_engine_is_there(drive: Drive) -> None:
    for number in range(1, 20):
        drive.type("hello")
        drive.start(number, f"resp_{number}")
        drive.lose(number)
        if drive.epoch == number:
            drive.pass_time(max(Timing().retries))
        drive.ready()
        drive.start(number + 1, f"resp_{number}_again")
        drive.done(number + 1, f"resp_{number}_again")
    assert not drive.commands(c.HangUp, everything=True)


def test_lost_while_it_drains_nothing_of_the_conversation_changes(drive: Drive) -> None:
    drive.hear()
    drive.feed(h.OperatorReconnected())
    drive.ready()
    drive.lose(1)
    assert drive.only(c.CloseSession).epoch == 1
    assert not drive.commands(c.OpenSession)
    assert drive.items[0].data["transcript_error"] == "session_closed"


def test_lost_while_it_is_to_be_replaced_the_replacement_takes_over_as_soon_as_it_can(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.OperatorReconnected())
    drive.ready(2)
    assert drive.machine._context.on_duty == 1
    drive.lose(1)
    assert drive.machine._context.on_duty == 2
    assert drive.only(c.CreateResponse).epoch == 2


def test_a_response_told_to_stop_by_its_caller_is_over_when_its_session_is_lost(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer()
    drive.start(1, "resp_2")
    drive.call(1, "resp_2", "lookup", call_id="call_2")
    drive.feed(h.CallerCancelled())
    drive.lose()
    assert all_replies(drive)[-1][:2] == ("done", "cancelled")
    drive.answer("call_2")
    drive.ready()
    assert not drive.commands(c.CreateResponse)


def test_a_request_that_was_cancelled_is_not_asked_again(drive: Drive) -> None:
    drive.type("hello")
    drive.feed(h.CallerCancelled())
    drive.lose()
    drive.ready()
    assert not drive.commands(c.CreateResponse)


def test_a_muted_response_is_owed_to_nobody(drive: Drive) -> None:
    drive.type("hello")
    drive.feed(h.CallerCancelled())
    drive.start(1, "resp_1")
    drive.lose()
    drive.ready()
    assert not drive.commands(c.CreateResponse)


# --- never coming back ------------------------------------------------------------------------------------


def test_an_engine_that_never_comes_back_ends_the_call_with_a_reason() -> None:
    drive = Drive(timing=Timing(retries=(0.0, 2.0)))
    drive.join()
    drive.type("hello")
    for pause in (0.0, 2.0, 0.0):
        drive.lose()
        drive.pass_time(pause)
    assert [command.reason for command in drive.commands(c.HangUp, everything=True)] == ["engine_lost"]
    ended = drive.notices(n.EndedNotice, everything=True)
    assert [(notice.by, notice.reason) for notice in ended] == [("service", "engine_lost")]
    refusal = drive.notices(n.RefusalNotice, everything=True)[0]
    assert (refusal.code, refusal.kind) == ("engine_lost", "server_error")
    assert links(drive)[-1] == "failed"
    assert drive.machine.finished


def test_nobody_waits_long_for_an_engine_that_takes_its_time_to_be_unreachable() -> None:
    drive = Drive()
    drive.join(ready=False)
    waited = 0.0
    while not drive.commands(c.HangUp, everything=True) and waited < 100:
        drive.pass_time(1.0)
        waited += 1.0
    assert waited <= Timing().open + Timing().unreached + Timing().open


def test_pauses_begin_anew_once_a_session_has_stood_for_a_while() -> None:
    drive = Drive(timing=Timing(retries=(0.0,)))
    drive.join()
    for _ in range(5):
        drive.pass_time(Timing().steady)
        drive.lose()
        drive.ready()
    assert not drive.commands(c.HangUp, everything=True)


def test_an_engine_whose_sessions_are_lost_as_soon_as_they_open_is_given_up() -> None:
    timing = Timing()
    drive = Drive(timing=timing)
    drive.join()
    for pause in timing.retries:
        drive.lose()
        drive.pass_time(pause)
        drive.ready()
    assert not drive.commands(c.HangUp, everything=True)
    drive.lose()
    assert drive.only(c.HangUp).reason == "engine_lost"


def test_a_refusal_that_no_new_try_can_help_ends_the_call_at_once() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.lose(code="invalid_api_key", retryable=False)
    assert drive.only(c.HangUp).reason == "invalid_api_key"


def test_a_session_that_expired_is_replaced_though_it_cannot_be_tried_again(drive: Drive) -> None:
    drive.lose(code="session_expired", retryable=False)
    drive.only(c.OpenSession)


def test_a_caller_who_left_meanwhile_is_not_called_back(drive: Drive) -> None:
    drive.lose()
    drive.lose()
    drive.feed(h.CallLeft("call_a", "gone"))
    assert drive.pass_time(20) == []
