"""The caller of a replay, on a scripted engine: every way in which a turn can go."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from orchestrator import Agent, Handoff, Tool, ToolContext, tool
from orchestrator.call.engines import Engines
from orchestrator.call.rehearsal import Rehearsal
from orchestrator.call.replay_caller import CLIENT_STEPS, ReplayCaller, ReplayFailedError
from orchestrator.call.running import running
from orchestrator.call.switchboard import Switchboard
from orchestrator.cluster.ownership import Ownership
from orchestrator.core.declare import compile_agents, require
from orchestrator.core.errors import EngineError, EngineTimeoutError
from orchestrator.core.items import Part
from orchestrator.core.turns import Handover, Said, ToolUse, Turn
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.store.database import Database
from orchestrator.store.leases import LeaseTable
from orchestrator.store.performances import load_performance
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import Responder, SessionView, calls, says
from orchestrator.testing.turns import Turn as EngineTurn
from tests.databases import patient_database
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


show_map = Tool(name="show_map", description="Shows a map on the caller's screen.")


@tool(needs_approval=True)
async def refund(ctx: ToolContext) -> str:
    """Give money back."""
    return "never run in a replay"


@tool
async def goodbye(ctx: ToolContext) -> str:
    """Hang up."""
    ctx.end("over")
    return "bye"


class Desk(Agent):
    """Welcomes callers."""

    instructions = "Be kind."
    greeting = "Good morning."
    tools = [refund, goodbye, show_map]
    handoffs = [Handoff("kitchen", when="hungry")]


class Kitchen(Agent):
    """Cooks."""

    instructions = "Cook."
    handoffs = [Handoff("desk", when="anything else")]


Performed = Callable[..., Any]


def obedient(view: SessionView) -> EngineTurn:
    """Calls the tool that the caller names; says what a tool answered, and else what was heard."""
    if view.last_output is not None:
        return says(f"It answered {view.last_output}")
    name = view.user_text.removeprefix("use ")
    return calls(name) if name in view.tool_names else says(f"heard {view.user_text}")


@asynccontextmanager
async def board_with(
    url: str, responder: Responder, *, strict: bool = True
) -> AsyncIterator[tuple[Switchboard, Database]]:
    database = patient_database(url)
    definition = require(*compile_agents([Desk, Kitchen], "desk", package="tests"))
    async with ScriptedEngine(responder, listen=False, strict=strict) as engine:
        engines = Engines(EngineEndpoint(kind="compatible", url="ws://127.0.0.1:1"), {}, dial=engine.dial)
        board = Switchboard(database, Ownership(LeaseTable(database), "node:1"), engines, definition)
        async with running(board.run, partial(board.stop, PATIENCE)):
            yield board, database
    await database.close()


def turn(number: int, text: str = "", *steps: Any, greeted: bool = False) -> Turn:
    said = (Said(role="user", content=(Part(kind="audio", text=text),)),) if text else ()
    return Turn(number=number, said=said, steps=steps, replies=("Hm.",) if text or greeted else ())


async def performed(
    url: str,
    *script: Turn,
    responder: Responder = obedient,
    uses: tuple[ToolUse, ...] = (),
    seconds: float = PATIENCE,
    strict: bool = True,
) -> tuple[Turn, ...]:
    """What came of a script."""
    failure: Exception | None = None
    async with board_with(url, responder, strict=strict) as (board, database):
        live = await board.begin("desk", rehearsal=Rehearsal("conv_old", uses))
        assert live.tools.rehearsal is not None
        try:
            await ReplayCaller(live, live.tools.rehearsal, turn_seconds=seconds).perform(script)
        except EngineError as error:
            failure = error
        async with asyncio.timeout(PATIENCE):
            await live.closed.wait()
        async with database.read() as connection:
            turns = (await load_performance(connection, live.id, {})).turns
    if failure is not None:
        raise failure
    return turns


async def test_every_turn_is_said_as_text_and_waited_for(database_url: str) -> None:
    greeting, first, second = await performed(database_url, turn(0), turn(1, "hello"), turn(2, "thanks"))
    assert not greeting.answered
    assert [part.kind for part in first.said[0].content] == ["text"]
    assert (first.replies, second.replies) == (("heard hello",), ("heard thanks",))


async def test_one_that_was_greeted_is_greeted_again(database_url: str) -> None:
    greeting, first = await performed(database_url, turn(0, greeted=True), turn(1, "hello"))
    assert greeting.replies == ("Good morning.",)
    assert first.replies == ("heard hello",)


async def test_notes_reach_the_agents_beside_the_callers_words(database_url: str) -> None:
    note = Said(role="system", content=(Part(text="The oven is broken"),))
    told = Turn(number=1, said=(note, *turn(1, "pizza").said), replies=("Sorry.",))
    _, first = await performed(database_url, turn(0), told)
    assert [said.role for said in first.said] == ["system", "user"]


async def test_a_tool_of_the_client_is_answered_as_the_client_did(database_url: str) -> None:
    shown = ToolUse(name="show_map", arguments={}, output="the map", tool_call_id="call_1", client=True)
    _, first = await performed(database_url, turn(0), turn(1, "use show_map"), uses=(shown,))
    assert first.replies[-1] == "It answered the map"
    [step] = first.steps
    assert isinstance(step, ToolUse)
    assert step.client


async def test_one_that_the_client_never_answered_is_refused(database_url: str) -> None:
    _, first = await performed(database_url, turn(0), turn(1, "use show_map"))
    [step] = first.steps
    assert isinstance(step, ToolUse)
    assert json.loads(step.output or "")["code"] == "not_replayed"


async def test_agents_that_ask_the_client_without_end_are_stopped(database_url: str) -> None:
    with pytest.raises(ReplayFailedError, match=str(CLIENT_STEPS)):
        await performed(
            database_url, turn(0), turn(1, "map"), responder=lambda _: calls("show_map"), strict=False
        )


@pytest.mark.parametrize(("outcome", "said"), [("completed", "5 back"), ("declined", "not approved")])
async def test_what_an_operator_decided_is_decided_again(database_url: str, outcome: Any, said: str) -> None:
    decided = ToolUse(name="refund", arguments={}, outcome=outcome, output="5 back", tool_call_id="call_1")
    _, first = await performed(database_url, turn(0), turn(1, "use refund"), uses=(decided,))
    [step] = first.steps
    assert isinstance(step, ToolUse)
    assert step.outcome == outcome
    assert said in (step.output or "")


async def test_an_operators_handoff_takes_place_again(database_url: str) -> None:
    handed = Handover(source="desk", target="kitchen", by_operator=True)
    _, first, second = await performed(database_url, turn(0), turn(1, "hello", handed), turn(2, "soup"))
    assert [step.target for step in first.steps if isinstance(step, Handover)] == ["kitchen"]
    assert second.replies == ("heard soup",)


async def test_where_the_agents_hang_up_the_rest_is_not_said(database_url: str) -> None:
    turns = await performed(database_url, turn(0), turn(1, "use goodbye"), turn(2, "wait"))
    assert len(turns) == 2


async def test_a_reply_that_fails_ends_the_replay(database_url: str) -> None:
    with pytest.raises(ReplayFailedError, match="failed at the engine"):
        await performed(
            database_url,
            turn(0),
            turn(1, "hello"),
            responder=lambda _: EngineTurn(status="failed", error_code="server_error"),
        )


async def test_a_reply_that_does_not_end_is_not_waited_for(database_url: str) -> None:
    with pytest.raises(EngineTimeoutError):
        await performed(
            database_url,
            turn(0),
            turn(1, "hello"),
            responder=lambda _: says("Well, well", hold_after=1),
            seconds=0.1,
        )
