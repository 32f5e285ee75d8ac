"""Filters of lists that people keep under a name of their own."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.store import tables

MOST: Final = 50
"""Filters of one owner: more are no longer found by looking."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter under its name.

    Attributes:
        query: As it stands in the address of the list.
    """

    name: str
    query: str


async def save_filter(connection: AsyncConnection, owner: str, saved: SavedFilter) -> None:
    """Keep a filter; one of the same name is replaced.

    Args:
        connection: In a transaction.
        owner: Id of a key, or the name of somebody who has none.
        saved: What to keep.

    Raises:
        ConflictError: The owner has as many as may be.
    """
    row = tables.SavedFilter
    others = select(func.count()).where(row.owner == owner, row.name != saved.name)
    if (await connection.execute(others)).scalar_one() >= MOST:
        raise ConflictError(f"There are {MOST} saved filters already. Remove one first.", param="name")
    made = insert(row).values(owner=owner, name=saved.name, query=saved.query)
    await connection.execute(
        made.on_conflict_do_update(index_elements=[row.owner, row.name], set_={"query": saved.query})
    )


async def list_filters(connection: AsyncConnection, owner: str) -> list[SavedFilter]:
    """The filters of an owner, by name."""
    row = tables.SavedFilter
    query = select(row.name, row.query).where(row.owner == owner).order_by(row.name)
    return [SavedFilter(found.name, found.query) for found in await connection.execute(query)]


async def remove_filter(connection: AsyncConnection, owner: str, name: str) -> None:
    """Forget a filter.

    Raises:
        NotFoundError: There is none of this name.
    """
    row = tables.SavedFilter
    gone = delete(row).where(row.owner == owner, row.name == name)
    if (await connection.execute(gone)).rowcount == 0:
        raise NotFoundError(f"There is no saved filter {name!r}.", param="name")
