"""Tool runs that are under way: told, stopped, and left alone at the end."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator import ToolContext, tool
from orchestrator.call.tool_desk import ToolDesk
from orchestrator.core.commands import RunTool
from orchestrator.core.definition import ToolSpec
from orchestrator.core.events import ToolProgressed, ToolReturned
from orchestrator.core.problems import Findings
from orchestrator.core.tool_specs import compile_tool
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

Told = ToolReturned | ToolProgressed
COMMAND = RunTool("call_1", 1, "desk", "wait", {}, {}, 20.0)


@tool
async def wait(ctx: ToolContext) -> str:
    """Say something, then wait for ever."""
    ctx.say_progress("One moment.")
    await asyncio.Event().wait()
    return "never"


@tool
async def answer() -> str:
    """Answer."""
    return "done"


def spec_of(declared: Any) -> ToolSpec:
    compiled = compile_tool(declared, Findings("shop"))
    assert compiled is not None
    return compiled[0]


async def told_of(spec: ToolSpec | None, then: Callable[[ToolDesk], None] | None = None) -> list[Told]:
    told: list[Told] = []
    heard = asyncio.Event()

    def feed(event: Told) -> None:
        told.append(event)
        heard.set()

    desk = ToolDesk("conv_1", {}, feed, None)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        desk.run(group, COMMAND, spec)
        await heard.wait()
        if then is not None:
            then(desk)
    return told


async def test_what_a_tool_answers_is_told() -> None:
    [returned] = await told_of(spec_of(answer))
    assert isinstance(returned, ToolReturned)
    assert (returned.outcome, returned.output) == ("completed", "done")


async def test_a_tool_that_is_gone_is_cancelled() -> None:
    [returned] = await told_of(None)
    assert isinstance(returned, ToolReturned)
    assert returned.outcome == "cancelled"


async def test_a_run_that_is_stopped_says_so() -> None:
    progress, returned = await told_of(spec_of(wait), lambda desk: desk.cancel("call_1"))
    assert progress == ToolProgressed("call_1", "One moment.")
    assert isinstance(returned, ToolReturned)
    assert returned.outcome == "cancelled"


async def test_at_the_end_no_run_answers_any_more() -> None:
    assert await told_of(spec_of(wait), lambda desk: desk.stop()) == [ToolProgressed("call_1", "One moment.")]


async def test_stopping_what_does_not_run_changes_nothing() -> None:
    assert len(await told_of(spec_of(answer), lambda desk: desk.cancel("call_9"))) == 1
