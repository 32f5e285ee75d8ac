"""API keys and client secrets. What is stored is a SHA-256: they are random, so no slow hash is needed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.store import tables
from orchestrator.store.reading import seconds

KeyRole = Literal["admin", "reviewer", "caller"]

SHOWN: Final = 10
"""Letters of a key that lists show, so that its holder recognises it: too few to guess the other 37 from."""

USE_STEP: Final = timedelta(minutes=1)
"""How exactly the last use of a key is known: a write per request would cost more than it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret. Times are seconds since the Unix epoch.

    Attributes:
        prefix: Its first letters.
        revoked_at, expires_at: None for never.
    """

    id: str
    name: str
    role: KeyRole
    prefix: str
    created_at: float
    last_used_at: float | None
    expires_at: float | None
    revoked_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """What a client secret stands for.

    Attributes:
        session: The session object it was made with.
        key_id: The API key it was made with, None for the operator's own.
        expires_at: Seconds since the Unix epoch.
    """

    session: JsonObject
    key_id: str | None
    expires_at: float


async def create_key(
    connection: AsyncConnection, name: str, role: KeyRole, *, expires_at: float | None = None
) -> tuple[ApiKey, str]:
    """Make a key.

    Args:
        connection: In a transaction.
        name: For people.
        role: What it may do.
        expires_at: Seconds since the Unix epoch, None for never.

    Returns:
        The key, and its secret `ok_…`: this is the only time that anybody sees it.
    """
    secret = f"ok_{secrets.token_urlsafe(32)}"
    made = insert(tables.ApiKey).values(
        id=f"key_{secrets.token_hex(8)}",
        name=name,
        role=role,
        hash=_hash(secret),
        prefix=secret[:SHOWN],
        expires_at=None if expires_at is None else func.to_timestamp(expires_at),
    )
    row = (await connection.execute(made.returning(*_columns()))).mappings().one()
    return ApiKey(**row), secret


async def find_key(connection: AsyncConnection, secret: str) -> ApiKey | None:
    """The key that a secret opens; None where there is none, or it is revoked, or its time is over.

    Its last use is written down, at most once a minute.
    """
    row = tables.ApiKey
    in_force = row.revoked_at.is_(None) & (row.expires_at.is_(None) | (row.expires_at > func.now()))
    query = select(*_columns()).where(row.hash == _hash(secret), in_force)
    found = (await connection.execute(query)).mappings().one_or_none()
    if found is None:
        return None
    key = ApiKey(**found)
    used = datetime.fromtimestamp(key.last_used_at or 0, UTC)
    if datetime.now(UTC) - used > USE_STEP:
        await connection.execute(update(row).where(row.id == key.id).values(last_used_at=func.now()))
    return key


async def list_keys(connection: AsyncConnection) -> list[ApiKey]:
    """Every key, revoked ones too, newest first."""
    row = tables.ApiKey
    query = select(*_columns()).order_by(row.created_at.desc(), row.id)
    return [ApiKey(**found) for found in (await connection.execute(query)).mappings()]


async def get_key(connection: AsyncConnection, key_id: str) -> ApiKey:
    """One key.

    Raises:
        NotFoundError: There is none of this id.
    """
    query = select(*_columns()).where(tables.ApiKey.id == key_id)
    found = (await connection.execute(query)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"There is no key {key_id}.", param="key_id")
    return ApiKey(**found)


async def revoke_key(connection: AsyncConnection, key_id: str) -> ApiKey:
    """Make a key useless from now on; the second time changes nothing.

    Raises:
        NotFoundError: There is none of this id.
    """
    row = tables.ApiKey
    statement = update(row).where(row.id == key_id, row.revoked_at.is_(None))
    await connection.execute(statement.values(revoked_at=func.now()))
    return await get_key(connection, key_id)


async def create_client_secret(
    connection: AsyncConnection, session: JsonObject, lifetime: float, *, key_id: str | None = None
) -> tuple[str, float]:
    """Make a secret that opens sessions until it expires (protocol reference, section 2.4).

    Args:
        connection: In a transaction.
        session: The session object it stands for.
        lifetime: Seconds.
        key_id: The API key it is made with.

    Returns:
        The secret `ek_…`, and when it expires in seconds since the Unix epoch.
    """
    secret = f"ek_{secrets.token_urlsafe(32)}"
    row = tables.ClientSecret
    await connection.execute(delete(row).where(row.expires_at < func.now()))
    made = insert(row).values(
        hash=_hash(secret),
        session=session,
        key_id=key_id,
        expires_at=func.now() + timedelta(seconds=lifetime),
    )
    expires_at: float = (await connection.execute(made.returning(seconds(row.expires_at)))).scalar_one()
    return secret, expires_at


async def find_client_secret(connection: AsyncConnection, secret: str) -> ClientSecret | None:
    """What a secret stands for; None where it is unknown, its time is over, or its key was revoked."""
    row, key = tables.ClientSecret, tables.ApiKey
    query = (
        select(row.session, row.key_id, seconds(row.expires_at).label("expires_at"))
        .outerjoin(key, key.id == row.key_id)
        .where(row.hash == _hash(secret), row.expires_at > func.now(), key.revoked_at.is_(None))
    )
    found = (await connection.execute(query)).mappings().one_or_none()
    return None if found is None else ClientSecret(**found)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _columns() -> list[Any]:
    row = tables.ApiKey
    times = (row.created_at, row.last_used_at, row.expires_at, row.revoked_at)
    return [row.id, row.name, row.role, row.prefix, *(seconds(time).label(time.key) for time in times)]
