"""What has been kept long enough."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store import tables


async def expired_conversations(
    connection: AsyncConnection, before: float, *, after: str = "", limit: int = 100
) -> list[str]:
    """Ids of conversations that were last changed before a moment and are not live, in the order of ids.

    Args:
        connection: For reading.
        before: Seconds since the Unix epoch.
        after: The last id of the page before.
        limit: Ids at most.
    """
    row, moment = tables.Conversation, datetime.fromtimestamp(before, UTC)
    # What was begun later cannot have been changed before; and that column has an index.
    old = (row.created_at < moment, row.updated_at < moment, row.status != "live")
    query = select(row.id).where(*old, row.id > after).order_by(row.id).limit(limit)
    return list((await connection.execute(query)).scalars())
