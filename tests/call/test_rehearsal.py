"""What the tools of a replay are told, and what is kept from the world."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator import State, ToolContext, tool
from orchestrator.call.rehearsal import Rehearsal
from orchestrator.call.tool_runner import run_tool
from orchestrator.core.commands import RunTool
from orchestrator.core.events import ToolReturned
from orchestrator.core.problems import Findings
from orchestrator.core.records import RevisionRow
from orchestrator.core.tool_specs import compile_tool
from orchestrator.core.turns import ToolUse

pytestmark = pytest.mark.unit


class Basket(State):
    loaves: int = 0
    number: str = ""


@tool
async def order(ctx: ToolContext, basket: Basket, count: int) -> str:
    """Order loaves."""
    basket.loaves += count
    basket.number = f"{ctx.conversation_id}/{ctx.tool_call_id}"
    ctx.record("sale", {"loaves": count})
    return "for practice" if ctx.replay else "for real"


@tool(rerun=False)
async def pay(ctx: ToolContext, amount: int) -> str:
    """Charge a card."""
    raise AssertionError("money was spent")


@tool(needs_approval=True)
async def refund(ctx: ToolContext, amount: int) -> str:
    """Give money back."""
    raise AssertionError("money was spent")


def use(name: str, call: str, output: str | None = "done", **fields: Any) -> ToolUse:
    outcome = fields.pop("outcome", "completed")
    return ToolUse(name=name, arguments=fields, outcome=outcome, output=output, tool_call_id=call)


async def run(declared: Any, rehearsal: Rehearsal, call: str = "call_new", **arguments: Any) -> ToolReturned:
    compiled = compile_tool(declared, Findings("shop"))
    assert compiled is not None
    spec = compiled[0]
    states: dict[str, Any] = {"basket": {"loaves": 1, "number": ""}} if spec.states else {}
    command = RunTool(call, 1, "counter", spec.name, arguments, states, 5.0)
    return await run_tool(
        command, spec, conversation_id="conv_new", metadata={}, speak=print, rehearsal=rehearsal
    )


async def test_a_tool_runs_knows_that_it_is_a_replay_and_leaves_no_record() -> None:
    returned = await run(order, Rehearsal("conv_old"), count=2)
    assert (returned.tool_call_id, returned.output) == ("call_new", "for practice")
    assert returned.effects.states["basket"]["loaves"] == 3
    assert (returned.effects.records, returned.effects.statements) == ((), ())


async def test_what_a_tool_derives_from_its_call_comes_out_as_it_did() -> None:
    rehearsal = Rehearsal("conv_old", [use("order", "call_1", count=1), use("order", "call_2", count=2)])
    returned = await run(order, rehearsal, count=2)
    assert returned.effects.states["basket"]["number"] == "conv_old/call_2"
    new = await run(order, rehearsal, "call_other", count=7)
    assert new.effects.states["basket"]["number"] == "conv_old/call_other"


async def test_a_tool_that_reaches_outside_answers_as_it_did() -> None:
    change = RevisionRow(
        state="basket",
        revision=1,
        value={"loaves": 9},
        item_id="item_1",
        sequence=1,
        tool_call_id="call_1",
        created_at=0.0,
    )
    returned = await run(
        pay, Rehearsal("conv_old", [use("pay", "call_1", "paid", amount=5)], [change]), amount=5
    )
    assert (returned.outcome, returned.output) == ("completed", "paid")
    assert returned.effects.states == {"basket": {"loaves": 9}}


async def test_one_that_failed_fails_again() -> None:
    rehearsal = Rehearsal("conv_old", [use("pay", "call_1", "no money", outcome="failed", amount=5)])
    returned = await run(pay, rehearsal, amount=5)
    assert (returned.outcome, returned.output, returned.error_code) == ("failed", "no money", "replayed")


@pytest.mark.parametrize("declared", [pay, refund])
async def test_without_such_a_call_in_the_original_it_is_not_run(declared: Any) -> None:
    rehearsal = Rehearsal("conv_old", [use("pay", "call_1", "paid", amount=5)])
    returned = await run(declared, rehearsal, amount=6)
    assert (returned.outcome, returned.error_code) == ("failed", "not_replayed")


def test_each_call_of_the_original_is_repeated_once_and_to_its_own_repetition_always() -> None:
    rehearsal = Rehearsal("conv_old", [use("order", "call_1", count=1), use("order", "call_2", count=1)])
    first = rehearsal.recorded("a", "order", {"count": 1.0})
    second = rehearsal.recorded("b", "order", {"count": 1})
    assert first is not None
    assert second is not None
    assert (first.use.tool_call_id, second.use.tool_call_id) == ("call_1", "call_2")
    assert rehearsal.recorded("a", "order", {"count": 1}) is first
    assert rehearsal.recorded("c", "order", {"count": 1}) is None


def test_effects_are_cut_down_to_states() -> None:
    returned = ToolReturned("call_1", 1, "completed", "done")
    assert Rehearsal.kept(replace(returned)) == returned
