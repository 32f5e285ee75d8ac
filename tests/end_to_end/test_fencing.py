"""One owner for each conversation: what a node may no longer write, and who has the line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from orchestrator.core.errors import EngineLostError
from orchestrator.core.json_value import JsonValue
from orchestrator.store.database import Database
from orchestrator.testing.local_service import LocalService, local_service
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import SimulatedCaller
from tests.databases import patient_database
from tests.end_to_end.baker import baker
from tests.end_to_end.reckoning import check_effects, check_is_closed, check_sequence, read_conversation
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

SHOP = "tests.end_to_end.shop"


@dataclass
class TwoNodes:
    """Two nodes of one service; the numbers only tell their names apart."""

    first: LocalService
    second: LocalService
    database: Database

    async def expire_leases(self) -> None:
        """As if the first node had not been heard of for too long."""
        async with self.database.transaction() as connection:
            await connection.execute(text("UPDATE leases SET expires_at = now() - interval '1 second'"))


@pytest.fixture
async def nodes(database_url: str) -> AsyncIterator[TwoNodes]:
    database = patient_database(database_url)
    async with (
        ScriptedEngine(baker) as engine,
        local_service(SHOP, database_url=database_url, engine=engine, port=1) as first,
        local_service(SHOP, database_url=database_url, engine=engine, port=2) as second,
    ):
        yield TwoNodes(first, second, database)
    await database.close()


def calling(node: LocalService, conversation: str | None = None) -> SimulatedCaller:
    return node.call("counter", conversation=conversation, seconds=PATIENCE)


async def begin(caller: SimulatedCaller) -> str:
    reply = await caller.say("a loaf please")
    assert reply.conversation_id is not None
    return reply.conversation_id


async def write(caller: SimulatedCaller, words: str) -> None:
    content: list[JsonValue] = [{"type": "input_text", "text": words}]
    await caller.send(
        "conversation.item.create", item={"type": "message", "role": "user", "content": content}
    )


async def test_a_conversation_that_is_live_on_another_node_is_not_taken(nodes: TwoNodes) -> None:
    async with calling(nodes.first) as caller:
        conversation = await begin(caller)
        with pytest.raises(EngineLostError, match="4000 conflict"):
            await calling(nodes.second, conversation).__aenter__()
        assert (await caller.say("a loaf please")).text == "The answer was 2 loaves"


async def nothing() -> None: ...


@pytest.mark.parametrize("notices", ["by writing", "by renewing its leases"])
async def test_a_node_that_lost_its_lease_writes_no_more_and_hangs_up(
    nodes: TwoNodes, notices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ownership = nodes.first.services.switchboard._ownership
    renew = ownership.renew
    monkeypatch.setattr(ownership, "renew", nothing)  # until the test does: it would notice by itself in time
    async with calling(nodes.first) as caller:
        conversation = await begin(caller)
        await nodes.first.services.switchboard.conversations[conversation].stored(PATIENCE)
        await nodes.expire_leases()
        async with calling(nodes.second, conversation) as other:
            assert (await other.say("a loaf please")).text == "The answer was 2 loaves"
            if notices == "by writing":
                await write(caller, "a word that comes too late")
            else:
                await renew()
            with pytest.raises(EngineLostError, match="1012 moved"):
                await caller.wait_for("nothing: it is hung up on")
            assert (await other.say("a loaf please")).text == "The answer was 3 loaves"
    await closed(nodes.second, conversation)
    stored = await read_conversation(nodes.database, conversation)
    check_is_closed(stored)
    check_sequence(stored)
    check_effects(stored)
    assert "a word that comes too late" not in [item.text for item in stored.items]


async def test_the_later_call_of_two_has_the_line(nodes: TwoNodes) -> None:
    async with calling(nodes.first) as earlier:
        conversation = await begin(earlier)
        async with calling(nodes.first, conversation) as later:
            with pytest.raises(EngineLostError, match="4409 replaced"):
                await earlier.wait_for("nothing: it is hung up on")
            assert (await later.say("a loaf please")).text == "The answer was 2 loaves"
    await closed(nodes.first, conversation)
    stored = await read_conversation(nodes.database, conversation)
    check_is_closed(stored)
    check_effects(stored)
    assert sorted(row["leave_reason"] for row in stored.tables["calls"]) == [
        "client disconnected",
        "replaced",
    ]


async def closed(node: LocalService, conversation: str) -> None:
    live = node.services.switchboard.conversations.get(conversation)
    if live is not None:
        await asyncio.wait_for(live.closed.wait(), PATIENCE)
