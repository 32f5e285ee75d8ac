import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core import records as r
from orchestrator.core.context import Timing
from orchestrator.core.timekeeping import FILLER, next_due
from tests.core.driving import Drive, all_replies, links

pytestmark = pytest.mark.unit

NEXT = 0.01


def said(drive: Drive) -> list[str]:
    """What the service said by itself, now."""
    rows = [command.record for command in drive.commands(c.Persist)]
    return [row.item.text for row in rows if isinstance(row, r.ItemRow) and row.item.role == "assistant"]


@pytest.mark.parametrize(
    ("timers", "due"),
    [
        ({}, None),
        ({"retry": 1000.1}, None),
        ({"retry": 1000.0}, "retry"),
        ({"retry": 999.0, "open:1": 998.0, "summary": 1001.0}, "open:1"),
    ],
)
def test_the_earliest_timer_that_is_due_comes_first(timers: dict[str, float], due: str | None) -> None:
    ctx = Drive().machine._context
    ctx.now, ctx.timers = 1000.0, timers
    assert next_due(ctx) == due


def test_a_session_that_is_not_ready_in_time_is_opened_again() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.pass_time(Timing().open - NEXT)
    assert not drive.commands(c.OpenSession)
    drive.pass_time(NEXT)
    assert drive.only(c.OpenSession).epoch == 2


def test_an_engine_that_begins_no_response_is_lost(drive: Drive) -> None:
    drive.type("hello")
    drive.pass_time(Timing().first_event - NEXT)
    assert "lost" not in links(drive)
    drive.pass_time(NEXT)
    assert "lost" in links(drive)
    assert drive.only(c.OpenSession).epoch == 2


def test_silence_in_a_response_counts_from_the_last_that_was_heard(drive: Drive) -> None:
    silence = Timing().silence
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.pass_time(silence / 2)
    drive.begin_speaking(1, "resp_1", "Hi")
    drive.pass_time(silence - NEXT)
    assert "lost" not in links(drive)
    drive.pass_time(NEXT)
    assert "lost" in links(drive)


def test_a_response_that_was_told_to_stop_has_less_time(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hi")
    drive.feed(h.CallerCancelled())
    drive.pass_time(Timing().stopping)
    assert "lost" in links(drive)
    assert [status for _, status, _ in all_replies(drive)][-1] == "cancelled"


@pytest.mark.parametrize(("name", "words"), [("slow", "Let me look."), ("lookup", FILLER)])
def test_who_waits_for_a_tool_is_told_so_and_again_after_a_while(name: str, words: str) -> None:
    drive, timing = Drive(), Timing(silence=1000)
    drive.join()
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    drive.called(name)
    drive.pass_time(timing.filler - NEXT)
    assert said(drive) == []
    drive.pass_time(NEXT)
    assert set(said(drive)) == {words}
    drive.pass_time(timing.filler_again - NEXT)
    assert said(drive) == []
    drive.pass_time(NEXT)
    assert set(said(drive)) == {words}


def test_a_tool_that_was_answered_is_spoken_of_no_more(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer()
    drive.pass_time(Timing().filler)
    assert said(drive) == []


def test_a_tool_that_outlives_its_limit_and_the_grace_is_given_up(drive: Drive) -> None:
    drive.called("lookup")
    limit = drive.commands(c.RunTool, everything=True)[0].timeout
    drive.pass_time(limit + Timing().tool_grace - NEXT)
    assert drive.rows(r.ToolRunRow)[-1].outcome == "running"
    drive.pass_time(NEXT)
    assert drive.only(c.CancelTool).tool_call_id == "call_1"
    assert drive.rows(r.ToolRunRow)[-1].outcome == "timed_out"
    assert drive.only(c.CreateResponse).epoch == 1


def test_an_approval_that_does_not_come_is_none(drive: Drive) -> None:
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    drive.called("pay")
    drive.pass_time(Timing().approval - NEXT)
    assert not drive.rows(r.ToolRunRow)
    drive.pass_time(NEXT)
    row = drive.rows(r.ToolRunRow)[-1]
    assert (row.outcome, row.error_code) == ("declined", "declined")
    assert "Nobody approved it in time." in (row.error or "")


def test_a_summary_that_does_not_come_keeps_nobody_waiting(drive: Drive) -> None:
    drive.turn(1, "resp_0", "hello", "Hi")
    drive.called("transfer_to_human")
    drive.ready()
    assert drive.machine.agent == "triage"
    drive.pass_time(Timing().summary - NEXT)
    assert drive.machine.agent == "triage"
    drive.pass_time(NEXT)
    assert drive.machine.agent == "human"


def test_a_session_that_drains_is_closed_all_the_same(drive: Drive) -> None:
    drive.hear("item_a")
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    assert not [command for command in drive.commands(c.CloseSession, everything=True) if command.epoch == 1]
    drive.pass_time(Timing().drain)
    closed = drive.only(c.CloseSession)
    assert (closed.epoch, closed.reason) == (1, "drained")


def test_a_timer_has_its_effect_once(drive: Drive) -> None:
    drive.called("lookup")
    drive.pass_time(1000)
    assert not drive.pass_time(0)
