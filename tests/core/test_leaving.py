"""Hanging up and leaving, in every stage: all that began ends, and then there is nothing but persistence."""

from collections.abc import Callable

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import leaving
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.transitions import Authority, Turn
from tests.core.driving import Drive, Shelf
from tests.core.ledger import AFTER_THE_END

pytestmark = pytest.mark.unit


def joined(who: str = "restaurant") -> Drive:
    drive = Drive(Shelf(agent=who))
    drive.join()
    return drive


def opening() -> Drive:
    drive = Drive(Shelf(agent="restaurant"))
    drive.join(ready=False)
    return drive


def idle() -> Drive:
    return joined()


def listening() -> Drive:
    drive = joined()
    drive.feed(e.SpeechStarted(1, "item_u"))
    return drive


def transcribing() -> Drive:
    drive = joined()
    drive.hear()
    return drive


def waiting() -> Drive:
    drive = opening()
    drive.type("hello")
    return drive


def requested() -> Drive:
    drive = joined()
    drive.type("hello")
    return drive


def responding() -> Drive:
    drive = requested()
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel")
    return drive


def working() -> Drive:
    drive = joined()
    drive.called("add", "add", "slow", "pay")
    return drive


def settling() -> Drive:
    drive = joined()
    drive.hold_settlements = True
    drive.called("add")
    drive.answer(effects=r.Effects(states={"cart": {"lines": [1]}}))
    return drive


def client_acts() -> Drive:
    drive = joined("triage")
    drive.called("pick")
    return drive


def staged() -> Drive:
    drive = joined()
    drive.called("transfer_to_triage")
    return drive


def beside() -> Drive:
    drive = joined()
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    drive.start(1, "resp_side")
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    return drive


def retrying() -> Drive:
    drive = joined()
    drive.lose()
    drive.lose()
    return drive


def draining() -> Drive:
    drive = transcribing()
    drive.feed(h.OperatorReconnected())
    drive.ready()
    return drive


STAGES = [
    opening,
    idle,
    listening,
    transcribing,
    waiting,
    requested,
    responding,
    working,
    settling,
    client_acts,
    staged,
    beside,
    retrying,
    draining,
]


@pytest.fixture(params=STAGES, ids=lambda stage: stage.__name__)
def drive(request: pytest.FixtureRequest) -> Drive:
    stage: Callable[[], Drive] = request.param
    return stage()


def ends_well(drive: Drive) -> None:
    """Everything that was told to begin has ended, and the machine comes to rest without anybody."""
    begun = [notice.reply.id for notice in drive.notices(n.ReplyNotice, everything=True)]
    assert all(begun.count(name) == 2 for name in begun)
    assert drive.whose() is Turn.IDLE
    assert drive.authority() is Authority.ENDED
    drive.hold_settlements = False
    for settlement in drive.held:
        drive.feed(drive.shelf.keep(settlement) or h.TimePassed())
        assert all(isinstance(command, AFTER_THE_END) for command in drive.fresh)
    for command in drive.commands(c.RunTool, everything=True):
        drive.answer(command.tool_call_id)
        assert all(isinstance(command, AFTER_THE_END) for command in drive.fresh)
    while not drive.machine.finished:
        assert drive.machine.deadline is not None
        drive.pass_time(drive.machine.deadline - drive.now)
        assert all(isinstance(command, AFTER_THE_END) for command in drive.fresh)
    assert drive.machine.deadline is None
    assert drive.machine.durable.unanswered == ()
    opened = [command.epoch for command in drive.commands(c.OpenSession, everything=True)]
    assert opened == sorted(command.epoch for command in drive.commands(c.CloseSession, everything=True))
    assert drive.kept()


def test_after_a_hang_up_there_is_nothing_but_persistence(drive: Drive) -> None:
    drive.feed(h.OperatorEnded("operator", "enough"))
    hung_up = next(index for index, command in enumerate(drive.fresh) if isinstance(command, c.HangUp))
    assert all(isinstance(command, AFTER_THE_END) for command in drive.fresh[hung_up + 1 :])
    assert drive.notices(n.EndedNotice) == [n.EndedNotice("operator", "enough")]
    ends_well(drive)


def test_after_the_caller_left_there_is_nothing_but_persistence(drive: Drive) -> None:
    drive.feed(h.CallLeft("call_a", "gone", {"loss": 3}))
    assert not drive.commands(c.HangUp)
    call = drive.rows(r.CallRow)[-1]
    assert (call.left_at, call.leave_reason, call.statistics) == (drive.now, "gone", {"loss": 3})
    assert drive.rows(r.ConversationRow)[-1].status == "idle"
    ends_well(drive)


def test_nothing_new_begins_after_the_end(drive: Drive) -> None:
    drive.feed(h.CallLeft("call_a", "gone"))
    for event in (
        h.CallerAskedResponse(),
        h.OperatorSaid("Hello?"),
        h.OperatorEnded("operator"),
        h.ToolApproved("call_4", approve=True),
        h.KeyPressed("1"),
    ):
        assert drive.feed(event) == []


def test_only_the_call_that_is_there_can_end() -> None:
    drive = joined()
    assert drive.feed(h.CallLeft("call_b", "gone")) == []
    drive.feed(h.CallLeft("call_a", "gone"))
    context = drive.machine._context
    leaving.hang_up(context, by="service", reason="again")
    leaving.call_left(context, "call_a", "again", {})
    assert context.commands == []


def test_a_conversation_that_is_over_for_good_says_who_ended_it() -> None:
    drive = Drive()
    drive.join()
    drive.feed(h.OperatorEnded("operator", "abuse", final=True))
    row = drive.rows(r.ConversationRow)[-1]
    assert (row.status, row.ended_by) == ("ended", "operator")


def test_a_handoff_that_the_end_overtook_is_written_down_as_rolled_back() -> None:
    drive = Drive()
    drive.join()
    drive.called("transfer_to_restaurant")
    drive.feed(h.CallLeft("call_a", "gone"))
    row = drive.rows(r.HandoffRow)[-1]
    assert (row.outcome, row.error) == ("rolled_back", "the call ended")


def test_transcripts_that_come_after_the_end_are_kept() -> None:
    drive = Drive()
    drive.join()
    drive.hear()
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.feed(e.TranscriptDone(1, "item_heard", "never mind"))
    assert drive.items[0].text == "never mind"
    drive.only(c.CloseSession)
    assert drive.machine.finished


def test_a_session_that_drained_already_is_closed_with_the_call_once_it_owes_nothing_more() -> None:
    drive = Drive()
    drive.join()
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    drive.feed(h.OperatorReconnected())
    drive.ready()
    assert not drive.commands(c.CloseSession)
    drive.feed(h.CallLeft("call_a", "gone"))
    assert {command.epoch for command in drive.commands(c.CloseSession)} == {1, 2}
    assert drive.machine.finished
