"""Who did what: every change over the interfaces leaves an entry, in the transaction that makes it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.api.admission import Identity
from orchestrator.store.audit import append_audit


async def write_down(
    connection: AsyncConnection,
    identity: Identity,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down what is done.

    Args:
        connection: In the transaction that does it.
        identity: Who does it.
        action: Such as `conversation.erase`.
        target: Id of what it is done to.
        detail: What else is worth knowing; never a secret, never what a caller said.
    """
    await append_audit(
        connection,
        key_id=identity.key_id,
        key_name=identity.name,
        action=action,
        target=target,
        detail=dict(detail or {}),
    )
