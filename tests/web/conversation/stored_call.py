"""The sample conversation in a node's database, as its own writer leaves it."""

import asyncio

from orchestrator.api.services import Services
from orchestrator.core.records import Record
from orchestrator.store.history import create_conversation
from orchestrator.store.leases import LeaseTable
from orchestrator.store.notes import add_note
from orchestrator.store.writer import ConversationWriter
from tests.web.review.sample_call import CONVERSATION, NOTES, START, records

OTHER_NODE = "node-elsewhere"


async def store_sample(services: Services, *rows: Record) -> str:
    """Store the sample, or only some rows of it; its id."""
    database = services.database
    async with database.transaction() as connection:
        await create_conversation(connection, CONVERSATION, agent="triage", created_at=START, status="live")
    await write_rows(services, *(rows or records()))
    if not rows:
        async with database.transaction() as connection:
            for note in NOTES:
                await add_note(
                    connection, CONVERSATION, author=note.author, text=note.text, item_id=note.item_id
                )
    return CONVERSATION


async def write_rows(services: Services, *rows: Record) -> None:
    """Write rows of the sample as a node would that owns it."""
    lease = await LeaseTable(services.database).claim(CONVERSATION, OTHER_NODE, 60)
    assert lease is not None
    writer = ConversationWriter(services.database, CONVERSATION, owner=OTHER_NODE, lease_epoch=lease)
    async with asyncio.TaskGroup() as group:
        group.create_task(writer.run())
        for row in rows:
            writer.put(row)
        writer.close()
