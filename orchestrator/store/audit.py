"""The audit trail: who did what to what. Rows are added and read, never changed."""

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.json_value import JsonObject
from orchestrator.store import tables
from orchestrator.store.paging import Page, checked_limit, decode_cursor, page_of
from orchestrator.store.reading import seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing done.

    Attributes:
        at: Seconds since the Unix epoch.
        key_id: Id of the API key, None where it was done without one, as from the command line.
        key_name: Its name at that time, or another word for who did it.
        action: Such as `conversation.erase`.
        target: Id of what it was done to.
        detail: What else is worth knowing; never a secret, never what a caller said.
    """

    number: int
    at: float
    key_id: str | None
    key_name: str
    action: str
    target: str
    detail: JsonObject


async def append_audit(
    connection: AsyncConnection,
    *,
    key_id: str | None,
    key_name: str,
    action: str,
    target: str,
    detail: JsonObject | None = None,
) -> None:
    """Write down what is done, in the transaction that does it."""
    values = {"key_id": key_id, "key_name": key_name, "action": action, "target": target}
    await connection.execute(insert(tables.AuditEntry).values(**values, detail=detail or {}))


async def list_audit(
    connection: AsyncConnection,
    *,
    action: str | None = None,
    target: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[AuditEntry]:
    """One page of the trail, newest first.

    Args:
        connection: For reading.
        action: Only this, or all.
        target: Only what was done to this, or all.
        after: Cursor of the page before.
        limit: Entries at most.

    Raises:
        InvalidRequestError: The cursor or the limit cannot be used.
    """
    row = tables.AuditEntry
    moment = seconds(row.at).label("at")
    query = select(row.number, moment, row.key_id, row.key_name, row.action, row.target, row.detail)
    if action is not None:
        query = query.where(row.action == action)
    if target is not None:
        query = query.where(row.target == target)
    if after is not None:
        query = query.where(row.number < int(decode_cursor(after, int)[0]))
    query = query.order_by(row.number.desc()).limit(checked_limit(limit) + 1)
    found = (await connection.execute(query)).mappings().all()
    return page_of([AuditEntry(**entry) for entry in found], limit, lambda entry: (entry.number,))
