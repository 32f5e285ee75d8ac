import pytest

from orchestrator.core import commands as c
from orchestrator.core import notices as n
from orchestrator.core.timeline import fold
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


def test_a_typed_turn_is_answered_and_stored() -> None:
    drive = Drive()
    drive.join()
    drive.type("hello")
    assert drive.only(c.CreateResponse).epoch == 1
    drive.start(1, "resp_1")
    assert drive.notices(n.ReplyNotice)[0].stage == "added"
    drive.speak(1, "resp_1", "Hi there")
    drive.done(1, "resp_1")
    assert drive.notices(n.ReplyNotice)[0].reply.status == "completed"
    assert drive.whose() is Turn.IDLE
    assert [item.text for item in drive.machine.durable.items] == ["hello", "Hi there"]
    assert fold(drive.shelf.history()) == drive.machine.durable


def test_a_handoff_is_staged_confirmed_committed_then_spoken() -> None:
    drive = Drive()
    drive.join()
    drive.type("a pizza please")
    drive.start(1, "resp_1")
    drive.call(1, "resp_1", "transfer_to_restaurant", '{"reason": "orders food"}', "call_1")
    drive.done(1, "resp_1")
    assert drive.only(c.OpenSession).epoch == 2
    assert drive.machine.agent == "triage"
    drive.ready()
    assert drive.machine.agent == "restaurant"
    assert drive.only(c.CreateResponse).epoch == 2
    assert drive.commands(c.CloseSession)[0].epoch == 1
    drive.start(2, "resp_1")
    drive.speak(2, "resp_1", "What size?")
    drive.done(2, "resp_1")
    told = drive.notices(n.ReplyNotice, everything=True)
    assert [notice.stage for notice in told] == ["added", "done"]
    assert told[0].reply.id == told[1].reply.id
    assert fold(drive.shelf.history()) == drive.machine.durable
