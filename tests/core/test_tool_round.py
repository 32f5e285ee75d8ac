import json

import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from tests.core.driving import Drive

pytestmark = pytest.mark.unit

ADDED = r.Effects(states={"cart": {"lines": [1]}})


@pytest.fixture
def kitchen() -> Drive:
    """A caller whom the restaurant serves."""
    drive = Drive()
    drive.join()
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    return drive


def outputs(drive: Drive) -> dict[str, str]:
    """What every answered call was answered."""
    answered = [item for item in drive.items if item.kind == "function_call_output"]
    assert len({item.tool_call_id for item in answered}) == len(answered)
    return {item.tool_call_id or "": item.output or "" for item in answered}


def code(drive: Drive, call_id: str = "call_1") -> str:
    return str(json.loads(outputs(drive)[call_id])["code"])


def running(drive: Drive) -> list[str]:
    return [command.tool_call_id for command in drive.commands(c.RunTool)]


def call(drive: Drive, name: str, arguments: str, response: str) -> None:
    epoch = drive.machine._context.on_duty or 0
    drive.start(epoch, response)
    drive.call(epoch, response, name, arguments, f"call_{response}")
    drive.done(epoch, response)


def test_tools_run_side_by_side_and_are_told_together_before_one_response_is_asked_for(
    kitchen: Drive,
) -> None:
    kitchen.called("lookup", "slow")
    kitchen.answer("call_2", '"two"')
    assert not kitchen.sent()
    assert not kitchen.commands(c.CreateResponse)
    kitchen.answer("call_1", '"one"')
    assert {item.output for item in kitchen.sent()} == {'"one"', '"two"'}
    assert kitchen.only(c.CreateResponse).epoch == 2
    assert kitchen.kept()


def test_tools_that_take_a_state_run_one_after_another(kitchen: Drive) -> None:
    kitchen.type("please")
    kitchen.start(2, "resp_1")
    kitchen.call(2, "resp_1", "add", call_id="call_1")
    assert running(kitchen) == ["call_1"]
    kitchen.call(2, "resp_1", "add", call_id="call_2")
    kitchen.call(2, "resp_1", "lookup", call_id="call_3")
    assert running(kitchen) == ["call_3"]
    kitchen.answer("call_1", effects=ADDED)
    (second,) = kitchen.commands(c.RunTool)
    assert (second.tool_call_id, second.states) == ("call_2", {"cart": {"lines": [1]}})


def test_effects_are_settled_in_one_transaction_with_the_output(kitchen: Drive) -> None:
    kitchen.called("add")
    kitchen.hold_settlements = True
    kitchen.answer(output='"added"', effects=ADDED)
    (row,) = kitchen.held
    assert (row.tool_call_id, row.output.output, row.run.outcome) == ("call_1", '"added"', "completed")
    assert [(each.state, each.revision, each.value) for each in row.revisions] == [
        ("cart", 1, {"lines": [1]})
    ]
    assert outputs(kitchen) == {}
    kitchen.feed(h.Settled("call_1"))
    assert outputs(kitchen) == {"call_1": '"added"'}
    assert kitchen.notices(n.StateNotice)[0].value == {"lines": [1]}
    assert kitchen.machine._context.state("cart") == {"lines": [1]}


def test_effects_that_are_refused_change_nothing_and_the_model_is_told(kitchen: Drive) -> None:
    kitchen.called("add")
    kitchen.hold_settlements = True
    kitchen.answer(effects=ADDED)
    kitchen.feed(h.Settled("call_1", error="The total is wrong."))
    assert code(kitchen) == "effects_refused"
    assert kitchen.machine._context.state("cart") == {"lines": []}
    assert not kitchen.notices(n.StateNotice)


def test_a_call_that_was_settled_before_a_crash_keeps_its_first_output(kitchen: Drive) -> None:
    kitchen.called("add")
    kitchen.hold_settlements = True
    kitchen.answer(output='"again"', effects=ADDED)
    kitchen.feed(h.Settled("call_1", output='"once"'))
    assert outputs(kitchen) == {"call_1": '"once"'}
    assert not kitchen.notices(n.StateNotice)


