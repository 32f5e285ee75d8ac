"""One run of a tool, and every way in which it can end."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from orchestrator import State, ToolContext, ToolError, tool
from orchestrator.call.tool_runner import cancelled, run_tool
from orchestrator.core.commands import RunTool
from orchestrator.core.definition import ToolSpec
from orchestrator.core.events import ToolReturned
from orchestrator.core.json_value import JsonObject
from orchestrator.core.problems import Findings
from orchestrator.core.tool_specs import compile_tool

pytestmark = pytest.mark.unit


class Basket(State):
    loaves: int = 0


@tool
async def add(ctx: ToolContext, basket: Basket, count: int) -> str:
    """Add loaves."""
    basket.loaves += count
    ctx.record("sale", {"loaves": count})
    return f"{basket.loaves} loaves"


@tool
def price() -> dict[str, int]:
    """Tell the price."""
    return {"cents": 310}


@tool
def refuse() -> None:
    """Fail on purpose."""
    raise ToolError("The oven is cold.")


@tool
def break_down() -> None:
    """Fail by accident."""
    raise RuntimeError("password hunter2")


@tool
async def wait_for_ever() -> None:
    """Never answer."""
    await asyncio.Event().wait()


@tool
async def time_out_inside() -> None:
    """Fail by a timeout of its own."""
    raise TimeoutError


@tool
def goodbye(ctx: ToolContext) -> str:
    """End the call."""
    ctx.say_progress("One moment.")
    ctx.end("done")
    return "bye"


def command(name: str, timeout: float = 5.0, **arguments: Any) -> RunTool:
    states: dict[str, JsonObject] = {"basket": {"loaves": 1}} if name == "add" else {}
    return RunTool("call_1", 2, "counter", name, arguments, states, timeout)


def specification(declared: Any) -> ToolSpec:
    compiled = compile_tool(declared, Findings("shop"))
    assert compiled is not None
    return compiled[0]


async def run(
    declared: Any, *, seconds: float = 5.0, said: list[str] | None = None, **arguments: Any
) -> ToolReturned:
    spec = specification(declared)
    heard = [] if said is None else said
    asked = command(spec.name, seconds, **arguments)
    return await run_tool(asked, spec, conversation_id="conv_1", metadata={}, speak=heard.append)


async def test_a_tool_answers_with_its_result_and_its_effects() -> None:
    returned = await run(add, count=2)
    assert (returned.tool_call_id, returned.attempt) == ("call_1", 2)
    assert (returned.outcome, returned.output) == ("completed", "3 loaves")
    assert returned.effects.states == {"basket": {"loaves": 3}}
    assert [record.data for record in returned.effects.records] == [{"loaves": 2}]


async def test_a_result_that_is_no_text_is_told_as_json() -> None:
    assert (await run(price)).output == '{"cents":310}'


async def test_a_tool_may_speak_while_it_runs_and_end_the_call() -> None:
    said: list[str] = []
    returned = await run(goodbye, said=said)
    assert said == ["One moment."]
    assert returned.end_call == "done"


async def test_a_failure_on_purpose_is_told_to_the_model() -> None:
    returned = await run(refuse)
    assert (returned.outcome, returned.error_code) == ("failed", "tool_failed")
    assert "The oven is cold." in returned.output


async def test_a_failure_by_accident_is_logged_and_its_message_kept_from_everybody() -> None:
    with capture_logs() as lines:
        returned = await run(break_down)
    assert (returned.outcome, returned.error_code) == ("failed", "tool_defect")
    assert "hunter2" not in returned.output + str(lines)
    assert [line["error"] for line in lines] == ["RuntimeError"]


async def test_a_tool_that_takes_too_long_is_stopped() -> None:
    returned = await run(wait_for_ever, seconds=0.0)
    assert (returned.outcome, returned.error_code) == ("timed_out", "timed_out")


async def test_a_timeout_of_the_tools_own_is_its_failure() -> None:
    assert (await run(time_out_inside)).outcome == "failed"


async def test_a_tool_that_the_application_answers_cannot_be_run() -> None:
    client = replace(specification(price), run=None)
    returned = await run_tool(command("price"), client, conversation_id="conv_1", metadata={}, speak=print)
    assert (returned.outcome, returned.error_code) == ("failed", "unknown_tool")


def test_a_run_that_was_stopped_says_so() -> None:
    assert cancelled(command("price")).outcome == "cancelled"
