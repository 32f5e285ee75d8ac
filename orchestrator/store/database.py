"""The connections to Postgres: one pool per process, every wait with a deadline, errors in our own words."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]
import msgspec
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from orchestrator.core.errors import SettingsError
from orchestrator.core.redaction import Redaction
from orchestrator.store.faults import is_away, translate

SCHEMES: Final = ("postgresql+asyncpg", "postgresql", "postgres")
UNSUPPORTED: Final = frozenset({"channel_binding"})
"""Parameters that hosted services put into their addresses and the driver does not know."""


def driver_address(url: str) -> str:
    """Rewrite a database URL into the form that asyncpg reads, with libpq's own parameters.

    Raises:
        SettingsError: It is not the address of a Postgres database.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise SettingsError(
            f"The database URL begins with {parts.scheme or 'nothing'}://. "
            "Use postgresql://user:password@host:5432/name.",
            param="DATABASE_URL",
        )
    pairs = [("sslmode" if key == "ssl" else key, value) for key, value in parse_qsl(parts.query)]
    query = urlencode([pair for pair in pairs if pair[0] not in UNSUPPORTED])
    return urlunsplit(("postgresql", parts.netloc, parts.path, query, ""))


def open_engine(
    url: str, *, connect_deadline: float = 5.0, statement_timeout: float | None = None, **options: Any
) -> AsyncEngine:
    """Make an engine that reads the address as libpq does and speaks JSON through msgspec.

    Args:
        url: Where the database is.
        connect_deadline: Seconds to wait for a connection.
        statement_timeout: Seconds that one statement may run; None for no limit.
        options: Of `create_async_engine`.
    """
    address = driver_address(url)
    settings = {"application_name": "orchestrator", "timezone": "UTC", "jit": "off"}
    if statement_timeout is not None:
        milliseconds = str(int(statement_timeout * 1000))
        settings |= {
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
        }

    async def connect(**_: Any) -> asyncpg.Connection:
        return await asyncpg.connect(
            address,
            timeout=connect_deadline,
            # The server's own limit speaks first; this one is for a server that no longer answers at all.
            command_timeout=None if statement_timeout is None else statement_timeout + connect_deadline,
            server_settings=settings,
        )

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        **options,
    )


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Replace a pooled connection whose server went away: it is known closed, without a round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


class Database:
    """The pool of one process.

    Args:
        url: `postgresql+asyncpg://…`; `postgresql://` and `postgres://` are taken too.
        pool_size: Connections kept at most. A batch of one conversation holds one for about a millisecond.
        pool_deadline: Seconds to wait for a free connection.
        connect_deadline: Seconds to wait for a new connection.
        statement_timeout: Seconds that one statement may run.
        redaction: What is taken out of what people say before it is stored; nothing unless it is given.
    """

    def __init__(
        self,
        url: str,
        *,
        redaction: Redaction | None = None,
        pool_size: int = 10,
        pool_deadline: float = 5.0,
        connect_deadline: float = 5.0,
        statement_timeout: float = 15.0,
    ) -> None:
        self.url = url
        self.redaction = redaction or Redaction()
        self.engine = open_engine(
            url,
            connect_deadline=connect_deadline,
            statement_timeout=statement_timeout,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_deadline,
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection in a transaction: committed at the end, rolled back on an error.

        Raises:
            StoreUnavailableError: Postgres cannot be used now.
            ConflictError: A row of this key exists already.
            NotFoundError: A row belongs to something that does not exist.
            InvalidRequestError: Postgres cannot store a value, such as a text with a NUL.
        """
        return _translated(self.engine.begin())

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading, each statement on its own. Raises what `transaction` raises."""
        return _translated(self._reader.connect())

    def snapshot(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading, all statements as of one moment. Raises what `transaction` raises."""
        return _translated(self._snapshots.begin())

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[asyncpg.Connection]:
        """The driver's connection, without SQLAlchemy in between: for the writer, whose cost is per turn.

        Errors pass untranslated. A connection on which something failed in an unknown way is not used again.
        """
        raw = await self.engine.raw_connection()
        try:
            yield raw.driver_connection
        except BaseException as error:
            if is_away(error) or not isinstance(error, Exception):
                await greenlet_spawn(raw.invalidate)
            raise
        finally:
            await greenlet_spawn(raw.close)

    async def ping(self) -> None:
        """Find out whether Postgres answers.

        Raises:
            StoreUnavailableError: It does not.
            SettingsError: It refuses the user, the password or the database.
        """
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@asynccontextmanager
async def _translated(
    opened: AbstractAsyncContextManager[AsyncConnection],
) -> AsyncIterator[AsyncConnection]:
    try:
        async with opened as connection:
            yield connection
    except Exception as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error
