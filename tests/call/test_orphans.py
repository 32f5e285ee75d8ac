"""What a node finds that its predecessor left live."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from orchestrator.call.orphans import settle_orphans
from orchestrator.core.errors import FencedError, NotFoundError
from orchestrator.core.records import CallRow, SessionRow
from orchestrator.store.conversations import get_conversation
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.leases import LeaseTable
from orchestrator.store.writer import ConversationWriter
from tests.databases import patient_database

pytestmark = pytest.mark.db

NODE = "node:1"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = patient_database(database_url)
    yield opened
    await opened.close()


async def make_live(database: Database, conversation_id: str, owner: str) -> int:
    async with database.transaction() as connection:
        await create_conversation(connection, conversation_id, agent="desk", created_at=1.0, status="live")
    epoch = await LeaseTable(database).claim(conversation_id, owner, 60)
    assert epoch is not None
    return epoch


async def status_of(database: Database, conversation_id: str) -> str:
    async with database.read() as connection:
        return (await get_conversation(connection, conversation_id)).status


async def test_what_this_node_left_live_is_made_idle_and_is_free(database: Database) -> None:
    await make_live(database, "conv_1", NODE)
    assert await settle_orphans(database, NODE) == 1
    assert await status_of(database, "conv_1") == "idle"
    assert await LeaseTable(database).claim("conv_1", "another:1", 60) is not None
    assert await settle_orphans(database, NODE) == 0


async def test_its_sessions_and_calls_are_closed_and_its_old_writer_is_kept_out(database: Database) -> None:
    epoch = await make_live(database, "conv_1", NODE)
    writer = ConversationWriter(database, "conv_1", owner=NODE, lease_epoch=epoch)
    writer.put(CallRow(id="rtc_1", transport="websocket", joined_at=2.0))
    writer.put(
        SessionRow(
            epoch=1,
            agent="desk",
            purpose="start",
            modality="text",
            engine="embedded",
            model=None,
            voice=None,
            opened_at=2.0,
        )
    )
    writer.close()
    await writer.run()
    await settle_orphans(database, NODE)
    async with database.read() as connection:
        query = text("SELECT leave_reason FROM calls UNION ALL SELECT close_reason FROM sessions")
        assert list((await connection.execute(query)).scalars()) == ["node_lost", "node_lost"]
    late = ConversationWriter(database, "conv_1", owner=NODE, lease_epoch=epoch)
    late.put(CallRow(id="rtc_2", transport="websocket", joined_at=3.0))
    with pytest.raises(FencedError):
        await late.run()


async def test_what_another_node_holds_is_left_to_it(database: Database) -> None:
    await make_live(database, "conv_1", "another:1")
    assert await settle_orphans(database, NODE) == 0
    assert await status_of(database, "conv_1") == "live"


async def test_more_than_a_page_of_them_are_all_settled(database: Database) -> None:
    async with database.transaction() as connection:
        for number in range(101):
            await create_conversation(
                connection, f"conv_{number}", agent="desk", created_at=1.0, status="live"
            )
    assert await settle_orphans(database, NODE) == 101


@pytest.mark.parametrize("answer", [None, NotFoundError("erased")])
async def test_one_that_another_node_took_or_that_was_erased_is_let_be(
    database: Database, monkeypatch: pytest.MonkeyPatch, answer: NotFoundError | None
) -> None:
    await make_live(database, "conv_1", NODE)

    async def claim(*_: object) -> None:
        if answer is not None:
            raise answer

    monkeypatch.setattr(LeaseTable, "claim", claim)
    assert await settle_orphans(database, NODE) == 0