@pytest.mark.parametrize("event", [
    h.ToolReturned("nobody", 1, "completed", '"late"'),
    h.ToolReturned("call_1", 7, "completed", '"of another life"'),
    h.Settled("call_1"),
    h.ToolApproved("call_1", approve=True),
])  # fmt: skip
def test_what_does_not_fit_the_call_is_ignored(kitchen: Drive, event: h.Event) -> None:
    kitchen.called("lookup")
    assert kitchen.feed(event) == []


def test_a_tool_answers_once(kitchen: Drive) -> None:
    kitchen.called("lookup")
    kitchen.answer(output='"first"')
    kitchen.answer(output='"second"')
    assert outputs(kitchen) == {"call_1": '"first"'}


def test_a_tool_that_nobody_knows_is_refused_with_those_that_there_are(kitchen: Drive) -> None:
    kitchen.called("bake")
    assert code(kitchen) == "unknown_tool"
    assert "There is no tool 'bake'. Use one of: add, lookup, slow, pay." in outputs(kitchen)["call_1"]


def test_bad_arguments_may_be_mended_once(kitchen: Drive) -> None:
    kitchen.type("please")
    for response in ("resp_1", "resp_2"):
        call(kitchen, "lookup", '{"bad": 1}', response)
    first, second = (json.loads(each) for each in outputs(kitchen).values())
    assert first["problems"] == ["bad: is not allowed; leave it out"]
    assert "Call the tool again" in first["error"]
    assert "apologise" in second["error"]
    assert [row.outcome for row in kitchen.rows(r.ToolRunRow)] == ["invalid", "invalid"]
    call(kitchen, "lookup", "{}", "resp_3")
    assert code(kitchen, "call_resp_3") == "tool_limit"


def test_two_bad_calls_of_one_response_count_as_one_try(kitchen: Drive) -> None:
    kitchen.type("please")
    kitchen.start(2, "resp_1")
    for number in ("1", "2"):
        kitchen.call(2, "resp_1", "lookup", '{"bad": 1}', f"call_{number}")
    assert all("Call the tool again" in output for output in outputs(kitchen).values())


@pytest.mark.parametrize(("approve", "outcome"), [(True, "running"), (False, "declined")])
def test_a_tool_that_needs_approval_waits_for_it(kitchen: Drive, approve: bool, outcome: str) -> None:
    kitchen.called("pay")
    assert not kitchen.rows(r.ToolRunRow)
    assert [notice.stage for notice in kitchen.notices(n.ToolNotice, everything=True)] == ["approval"]
    kitchen.feed(h.ToolApproved("call_1", approve=approve, reason="too dear"))
    row = kitchen.rows(r.ToolRunRow)[-1]
    assert row.outcome == outcome
    assert ("too dear" in (row.error or "")) != approve


@pytest.mark.parametrize(("name", "stopped"), [("slow", ["call_1"]), ("lookup", [])])
def test_a_caller_who_interrupts_stops_the_tools_that_say_so(
    kitchen: Drive, name: str, stopped: list[str]
) -> None:
    kitchen.called(name)
    kitchen.hear("item_a")
    told = [command.tool_call_id for command in kitchen.commands(c.CancelTool, everything=True)]
    assert told == stopped


def test_what_has_not_begun_when_the_caller_cancels_does_not_begin(kitchen: Drive) -> None:
    kitchen.called("add", "add", "pay")
    kitchen.feed(h.CallerCancelled())
    assert {code(kitchen, each) for each in ("call_2", "call_3")} == {"cancelled"}
    assert "call_1" not in outputs(kitchen)
    kitchen.answer("call_1")
    assert running(kitchen) == []
    assert not kitchen.commands(c.CreateResponse)


def test_a_client_that_leaves_abandons_its_tools(drive: Drive) -> None:
    drive.called("pick")
    drive.feed(h.CallLeft("call_a", "gone"))
    assert code(drive) == "abandoned"
    assert "The caller has left." in outputs(drive)["call_1"]
