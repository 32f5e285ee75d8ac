"""The rows that tools leave behind: orders, reservations, messages."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.store import tables
from orchestrator.store.paging import Page, checked_limit, decode_cursor, page_of
from orchestrator.store.reading import StoredRecord, columns_of, to_record


async def list_records(
    connection: AsyncConnection,
    *,
    kind: str | None = None,
    conversation_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[StoredRecord]:
    """One page of records, newest first.

    Args:
        connection: For reading.
        kind: Only these, such as `order`, or all.
        conversation_id: Only those of this conversation, or all.
        after: Cursor of the page before.
        limit: Records at most.

    Raises:
        InvalidRequestError: The cursor or the limit cannot be used.
    """
    row = tables.KeptRecord
    query = select(*columns_of(StoredRecord))
    if kind is not None:
        query = query.where(row.kind == kind)
    if conversation_id is not None:
        query = query.where(row.conversation_id == conversation_id)
    if after is not None:
        query = query.where(row.number < int(decode_cursor(after, int)[0]))
    query = query.order_by(row.number.desc()).limit(checked_limit(limit) + 1)
    found = (await connection.execute(query)).mappings().all()
    records = [to_record(StoredRecord, entry) for entry in found]
    return page_of(records, limit, lambda record: (record.number,))


async def get_record(connection: AsyncConnection, number: int) -> StoredRecord:
    """One record.

    Raises:
        NotFoundError: There is none of this number.
    """
    query = select(*columns_of(StoredRecord)).where(tables.KeptRecord.number == number)
    found = (await connection.execute(query)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"There is no record {number}.", param="number")
    return to_record(StoredRecord, found)
