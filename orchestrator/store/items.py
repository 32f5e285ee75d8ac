"""Items of a conversation, read in pages; and written from outside, while no call is on.

A conversation that is live has one writer, its own. Whoever adds or removes items from outside takes the
lease for the length of the transaction: a call that begins meanwhile waits, and then reads the new items.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy import func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import ConflictError, InvalidRequestError, NotFoundError
from orchestrator.core.items import MARKERS, Item
from orchestrator.store import tables
from orchestrator.store.conversations import get_conversation, refresh_figures
from orchestrator.store.paging import Page, checked_limit
from orchestrator.store.reading import columns_of, to_item

OFFLINE: Final = "offline"
"""Owner of the lease while items are written from outside."""

TAKE: Final = text("""
INSERT INTO leases (conversation_id, owner, epoch, expires_at)
VALUES (:id, :owner, 1, clock_timestamp())
ON CONFLICT (conversation_id) DO UPDATE
SET owner = excluded.owner, epoch = leases.epoch + 1, expires_at = excluded.expires_at
WHERE leases.expires_at <= clock_timestamp()
RETURNING epoch
""")


async def list_items(
    connection: AsyncConnection,
    conversation_id: str,
    *,
    order: Literal["asc", "desc"] = "asc",
    after: str | None = None,
    limit: int = 20,
    markers: bool = False,
) -> Page[Item]:
    """One page of items in reading order, deleted ones left out. Its `next` is the id of its last item.

    Args:
        connection: For reading.
        conversation_id: Which conversation.
        order: Oldest or newest first.
        after: Id of the item before the page.
        limit: Items at most.
        markers: Whether handoffs and resumptions are shown, which are ours alone.

    Raises:
        NotFoundError: There is no such conversation, or no item `after`.
        InvalidRequestError: The limit cannot be used.
    """
    await get_conversation(connection, conversation_id)
    row = tables.Item
    place = tuple_(row.position, row.sequence)
    query = select(*columns_of(Item)).where(row.conversation_id == conversation_id, ~row.deleted)
    if not markers:
        query = query.where(row.kind.not_in(MARKERS))
    if after is not None:
        seen = await get_item(connection, conversation_id, after)
        here = tuple_(seen.position, seen.sequence)
        query = query.where(place > here if order == "asc" else place < here)
    sorting = (row.position, row.sequence) if order == "asc" else (row.position.desc(), row.sequence.desc())
    query = query.order_by(*sorting).limit(checked_limit(limit) + 1)
    found = [to_item(entry) for entry in (await connection.execute(query)).mappings()]
    kept = tuple(found[:limit])
    return Page(kept, kept[-1].id if len(found) > limit else None)


async def get_item(connection: AsyncConnection, conversation_id: str, item_id: str) -> Item:
    """One item, even a deleted one.

    Raises:
        NotFoundError: There is none of this id in this conversation.
    """
    row = tables.Item
    query = select(*columns_of(Item)).where(row.conversation_id == conversation_id, row.id == item_id)
    found = (await connection.execute(query)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"There is no item {item_id} in {conversation_id}.", param="item_id")
    return to_item(found)


async def insert_items(
    connection: AsyncConnection, conversation_id: str, items: Sequence[Item]
) -> tuple[Item, ...]:
    """Add items at the end of a conversation that no call is on.

    Args:
        connection: In a transaction.
        conversation_id: Which conversation.
        items: New ones; `sequence` and `position` are given here.

    Returns:
        The items as they are stored.

    Raises:
        NotFoundError: There is no such conversation.
        ConflictError: A call is on, or an id exists already.
        InvalidRequestError: Two of the items have one id.
    """
    if len({item.id for item in items}) < len(items):
        raise InvalidRequestError("Two of the items have one id. Ids are unique.", param="items")
    await _take(connection, conversation_id)
    row = tables.Item
    newest = select(func.coalesce(func.max(row.sequence), 0), func.coalesce(func.max(row.position), 0))
    found = await connection.execute(newest.where(row.conversation_id == conversation_id))
    sequence, position = found.one()
    last = int(max(Decimal(sequence), position))
    stored = tuple(
        replace(item, sequence=sequence + number, position=Decimal(last + number))
        for number, item in enumerate(items, start=1)
    )
    if stored:
        await connection.execute(insert(row), [_values(conversation_id, item) for item in stored])
        await _touch(connection, conversation_id)
    return stored


async def delete_item(connection: AsyncConnection, conversation_id: str, item_id: str) -> None:
    """Take an item out of a conversation that no call is on. Its row stays, and nobody is shown it.

    Raises:
        NotFoundError: There is no such conversation, or no such item.
        ConflictError: A call is on.
    """
    await _take(connection, conversation_id)
    await get_item(connection, conversation_id, item_id)
    row = tables.Item
    statement = update(row).where(row.conversation_id == conversation_id, row.id == item_id)
    await connection.execute(statement.values(deleted=True))
    await _touch(connection, conversation_id)


async def _take(connection: AsyncConnection, conversation_id: str) -> None:
    """Take the lease for the length of this transaction; it is over as soon as it is ours."""
    await get_conversation(connection, conversation_id)
    taken = await connection.execute(TAKE, {"id": conversation_id, "owner": OFFLINE})
    if taken.scalar() is None:
        raise ConflictError(
            f"{conversation_id} is live: a call is on. Change its items through the call, or after it."
        )


async def _touch(connection: AsyncConnection, conversation_id: str) -> None:
    row = tables.Conversation
    touched = update(row).where(row.id == conversation_id).values(updated_at=func.now())
    await connection.execute(touched)
    await refresh_figures(connection, conversation_id)


def _values(conversation_id: str, item: Item) -> dict[str, object]:
    return asdict(item) | {
        "conversation_id": conversation_id,
        "created_at": datetime.fromtimestamp(item.created_at, UTC),
    }
