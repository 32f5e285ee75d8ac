"""What the tests of the store share: a conversation that is ours, and a way to lose Postgres."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.leases import LeaseTable
from orchestrator.store.writer import ConversationWriter
from tests.databases import patient_database
from tests.patience import PATIENCE
from tests.store.gate import Gate
from tests.store.sample_rows import CONVERSATION, NODE, START
from tests.store.shapes import RowsOf, Writing


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = patient_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def epoch(database: Database) -> int:
    """The epoch of our lease on a new conversation."""
    async with database.transaction() as connection:
        await create_conversation(connection, CONVERSATION, agent="triage", created_at=START)
    claimed = await LeaseTable(database).claim(CONVERSATION, NODE, 60)
    assert claimed is not None
    return claimed


@pytest.fixture
def writing(database: Database, epoch: int) -> Writing:
    @asynccontextmanager
    async def opened(through: Database = database, **options: Any) -> AsyncIterator[ConversationWriter]:
        writer = ConversationWriter(through, CONVERSATION, owner=NODE, lease_epoch=epoch, **options)
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            group.create_task(writer.run())
            yield writer
            writer.close()

    return opened


@pytest.fixture
def rows_of(database: Database) -> RowsOf:
    """Runs a query on the database and gives its rows."""

    async def found(query: str) -> list[tuple[Any, ...]]:
        async with database.transaction() as connection:
            return [tuple(row) for row in (await connection.execute(text(query))).all()]

    return found


@pytest.fixture
async def gate(database_url: str) -> AsyncIterator[Gate]:
    opened = Gate(database_url)
    await opened.open()
    yield opened
    await opened.shut()
