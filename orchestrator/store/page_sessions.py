"""Who is signed in to the pages: sessions behind cookies, and tickets that open one session each.

Cookies and tickets are random words. What is stored is their HMAC under a secret of the service, so that
neither can be used by whoever reads the table, and all of them end when the secret is changed.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store import tables
from orchestrator.store.keys import KeyRole

WORD_BYTES: Final = 32
TICKET_BYTES: Final = 16
"""Fewer than a session has: its link has to fit a line of a terminal, and it is good for minutes only."""


GOOD: Final = (
    select(tables.PageSession.key_id, tables.PageSession.role, tables.PageSession.name)
    .outerjoin(tables.ApiKey, tables.ApiKey.id == tables.PageSession.key_id)
    .where(
        tables.PageSession.hash == bindparam("hash"),
        tables.PageSession.expires_at > func.now(),
        tables.ApiKey.revoked_at.is_(None),
        tables.ApiKey.expires_at.is_(None) | (tables.ApiKey.expires_at > func.now()),
    )
)
"""The session of a cookie, while it is good. Made once: a query takes as long to make as to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSession:
    """Who is signed in.

    Attributes:
        key_id: The key that was shown, None for the operator's own.
        name: For the audit.
    """

    key_id: str | None
    role: KeyRole
    name: str


async def open_page_session(
    connection: AsyncConnection, secret: bytes, session: PageSession, lifetime: float
) -> str:
    """Sign somebody in.

    Args:
        connection: In a transaction.
        secret: Of the service.
        session: Who it is.
        lifetime: Seconds.

    Returns:
        The word for the cookie.
    """
    word, row = secrets.token_urlsafe(WORD_BYTES), tables.PageSession
    await connection.execute(delete(row).where(row.expires_at < func.now()))
    made = insert(row).values(
        hash=_sealed(secret, word),
        key_id=session.key_id,
        role=session.role,
        name=session.name,
        expires_at=func.now() + timedelta(seconds=lifetime),
    )
    await connection.execute(made)
    return word


async def find_page_session(connection: AsyncConnection, secret: bytes, word: str) -> PageSession | None:
    """Who a cookie stands for; None where it is unknown, its time is over, or its key is good no longer."""
    found = (await connection.execute(GOOD, {"hash": _sealed(secret, word)})).mappings().one_or_none()
    return None if found is None else PageSession(**found)


async def close_page_session(connection: AsyncConnection, secret: bytes, word: str) -> None:
    """Sign somebody out; a session that is not known is left at that."""
    row = tables.PageSession
    await connection.execute(delete(row).where(row.hash == _sealed(secret, word)))


async def make_ticket(connection: AsyncConnection, secret: bytes, lifetime: float) -> str:
    """Make a ticket that signs an administrator in, once, within its lifetime in seconds."""
    word, row = secrets.token_urlsafe(TICKET_BYTES), tables.SignInTicket
    await connection.execute(delete(row).where(row.expires_at < func.now()))
    made = insert(row).values(hash=_sealed(secret, word), expires_at=func.now() + timedelta(seconds=lifetime))
    await connection.execute(made)
    return word


async def redeem_ticket(connection: AsyncConnection, secret: bytes, word: str) -> bool:
    """Use a ticket up; false where it is unknown, was used, or its time is over."""
    row = tables.SignInTicket
    used = delete(row).where(row.hash == _sealed(secret, word)).returning(row.expires_at > func.now())
    return bool((await connection.execute(used)).scalar_one_or_none())


def _sealed(secret: bytes, word: str) -> bytes:
    return hmac.digest(secret, word.encode("utf-8", "surrogatepass"), hashlib.sha256)
