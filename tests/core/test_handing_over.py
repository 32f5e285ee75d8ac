import json
from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.definition import Definition, HistoryPolicy, InstructionContext, Limits
from orchestrator.core.items import Item
from tests.core.driving import Drive, Shelf, agent, definition, handoff

pytestmark = pytest.mark.unit


def desk(policy: HistoryPolicy | None = None, **options: Any) -> Drive:
    """A caller who has said hello to a desk, which hands over to a cook and no further."""
    edge = handoff("cook", history=policy or HistoryPolicy())
    cook = agent("cook", handoffs=(handoff("<back>"),), **options)
    drive = Drive(
        Shelf(agent="desk"),
        definition_=Definition({"desk": agent("desk", handoffs=(edge,)), "cook": cook}, "desk"),
    )
    drive.join()
    drive.turn(1, "resp_0", "hello", "Hi")
    return drive


def ask(
    drive: Drive, arguments: str = "{}", response: str = "resp_1", name: str = "transfer_to_cook"
) -> None:
    """The model hands over."""
    epoch = drive.machine._context.on_duty or 0
    drive.type("a pizza")
    drive.start(epoch, response)
    drive.call(epoch, response, name, arguments, f"call_{response}")
    drive.done(epoch, response)


def marker(drive: Drive) -> Item:
    (found,) = (item for item in drive.items if item.kind == "handoff")
    return found


def test_a_handoff_is_written_down_when_it_is_staged_and_when_it_is_committed() -> None:
    drive = desk()
    ask(drive, '{"reason": "hungry", "size": 2}')
    drive.pass_time(1.5)
    drive.ready()
    staged, committed = drive.rows(r.HandoffRow)
    assert (staged.source, staged.target, staged.reason, staged.payload) == (
        "desk",
        "cook",
        "hungry",
        {"size": 2},
    )
    assert (staged.cause, staged.outcome, staged.from_epoch, staged.to_epoch) == ("model", "staged", 1, 2)
    assert (committed.id, committed.outcome) == (staged.id, "committed")
    assert (committed.staged_at, committed.settled_at) == (drive.now - 1.5, drive.now)
    assert marker(drive).data == {
        "from": "desk", "to": "cook", "reason": "hungry", "payload": {"size": 2}, "cause": "model",
        "back": False, "history": "full", "seconds": 1.5,
    }  # fmt: skip
    told = drive.notices(n.AgentNotice, everything=True)
    assert [notice.stage for notice in told] == ["staged", "committed"]
    assert drive.kept()


def test_a_handoff_without_a_reason_has_that_of_its_edge() -> None:
    drive = desk()
    ask(drive)
    assert drive.rows(r.HandoffRow)[0].reason == "for cook"


def test_the_call_that_handed_over_is_answered_when_the_target_is_on_duty() -> None:
    drive = desk()
    ask(drive)
    assert not [item for item in drive.items if item.kind == "function_call_output"]
    drive.ready()
    (output,) = (item for item in drive.items if item.kind == "function_call_output")
    assert json.loads(output.output or "") == {"handed_off_to": "cook"}


@pytest.mark.parametrize(
    ("policy", "texts"),
    [
        (HistoryPolicy(), ["hello", "Hi", "a pizza"]),
        (HistoryPolicy(kind="last", count=1), ["a pizza"]),
        (HistoryPolicy(kind="none"), []),
    ],
)
def test_the_target_is_told_what_the_edge_lets_it_know_and_then_how_it_came(
    policy: HistoryPolicy, texts: list[str]
) -> None:
    drive = desk(policy)
    ask(drive, '{"reason": "hungry"}')
    told = [item.text for item in drive.sent(2, everything=True)]
    assert told == [*texts, "[desk handed the caller over to cook: hungry]"]


def test_what_the_policy_says_stands_in_the_marker() -> None:
    drive = desk(HistoryPolicy(kind="last", count=2))
    ask(drive)
    drive.ready()
    assert (marker(drive).data["history"], marker(drive).data["count"]) == ("last", 2)


def test_a_summary_is_asked_of_the_agent_who_leaves_before_anything_is_told() -> None:
    drive = desk(HistoryPolicy(kind="summary"))
    ask(drive)
    (asked,) = [command for command in drive.commands(c.CreateResponse) if command.epoch == 1]
    assert (asked.options["conversation"], asked.options["tools"]) == ("none", [])
    assert not drive.sent(2, everything=True)


def test_an_operator_who_hands_over_meanwhile_comes_too_late() -> None:
    drive = desk()
    ask(drive)
    drive.feed(h.OperatorHandedOff("cook"))
    drive.ready()
    assert marker(drive).data["cause"] == "model"


def test_a_handoff_gives_up_a_fresh_session_of_the_agent_who_leaves() -> None:
    drive = desk()
    drive.feed(h.OperatorReconnected())
    drive.feed(h.OperatorHandedOff("cook"))
    closed = drive.only(c.CloseSession)
    assert (closed.epoch, closed.reason) == (2, "superseded")
    assert drive.only(c.OpenSession).epoch == 3
    drive.ready()
    assert drive.machine.agent == "cook"


def test_the_caller_goes_back_to_the_agent_who_handed_over() -> None:
    drive = desk()
    ask(drive)
    drive.ready()
    drive.turn(2, "resp_2", "never mind", "Well")
    ask(drive, response="resp_3", name="transfer_to_back")
    drive.ready()
    assert drive.machine.agent == "desk"
    assert [item.data["back"] for item in drive.items if item.kind == "handoff"] == [False, True]


def refused(drive: Drive) -> tuple[str, str]:
    """Why a handoff did not take place: as the model was told, and as it is stored."""
    row = drive.rows(r.HandoffRow)[-1]
    assert row.outcome == "refused"
    assert row.settled_at == drive.now
    outputs = [item for item in drive.items if item.kind == "function_call_output"]
    return json.loads(outputs[-1].output or "")["code"], row.error or ""


def test_a_caller_is_not_handed_round_for_ever() -> None:
    agents = dict(definition().agents)
    agents["triage"] = agent("triage", handoffs=(handoff("restaurant"),), limits=Limits(handoffs=0))
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    drive.called("transfer_to_restaurant")
    code, error = refused(drive)
    assert (code, error) == (
        "handoff_loop", "The caller was handed over 0 times without a word. Go on yourself."
    )  # fmt: skip
    assert not drive.commands(c.OpenSession)


def test_a_handoff_is_refused_while_another_one_is_staged() -> None:
    drive = desk()
    drive.type("a pizza")
    drive.start(1, "resp_1")
    drive.feed(h.OperatorHandedOff("cook"))
    drive.call(1, "resp_1", "transfer_to_cook")
    drive.done(1, "resp_1")
    assert refused(drive) == ("superseded", "The caller is being handed over already.")


def test_a_target_that_cannot_be_instructed_is_not_reached_and_the_agent_goes_on() -> None:
    def broken(_: InstructionContext) -> str:
        raise RuntimeError("broken")

    drive = desk(instructions=broken)
    ask(drive)
    assert refused(drive)[1]
    assert not drive.commands(c.OpenSession)
    assert drive.only(c.CreateResponse).epoch == 1
