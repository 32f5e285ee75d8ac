"""Sessions are opened, confirmed, committed, rolled back, lost and replaced, in every stage of a turn."""

from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core import switching
from orchestrator.core.context import Timing
from orchestrator.core.definition import Definition, Limits
from orchestrator.core.transitions import Authority
from tests.core.driving import Drive, Shelf, agent, all_replies, definition, links

pytestmark = pytest.mark.unit


# --- refused, rolled back ---------------------------------------------------------------------------------


def test_the_target_of_a_handoff_refuses_and_the_old_agent_speaks(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.lose(2, code="cannot_update_voice", retryable=False)
    assert drive.machine.agent == "triage"
    assert drive.notices(n.AgentNotice)[0].stage == "rolled_back"
    row = drive.rows(r.HandoffRow)[-1]
    assert (row.outcome, row.error) == ("rolled_back", "cannot_update_voice: It is gone.")
    output = drive.only(c.SendItem).item.output or ""
    assert "cannot be reached now" in output
    assert drive.only(c.CreateResponse).epoch == 1
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "I shall help you myself.")
    drive.done(1, "resp_2")
    assert [stage for stage, _, _ in all_replies(drive)] == ["added", "done"]
    assert drive.kept()


def test_an_operators_handoff_that_is_refused_is_written_down_and_nothing_else_happens(drive: Drive) -> None:
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.lose(2)
    assert drive.rows(r.HandoffRow)[-1].outcome == "rolled_back"
    assert drive.machine.agent == "triage"
    assert not drive.commands(c.CreateResponse)


def test_a_replacement_that_cannot_be_opened_leaves_the_session_on_duty(drive: Drive) -> None:
    drive.feed(h.OperatorReconnected())
    drive.lose(2, retryable=False)
    assert not drive.commands(c.HangUp)
    drive.type("hello")
    assert drive.only(c.CreateResponse).epoch == 1


def test_rolling_back_what_was_not_begun_does_nothing(drive: Drive) -> None:
    switching.roll_back(drive.machine._context, "code", "message")
    assert drive.machine._context.commands == []


def failing(_context: Any) -> str:
    raise RuntimeError("broken")


def test_a_replacement_whose_instructions_fail_leaves_the_session_on_duty(drive: Drive) -> None:
    drive.machine.definition = Definition({"triage": agent("triage", instructions=failing)}, "triage")
    drive.feed(h.OperatorReconnected())
    assert not drive.commands(c.HangUp)
    assert drive.authority() is Authority.SETTLED


# --- when to switch ---------------------------------------------------------------------------------------


def test_a_replacement_waits_for_the_end_of_the_reply_with_all_its_tools(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(h.OperatorReconnected())
    drive.ready(2)
    assert drive.machine._context.on_duty == 1
    drive.answer()
    assert drive.only(c.CreateResponse).epoch == 1
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Here you are.")
    assert drive.machine._context.on_duty == 1
    drive.done(1, "resp_2")
    assert drive.machine._context.on_duty == 2
    assert [item.kind for item in drive.sent(2, everything=True)] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]


