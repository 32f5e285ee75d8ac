"""A node that is told to stop: it waits for its calls, within reason, and stores everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from orchestrator.core.errors import EngineLostError, EngineTimeoutError
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import SimulatedCaller
from tests.databases import patient_database
from tests.end_to_end.baker import baker
from tests.end_to_end.killable_service import KillableService
from tests.end_to_end.reckoning import check_effects, check_is_closed, check_sequence, read_conversation
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


@asynccontextmanager
async def serving(database_url: str, **settings: Any) -> AsyncIterator[KillableService]:
    async with ScriptedEngine(baker) as engine:
        service = KillableService(database_url, engine.url, **settings)
        try:
            service.start()
            yield service
        finally:
            await service.close()


def call(service: KillableService) -> SimulatedCaller:
    return SimulatedCaller(service.url, model="counter", text=True, seconds=PATIENCE)


async def refused(service: KillableService) -> None:
    """Call until a call is refused: the signal takes a moment to arrive."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(EngineTimeoutError):
                with pytest.raises(EngineLostError, match="4429 too_many_calls"):
                    async with call(service) as late:
                        raise EngineTimeoutError(f"{late} was let in still")
                return


async def check_stored(database_url: str, conversation: str | None, reason: str) -> None:
    assert conversation is not None
    database = patient_database(database_url)
    stored = await read_conversation(database, conversation)
    await database.close()
    check_is_closed(stored)
    check_sequence(stored)
    check_effects(stored)
    assert [row["leave_reason"] for row in stored.tables["calls"]] == [reason]
    assert stored.history.states["basket"]["loaves"] == 1


async def test_a_call_may_end_by_itself_while_no_other_begins(database_url: str) -> None:
    async with serving(database_url) as service:
        async with call(service) as caller:
            await caller.say("hello")
            service.terminate()
            await refused(service)
            reply = await caller.say("a loaf please")
            assert reply.text == "The answer was 1 loaves"
        assert await service.ended() == 0
    await check_stored(database_url, reply.conversation_id, "client disconnected")


async def test_a_call_that_does_not_end_in_time_is_closed_and_stored(database_url: str) -> None:
    async with serving(database_url, drain_seconds=0.2) as service, call(service) as caller:
        reply = await caller.say("a loaf please")
        service.terminate()
        with pytest.raises(EngineLostError, match="1012"):
            await caller.wait_for("nothing: it is hung up on")
        assert await service.ended() == 0
    await check_stored(database_url, reply.conversation_id, "shutdown")


async def test_a_second_signal_stops_at_once(database_url: str) -> None:
    async with serving(database_url, drain_seconds=3600) as service, call(service) as caller:
        reply = await caller.say("a loaf please")
        service.terminate()
        await refused(service)
        service.terminate()
        with pytest.raises(EngineLostError, match="1012"):
            await caller.wait_for("nothing: it is hung up on")
        assert await service.ended() == 0
    await check_stored(database_url, reply.conversation_id, "shutdown")


async def test_a_node_without_calls_stops_at_once(database_url: str) -> None:
    async with serving(database_url, drain_seconds=3600) as service:
        async with call(service) as caller:
            reply = await caller.say("a loaf please")
        async with asyncio.timeout(PATIENCE):
            service.terminate()
            assert await service.ended() == 0
    await check_stored(database_url, reply.conversation_id, "client disconnected")
