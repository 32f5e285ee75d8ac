"""The link to one session: what it is told, what it confirms, how it ends."""

from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import linking
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.definition import Definition
from orchestrator.core.items import ItemStatus
from tests.core.driving import Drive, agent, definition

pytestmark = pytest.mark.unit


def test_a_session_has_its_row_from_the_opening_to_the_closing() -> None:
    able = EngineAbilities(engine="openai", model="gpt-realtime")
    drive = Drive(abilities=able)
    drive.join(ready=False)
    row = drive.rows(r.SessionRow)[-1]
    assert (row.epoch, row.agent, row.engine, row.model, row.opened_at) == (
        1,
        "triage",
        "openai",
        "gpt-realtime",
        1000,
    )
    drive.now += 1
    drive.ready()
    assert drive.rows(r.SessionRow)[-1].ready_at == 1001
    drive.feed(h.CallLeft("call_a", "gone"), after=1)
    closed = drive.rows(r.SessionRow)[-1]
    assert (closed.closed_at, closed.close_reason) == (1002, "call ended")


def failing(_context: Any) -> str:
    raise RuntimeError("broken")


def test_an_agent_that_cannot_be_instructed_takes_no_epoch() -> None:
    agents = dict(definition().agents) | {"restaurant": agent("restaurant", instructions=failing)}
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.feed(h.OperatorReconnected())
    assert drive.only(c.OpenSession).epoch == 2


def test_a_session_that_owes_nothing_is_closed_when_it_is_replaced(drive: Drive) -> None:
    drive.feed(h.OperatorReconnected())
    drive.ready()
    assert drive.only(c.CloseSession) == c.CloseSession(1, "reconnect")


def test_a_session_that_owes_a_transcript_drains_until_it_came_or_for_a_while(drive: Drive) -> None:
    drive.hear()
    drive.feed(h.OperatorReconnected())
    drive.ready()
    assert not drive.commands(c.CloseSession)
    assert drive.machine.deadline == drive.now + 5
    drive.pass_time(5)
    assert drive.only(c.CloseSession) == c.CloseSession(1, "drained")
    assert drive.items[0].data["transcript_error"] == "session_closed"
    assert drive.notices(n.TranscriptNotice)[0].code == "session_closed"
    assert drive.kept()


def test_a_caller_item_that_its_session_did_not_finish_is_finished_when_it_is_lost(drive: Drive) -> None:
    drive.feed(e.AudioCommitted(1, "item_u"))
    drive.lose()
    assert drive.items[0].status is ItemStatus.COMPLETED
    assert [notice.stage for notice in drive.notices(n.ItemNotice)] == ["done"]


def test_a_response_that_is_cut_short_leaves_what_was_told_of_it(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel")
    drive.call(1, "resp_1", "lookup")
    drive.feed(
        e.OutputItemAdded(
            1, "resp_1", e.EngineItem("item_c", "function_call", None, "in_progress", name="lookup")
        )
    )
    drive.lose()
    assert [(item.text, item.status.value) for item in drive.items if item.role == "assistant"] == [
        ("Hel", "incomplete")
    ]
    assert [item.status.value for item in drive.items if item.kind == "function_call"] == [
        "completed",
        "incomplete",
    ]
    row = drive.rows(r.ResponseRow)[-1]
    assert (row.status, row.done_at) == ("failed", drive.now)


def test_ending_a_response_that_is_not_there_does_nothing(drive: Drive) -> None:
    context = drive.machine._context
    assert context.session is not None
    linking.end_inference(context, context.session, "cancelled")
    assert context.commands == []


def test_a_muted_response_leaves_no_reply_and_no_round_behind_when_it_is_lost(drive: Drive) -> None:
    drive.type("hello")
    drive.feed(h.CallerCancelled())
    drive.start(1, "resp_1")
    drive.lose()
    assert drive.machine._context.reply is None
    assert drive.rows(r.ResponseRow)[-1].status == "failed"


def test_the_caller_is_heard_by_one_session_at_a_time() -> None:
    drive = Drive()
    drive.join(ready=False)
    assert drive.commands(c.RouteAudio) == [c.RouteAudio((1,), None)]
    drive.ready()
    assert drive.commands(c.RouteAudio) == [c.RouteAudio((1,), 1)]
    drive.feed(h.OperatorHandedOff("restaurant"))
    assert drive.commands(c.RouteAudio) == [c.RouteAudio((1,), 1)]
    drive.ready()
    assert drive.commands(c.RouteAudio) == [c.RouteAudio((2,), 2)]
    drive.lose()
    assert drive.commands(c.RouteAudio)[-1] == c.RouteAudio((3,), None)
    drive.lose()
    assert drive.commands(c.RouteAudio)[-1] == c.RouteAudio((), None)


def test_a_forced_switch_stops_the_response_that_it_cuts_and_drops_what_was_asked(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel")
    context = drive.machine._context
    drive.feed(h.OperatorReconnected())
    assert context.switch is not None
    context.switch.forced = True
    drive.ready()
    assert drive.only(c.CancelResponse).epoch == 1
    assert not drive.commands(c.CloseSession)
    assert drive.only(c.CreateResponse).epoch == 2
    drive.pass_time(5)
    assert drive.only(c.CloseSession).epoch == 1
    assert drive.commands(c.CreateResponse)[0].options == {"conversation": "none"}


def test_a_summary_that_nobody_waits_for_does_not_keep_a_session(drive: Drive) -> None:
    drive.called("transfer_to_human")
    drive.ready(2)
    drive.start(1, "resp_sum")
    drive.pass_time(8)
    assert drive.only(c.CloseSession).epoch == 1
    assert not [name for name in drive.machine._context.timers if name.startswith("side")]


def test_a_summary_that_was_only_asked_for_does_not_keep_a_session(drive: Drive) -> None:
    drive.called("transfer_to_human")
    drive.ready(2)
    drive.pass_time(8)
    assert drive.only(c.CloseSession).epoch == 1
    assert not [name for name in drive.machine._context.timers if name.startswith("side")]
