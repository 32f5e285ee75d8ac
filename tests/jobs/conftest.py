"""Conversations of different ages in a real Postgres."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update

from orchestrator.store import tables
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from tests.databases import patient_database

NOW = 1_800_000_000.0
DAY = 86_400


class Shelf:
    """What is stored, and what was asked to be forgotten."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.forgotten: list[str] = []

    async def put(self, name: str, days: float, *, status: str = "idle", label: str = "") -> None:
        """A conversation that was last changed so many days ago."""
        at = NOW - days * DAY
        async with self.database.transaction() as connection:
            await create_conversation(connection, name, agent="desk", created_at=at)
            row = tables.Conversation
            changed = {"status": status, "labels": [label], "updated_at": datetime.fromtimestamp(at, UTC)}
            await connection.execute(update(row).where(row.id == name).values(**changed))

    async def record(self, name: str, place: str, *, expires: float | None = None) -> None:
        """A conversation has a recording, perhaps one that is kept only until a moment."""
        async with self.database.transaction() as connection:
            values = {
                "conversation_id": name,
                "id": "rec_1",
                "call_id": "rtc_1",
                "location": place,
                "media_type": "audio/ogg",
                "channels": 2,
                "size": 1,
                "started_at": datetime.fromtimestamp(NOW, UTC),
                "duration_ms": 1,
                "expires_at": None if expires is None else datetime.fromtimestamp(expires, UTC),
            }
            await connection.execute(insert(tables.Recording).values(**values))

    async def names(self) -> list[str]:
        async with self.database.read() as connection:
            query = select(tables.Conversation.id).order_by(tables.Conversation.id)
            return list((await connection.execute(query)).scalars())

    async def forget(self, places: Sequence[str]) -> None:
        self.forgotten += places


@pytest.fixture
async def shelf(database_url: str) -> AsyncIterator[Shelf]:
    database = patient_database(database_url)
    yield Shelf(database)
    await database.close()
