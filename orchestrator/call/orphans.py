"""Conversations that a node left live when it died: a node that starts closes what nobody owns any more."""

import structlog

from orchestrator.core.errors import NotFoundError
from orchestrator.store.conversations import settle_orphan
from orchestrator.store.database import Database
from orchestrator.store.leases import LeaseTable

LEASE_SECONDS = 15.0
"""How long a conversation is held while it is settled."""

_log = structlog.get_logger(__name__)


async def settle_orphans(database: Database, node: str) -> int:
    """Make conversations idle that are live and that no running node owns.

    Args:
        database: The store.
        node: This node, which has just started and so owns none in truth.

    Returns:
        How many.

    Raises:
        StoreUnavailableError: Postgres cannot be used now.
    """
    leases = LeaseTable(database)
    settled = 0
    while orphans := await leases.orphans(node):
        done = [await _settle(database, leases, conversation_id, node) for conversation_id in orphans]
        settled += sum(done)
        if not any(done):
            break
    if settled:
        _log.warning("conversations left live by a dead node", conversations=settled)
    return settled


async def _settle(database: Database, leases: LeaseTable, conversation_id: str, node: str) -> bool:
    """Settle one, unless another node was first or it was erased; its lease keeps its old writer out."""
    try:
        epoch = await leases.claim(conversation_id, node, LEASE_SECONDS)
    except NotFoundError:
        return False
    if epoch is None:
        return False
    async with database.transaction() as connection:
        await settle_orphan(connection, conversation_id)
    await leases.release(conversation_id, node, epoch)
    return True