def test_a_replacement_waits_while_the_caller_speaks(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.feed(h.OperatorReconnected())
    drive.ready(2)
    assert drive.machine._context.on_duty == 1
    drive.feed(e.SpeechStopped(1, "item_u"))
    assert drive.machine._context.on_duty == 2


def test_a_replacement_does_not_keep_the_caller_waiting_while_it_is_opened(drive: Drive) -> None:
    drive.feed(h.OperatorReconnected())
    drive.type("hello")
    assert drive.only(c.CreateResponse).epoch == 1


def test_one_switch_at_a_time(drive: Drive) -> None:
    drive.feed(h.OperatorReconnected())
    drive.feed(h.OperatorReconnected())
    assert not drive.commands(c.OpenSession)


def test_a_session_that_says_twice_that_it_is_ready_is_ready_once(drive: Drive) -> None:
    assert drive.ready(1) == []


def test_what_the_caller_says_while_a_handoff_is_staged_the_next_agent_hears_first(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.hear("item_late", epoch=1)
    drive.ready(2)
    assert drive.machine.agent == "restaurant"
    assert not drive.commands(c.CreateResponse)
    drive.feed(e.TranscriptDone(1, "item_late", "with olives"))
    kinds = [type(command) for command in drive.fresh]
    assert kinds.index(c.SendItem) < kinds.index(c.CreateResponse)
    assert drive.only(c.SendItem).item.text == "with olives"


def test_a_transcript_that_never_comes_does_not_keep_the_next_agent_silent(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.hear("item_late", epoch=1)
    drive.ready(2)
    drive.pass_time(5)
    assert drive.only(c.CreateResponse).epoch == 2


def test_text_that_is_typed_during_a_switch_reaches_the_next_session(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.type("with olives", respond=False)
    assert drive.sent(2)[-1].text == "with olives"


# --- before a session expires -----------------------------------------------------------------------------


def expiring(drive: Drive, seconds: float = 3600.0) -> Drive:
    drive.join(ready=False)
    drive.ready(1, drive.now + seconds)
    return drive


def test_a_session_is_replaced_ahead_of_its_end_at_a_quiet_moment() -> None:
    drive = expiring(Drive())
    drive.pass_time(3600 - 121)
    assert not drive.commands(c.OpenSession)
    drive.pass_time(1)
    assert drive.only(c.OpenSession).epoch == 2
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.ready(2, drive.now + 3600)
    assert drive.machine._context.on_duty == 1
    drive.speak(1, "resp_1", "Hi")
    drive.done(1, "resp_1")
    assert drive.machine._context.on_duty == 2
    assert drive.rows(r.SessionRow)[-1].close_reason == "rollover"
    assert links(drive) == ["restored"]


def test_a_session_whose_caller_is_never_quiet_is_replaced_all_the_same_and_the_reply_goes_on() -> None:
    drive = expiring(Drive())
    drive.pass_time(3600 - 130)
    drive.type("tell me everything")
    drive.start(1, "resp_1")
    drive.pass_time(10)
    drive.ready(2, drive.now + 3600)
    drive.begin_speaking(1, "resp_1", "Once upon")
    assert drive.machine._context.on_duty == 1
    drive.now += 99
    drive.feed(e.OutputDelta(1, "resp_1", "item_resp_1", "text", " a time"))
    assert drive.machine._context.on_duty == 1
    drive.pass_time(1)
    assert drive.machine._context.on_duty == 2
    assert drive.only(c.CreateResponse).epoch == 2
    assert drive.sent(2)[-1].text == "Once upon a time"
    assert [stage for stage, _, _ in all_replies(drive)] == ["added"]


def test_a_forced_replacement_that_is_not_ready_yet_happens_when_it_is() -> None:
    drive = expiring(Drive(timing=Timing(open=300.0)))
    drive.pass_time(3600 - 130)
    drive.type("tell me everything")
    drive.start(1, "resp_1")
    drive.pass_time(10)
    for _ in range(10):
        drive.now += 10
        drive.feed(e.OutputDelta(1, "resp_1", "item_x", "text", "and"))
    assert drive.machine._context.on_duty == 1
    drive.ready(2)
    assert drive.machine._context.on_duty == 2


def test_a_replacement_that_failed_is_tried_again_before_the_end() -> None:
    drive = expiring(Drive())
    drive.pass_time(3600 - 120)
    drive.lose(2)
    assert not drive.commands(c.OpenSession)
    drive.pass_time(60)
    assert drive.only(c.OpenSession).epoch == 3


def test_a_handoff_that_is_rolled_back_near_the_end_does_not_forget_the_end() -> None:
    drive = expiring(Drive())
    drive.called("transfer_to_restaurant")
    drive.lose(2)
    assert "rollover" in drive.machine._context.timers


def test_sessions_that_live_shortly_are_replaced_half_way_and_not_over_and_over() -> None:
    drive = expiring(Drive(), 30)
    opened = 1
    for _ in range(60):
        drive.pass_time(1)
        for command in drive.commands(c.OpenSession):
            opened += 1
            drive.ready(command.epoch, drive.now + 30)
    assert 3 <= opened <= 6


def test_an_end_that_is_in_the_past_is_not_believed() -> None:
    drive = expiring(Drive(), -5)
    assert drive.machine.deadline is None


def test_the_agent_who_takes_over_brings_its_own_limit_of_the_call() -> None:
    agents = dict(definition().agents) | {"human": agent("human", limits=Limits(duration=100))}
    drive = Drive(Shelf(agent="restaurant"), definition_=Definition(agents, "triage"))
    drive.join()
    drive.pass_time(50)
    drive.feed(h.OperatorHandedOff("human"))
    drive.ready()
    assert drive.machine._context.timers["duration"] == 1100
    drive.start(2, "resp_1")
    drive.done(2, "resp_1")
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    assert "duration" not in drive.machine._context.timers
