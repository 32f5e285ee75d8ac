"""Who owns a conversation: one row each, told apart by an epoch that rises with every change of owner.

Time is the database's alone, so that nodes need not agree on theirs. A lease that ended keeps its row: the
epoch must never repeat, or a writer of the past would be let in again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from orchestrator.core.errors import NotFoundError
from orchestrator.store.database import Database
from orchestrator.store.tables import Conversation, Lease

NOW: Final = func.clock_timestamp()

RENEW: Final = text("""
UPDATE leases AS l SET expires_at = clock_timestamp() + :ttl
FROM unnest(CAST(:ids AS text[]), CAST(:epochs AS bigint[])) AS mine(id, epoch)
WHERE l.conversation_id = mine.id AND l.epoch = mine.epoch AND l.owner = :owner
RETURNING l.conversation_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lease, or held it last."""

    owner: str
    epoch: int
    expired: bool


class LeaseTable:
    """The leases of every conversation.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, conversation_id: str, owner: str, seconds: float) -> int | None:
        """Take a conversation that nobody holds, whose holder's time is over, or that was this owner's.

        Args:
            conversation_id: Which one.
            owner: The node that wants it.
            seconds: How long it may hold it without a word.

        Returns:
            The epoch of the lease, None when another node holds it.

        Raises:
            NotFoundError: There is no such conversation.
            StoreUnavailableError: Postgres cannot be used now.
        """
        expires_at = NOW + timedelta(seconds=seconds)
        taken = insert(Lease).values(
            conversation_id=conversation_id, owner=owner, epoch=1, expires_at=expires_at
        )
        statement = taken.on_conflict_do_update(
            index_elements=[Lease.conversation_id],
            set_={"owner": owner, "epoch": Lease.epoch + 1, "expires_at": expires_at},
            where=(Lease.expires_at <= NOW) | (Lease.owner == owner),
        ).returning(Lease.epoch)
        try:
            async with self._database.transaction() as connection:
                epoch: int | None = (await connection.execute(statement)).scalar()
                return epoch
        except NotFoundError:
            raise NotFoundError(
                f"There is no conversation {conversation_id}.", param="conversation"
            ) from None

    async def renew(self, owner: str, epochs: Mapping[str, int], seconds: float) -> frozenset[str]:
        """Hold leases for longer, all in one statement, even those whose time is over and nobody took.

        Args:
            owner: The node that holds them.
            epochs: Epoch by conversation.
            seconds: From now.

        Returns:
            The conversations that are still held; the others are lost.

        Raises:
            StoreUnavailableError: Postgres cannot be used now.
        """
        given = {"ids": list(epochs), "epochs": list(epochs.values()), "owner": owner}
        async with self._database.transaction() as connection:
            held = await connection.execute(RENEW, given | {"ttl": timedelta(seconds=seconds)})
            return frozenset(held.scalars())

    async def release(self, conversation_id: str, owner: str, epoch: int) -> None:
        """Let go of a conversation; nothing happens where it is held no more.

        Raises:
            StoreUnavailableError: Postgres cannot be used now.
        """
        statement = update(Lease).values(expires_at=NOW)
        mine = (Lease.conversation_id == conversation_id) & (Lease.owner == owner) & (Lease.epoch == epoch)
        async with self._database.transaction() as connection:
            await connection.execute(statement.where(mine))

    async def holder(self, conversation_id: str) -> Holder | None:
        """Who holds a conversation or held it last; None when nobody ever did.

        Raises:
            StoreUnavailableError: Postgres cannot be used now.
        """
        query = select(Lease.owner, Lease.epoch, Lease.expires_at <= NOW)
        async with self._database.read() as connection:
            found = await connection.execute(query.where(Lease.conversation_id == conversation_id))
            row = found.one_or_none()
        return None if row is None else Holder(owner=row[0], epoch=row[1], expired=row[2])

    async def orphans(self, owner: str | None = None, *, limit: int = 100) -> list[str]:
        """Conversations that are live and have no owner: their node died, or lost its way.

        Args:
            owner: Also those of this node, for a node that has just started and so holds none in truth.
            limit: At most.

        Raises:
            StoreUnavailableError: Postgres cannot be used now.
        """
        free = (Lease.expires_at <= NOW) | Lease.conversation_id.is_(None)
        query = (
            select(Conversation.id)
            .outerjoin(Lease, Lease.conversation_id == Conversation.id)
            .where(Conversation.status == "live", free | (Lease.owner == owner))
            .order_by(Conversation.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())
