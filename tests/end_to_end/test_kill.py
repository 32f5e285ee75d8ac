"""`kill -9` of the service in the middle of a tool turn, a hundred times."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from orchestrator.core.errors import EngineLostError
from orchestrator.core.items import ItemStatus
from orchestrator.store.database import Database
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import SimulatedCaller
from orchestrator.testing.turns import SessionView, Turn, calls, item_text, says
from tests.databases import patient_database
from tests.end_to_end.killable_service import KillableService
from tests.end_to_end.reckoning import (
    Stored,
    check_effects,
    check_is_closed,
    check_sequence,
    read_conversation,
)
from tests.end_to_end.seeds import seeded
from tests.patience import PATIENCE

pytestmark = pytest.mark.scale

KILLS = 100
LIVES = 10
"""Kills that one conversation goes through."""
LATEST = 0.03
"""Seconds after a moment of the turn at which the kill comes at the latest."""
LONGER = 20
"""How many more conversations there may be, with ever later kills, on a machine that is slower than that."""
MOMENTS = ("asked", "called", "called", "answered")
"""Of a tool turn: asked by the caller; tool called by the engine, then run and committed; its output came."""


@dataclass
class Killer:
    """Decides what the engine says, and kills the service a moment after what it was told to wait for."""

    service: KillableService | None = None
    moment: str | None = None
    delay: float = 0.0
    latest: float = LATEST
    seen: list[SessionView] = field(default_factory=list)

    def respond(self, view: SessionView) -> Turn:
        self.seen.append(view)
        if view.last_output is not None:
            self.reached("answered")
            return says(f"The answer was {view.last_output}")
        if view.user_text.startswith("take "):
            self.reached("called")
            return calls("add_loaves", count=int(view.user_text.removeprefix("take ")))
        return says("Yes, I am here.")

    def reached(self, moment: str) -> None:
        if moment == self.moment and self.service is not None:
            self.moment = None
            asyncio.get_running_loop().call_later(self.delay, self.service.kill)


async def test_a_hundred_kills_lose_nothing_and_repeat_nothing(database_url: str) -> None:
    stages, reruns = set[str](), 0
    with seeded() as luck:
        async with world(database_url) as (database, service, killer):
            for number in range(KILLS // LIVES + LONGER):
                if number >= KILLS // LIVES:
                    if stages == STAGES and reruns:
                        break
                    killer.latest *= 1.5
                conversation, committed = None, None
                for _ in range(LIVES):
                    service.start()
                    conversation = await live_until_killed(service, killer, conversation, committed, luck)
                    committed = await read_conversation(database, conversation)
                    stages.add(stage_of(committed))
                assert conversation is not None
                reruns += await check_final(database, service, conversation, committed)
        assert stages == STAGES, f"the kills came only at {stages}"
        assert reruns, "no tool was cut off so that it had to run again"


@asynccontextmanager
async def world(database_url: str) -> AsyncIterator[tuple[Database, KillableService, Killer]]:
    database = patient_database(database_url)
    killer = Killer()
    async with ScriptedEngine(killer.respond) as engine:
        service = killer.service = KillableService(database_url, engine.url)
        try:
            yield database, service, killer
        finally:
            await service.close()
            await database.close()


async def live_until_killed(
    service: KillableService,
    killer: Killer,
    conversation: str | None,
    committed: Stored | None,
    luck: random.Random,
) -> str:
    """One life: come back, see that all is there, ask for bread, and be killed on the way."""
    killer.seen.clear()
    try:
        async with caller(service, conversation) as client:
            reply = await client.say("still there?")
            conversation = reply.conversation_id or conversation
            if committed is not None:
                check_told_to_the_engine(committed, killer.seen[-1])
            killer.moment, killer.delay = luck.choice(MOMENTS), killer.latest * luck.random() ** 2
            killer.reached("asked")
            await client.say(f"take {luck.randint(1, 9)}")
            await client.wait_for("nothing: the kill is on its way")
    except EngineLostError:
        pass
    assert await service.ended() == -9
    assert conversation is not None
    return conversation


def caller(service: KillableService, conversation: str | None) -> SimulatedCaller:
    return SimulatedCaller(
        service.url, model="counter", text=True, conversation=conversation, seconds=PATIENCE
    )


def check_told_to_the_engine(committed: Stored, view: SessionView) -> None:
    """Every item that was committed before the kill is told to the engine after it, in order."""
    told = [item.get("output") or item.get("call_id") or item_text(item) for item in view.items]
    place = 0
    for item in committed.items:
        if item.deleted or item.status is not ItemStatus.COMPLETED or item.is_marker:
            continue
        shown = item.output or item.tool_call_id or item.text
        if item.kind == "function_call" and item.tool_call_id in committed.durable.unanswered:
            continue
        assert shown in told[place:], f"{item.kind} {item.sequence} was not told again, or out of order"
        place = told.index(shown, place)


async def check_final(
    database: Database, service: KillableService, conversation: str, committed: Stored | None
) -> int:
    """The last life ends in peace; then everything must add up. Answers how many tools were run again."""
    service.start()
    async with caller(service, conversation) as client:
        await client.say("still there?")
    async with asyncio.timeout(PATIENCE):
        while (stored := await read_conversation(database, conversation)).history.status != "idle":
            pass
    check_is_closed(stored)
    check_sequence(stored)
    check_effects(stored)
    assert not stored.durable.unanswered
    completed = {item.tool_call_id for item in stored.items_of("function_call") if item.status == "completed"}
    assert completed == {row["tool_call_id"] for row in stored.tables["records"]}, "a call had no effect"
    assert committed is not None
    assert {item.id for item in committed.items} <= {item.id for item in stored.items}
    service.kill()
    await service.ended()
    return sum(row["attempt"] > 1 for row in stored.tables["tool_runs"])


STAGES = {"asked", "running", "settled", "spoken"}


def stage_of(stored: Stored) -> str:
    """How far the turn that was cut off had been committed."""
    said = [item for item in stored.items if item.role == "user"]
    if not said or not said[-1].text.startswith("take "):
        return "asked"
    since = [item for item in stored.items if item.sequence > said[-1].sequence]
    kinds = {item.kind for item in since if item.status is ItemStatus.COMPLETED}
    if "message" in kinds:
        return "spoken"
    if "function_call_output" in kinds:
        return "settled"
    return "running" if "function_call" in kinds else "asked"
