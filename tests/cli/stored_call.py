"""A short call, stored as the service does: an order, a handoff, an interruption, a caller who is back."""

import asyncio
from typing import Final

from orchestrator.core.items import Part
from orchestrator.core.records import Record
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.leases import LeaseTable
from orchestrator.store.writer import ConversationWriter
from tests.patience import PATIENCE
from tests.store import sample_rows as rows

CONVERSATION: Final = rows.CONVERSATION
CART: Final = {"lines": [{"item": "coke", "quantity": 2, "unit_price": "2.50"}], "total": "5.40"}


def _records() -> list[Record]:
    moved = {"from": "triage", "to": "restaurant", "reason": "wants food", "seconds": 0.25}
    asked = {"kind": "function_call", "role": None, "content": (), "agent": "restaurant", "name": "add_item"}
    said = {"agent": "restaurant", "content": (Part(text="Two cokes. What else would you like?"),)}
    return [
        rows.call(),
        rows.session(),
        rows.handoff(),
        rows.item_row(1, content=(Part(text="two cokes please"),)),
        rows.item_row(2, kind="handoff", role=None, content=(), data=moved, origin="service"),
        rows.item_row(3, **asked, tool_call_id="call_1", arguments='{"item":"coke","quantity":2}'),
        rows.settlement(4, revisions=(rows.revision(1, value=CART, item_id="item_4", sequence=4),)),
        rows.item_row(6, **said, heard="Two cokes."),
        rows.item_row(7, kind="resumed", role=None, content=(), data={}, origin="service"),
        rows.item_row(9, content=(Part(text="[link=x]that is all[/link] \x1b[31m"),)),
        rows.conversation(agent="restaurant", status="idle"),
    ]


async def _store(url: str) -> None:
    database = Database(url)
    try:
        async with database.transaction() as connection:
            await create_conversation(connection, CONVERSATION, agent="triage", created_at=rows.START)
        epoch = await LeaseTable(database).claim(CONVERSATION, rows.NODE, 60)
        assert epoch is not None
        writer = ConversationWriter(database, CONVERSATION, owner=rows.NODE, lease_epoch=epoch)
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            group.create_task(writer.run())
            for record in _records():
                writer.put(record)
            writer.close()
    finally:
        await database.close()


def store_call(url: str) -> None:
    """Store the call in a database."""
    asyncio.run(_store(url))
