"""Postgres goes away in the middle of a conversation, and comes back."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestrator.core.errors import EngineError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.testing.local_service import LocalService, local_service
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import CallerError, CallerReply, SimulatedCaller
from tests.databases import patient_database
from tests.end_to_end.baker import baker
from tests.end_to_end.reckoning import (
    Stored,
    check_effects,
    check_is_closed,
    check_sequence,
    read_conversation,
)
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

FILLER = "One moment, please."
OUTAGE_SECONDS = 10.0


@dataclass
class World:
    """A service whose Postgres can be stopped, and what its caller was told."""

    postgres: EmbeddedPostgres
    service: LocalService
    url: str
    replies: list[CallerReply] = field(default_factory=list)

    async def stop_postgres(self) -> None:
        await asyncio.to_thread(self.postgres.stop)

    async def start_postgres(self) -> None:
        assert await asyncio.to_thread(self.postgres.start) == self.url, "it came back at another address"

    def caller(self, conversation: str | None = None) -> SimulatedCaller:
        return self.service.call("counter", conversation=conversation, include_events=True, seconds=PATIENCE)

    async def say(self, caller: SimulatedCaller, text: str) -> str:
        self.replies.append(await caller.say(text))
        return self.replies[-1].text

    async def stored(self) -> Stored:
        """The conversation once nobody is connected and everything is stored."""
        for live in list(self.service.services.switchboard.conversations.values()):
            await asyncio.wait_for(live.closed.wait(), PATIENCE)
        conversation = self.replies[0].conversation_id
        assert conversation is not None
        database = patient_database(self.url)
        stored = await read_conversation(database, conversation)
        await database.close()
        return stored


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="orchestrator-outage-") as folder:
        postgres = EmbeddedPostgres(Path(folder), fast=True)
        url = await asyncio.to_thread(postgres.start)
        try:
            async with (
                ScriptedEngine(baker) as engine,
                local_service("tests.end_to_end.shop", database_url=url, engine=engine) as service,
            ):
                yield World(postgres, service, url)
        finally:
            await asyncio.to_thread(postgres.stop)


async def check_nothing_is_missing(world: World) -> None:
    """What the caller was told is stored: every item, in order, in the same words."""
    stored = await world.stored()
    check_is_closed(stored)
    check_sequence(stored)
    check_effects(stored)
    told = [item for reply in world.replies for item in reply.items]
    kept = {item.id: item for item in stored.items}
    order = [item.id for item in stored.items]
    assert [order.index(str(item["id"])) for item in told] == sorted(
        order.index(str(item["id"])) for item in told
    )
    for reply in world.replies:
        assert reply.text == "".join(kept[str(item["id"])].text for item in reply.items)
    asked = [item for item in stored.items if item.role == "user"]
    assert len(asked) == len(world.replies)


async def talk_through_an_outage(world: World, outage: float) -> None:
    """Order, lose Postgres, talk on, order again, get Postgres back, and hear that the order was taken."""
    async with world.caller() as caller:
        assert await world.say(caller, "a loaf please") == "The answer was 1 loaves"
        await world.stop_postgres()
        back_at = asyncio.get_running_loop().time() + outage
        assert await world.say(caller, "good morning") == "You said: good morning"
        assert await world.say(caller, "still there?") == "You said: still there?"
        await order(caller, "loaves please")
        await caller.wait_for("response.output_text.delta", lambda event: FILLER in str(event["delta"]))
        await asyncio.sleep(back_at - asyncio.get_running_loop().time())
        await world.start_postgres()
        done = (await caller.wait_for("response.done"))["response"]
        assert isinstance(done, dict)
        world.replies.append(CallerReply(status=str(done["status"]), items=done["output"]))  # type: ignore[arg-type]
        assert world.replies[-1].text == f"{FILLER}The answer was 3 loaves"
        assert await world.say(caller, "thank you") == "You said: thank you"


async def order(caller: SimulatedCaller, text: str) -> None:
    """Ask without waiting for the answer."""
    content: list[JsonValue] = [{"type": "input_text", "text": text}]
    item: JsonObject = {"type": "message", "role": "user", "content": content}
    await caller.send("conversation.item.create", item=item)
    await caller.send("response.create")


async def test_a_conversation_goes_on_without_postgres_and_is_stored_when_it_is_back() -> None:
    async with world() as running:
        await talk_through_an_outage(running, outage=0)
        await check_nothing_is_missing(running)


@pytest.mark.scale
async def test_ten_seconds_without_postgres_lose_nothing() -> None:
    async with world() as running:
        await talk_through_an_outage(running, outage=OUTAGE_SECONDS)
        async with running.caller(running.replies[0].conversation_id) as caller:
            assert await running.say(caller, "a loaf please") == "The answer was 4 loaves"
        await check_nothing_is_missing(running)


async def test_a_caller_who_hangs_up_during_the_outage_is_stored_all_the_same() -> None:
    async with world() as running:
        async with running.caller() as caller:
            await running.say(caller, "a loaf please")
            await running.stop_postgres()
            await running.say(caller, "good morning")
        await running.start_postgres()
        await check_nothing_is_missing(running)


async def test_a_call_that_begins_without_postgres_is_told_why_it_cannot() -> None:
    async with world() as running:
        async with running.caller() as caller:
            await running.say(caller, "a loaf please")
        await running.stored()
        await running.stop_postgres()
        for conversation in (None, running.replies[0].conversation_id):
            with pytest.raises((CallerError, EngineError), match="store_unavailable"):
                async with running.caller(conversation) as caller:
                    await caller.wait_for("session.updated")
        await running.start_postgres()
        async with running.caller(running.replies[0].conversation_id) as caller:
            assert await running.say(caller, "a loaf please") == "The answer was 2 loaves"
        await check_nothing_is_missing(running)
