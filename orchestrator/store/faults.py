"""What an error of the driver means: the store is away, the request is at fault, or we are.

The one place where errors of SQLAlchemy and asyncpg become errors of ours. Messages carry names of tables and
constraints and never values: a value may be what a caller said.
"""

import asyncio
from typing import ClassVar, Final

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from orchestrator.core.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    OrchestratorError,
    SettingsError,
    StoreUnavailableError,
)

AWAY: Final = ("08", "40", "53", "55", "57", "58", "25006")
"""SQLSTATE classes that speak of the server's condition: repeating the same statement later can succeed.

PostgreSQL 18 documentation, appendix A. 25006 is a server that has become read-only in a switch-over.
"""

UNUSABLE: Final = ("28", "3D")
"""SQLSTATE classes that speak of the address: no such user, password or database."""

REFUSED: Final = ("21", "22", "23", "54")
"""SQLSTATE classes that speak of the row: it will never be accepted as it stands."""

DRIVER_ERRORS: Final[tuple[type[BaseException], ...]] = (asyncpg.PostgresError, asyncpg.InterfaceError)
UNIQUE: Final = "23505"
FOREIGN_KEY: Final = "23503"


class RefusedError(OrchestratorError):
    """Postgres will never accept what was to be written; nothing of it was."""

    code: ClassVar[str] = "store_refused"
    status: ClassVar[int] = 422


def origin(error: BaseException) -> BaseException:
    """The driver's own error inside whatever SQLAlchemy wrapped around it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, DRIVER_ERRORS):
            return seen
        seen = seen.__cause__
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def state_of(error: BaseException) -> str:
    """The SQLSTATE of an error, empty where it has none."""
    return str(getattr(origin(error), "sqlstate", None) or "")


def is_away(error: BaseException) -> bool:
    """Whether the store cannot be used now, whatever it is asked."""
    found = origin(error)
    if isinstance(found, asyncpg.PostgresError):
        stale_plan = isinstance(found, asyncpg.InvalidCachedStatementError)
        return stale_plan or state_of(found).startswith((*AWAY, *UNUSABLE))
    if isinstance(found, asyncpg.InterfaceError):
        return not isinstance(found, ValueError)
    # The driver lost count of its own operations, as it does when the server goes in the middle of one.
    if isinstance(found, asyncpg.InternalClientError):
        return True
    return isinstance(found, OSError | TimeoutError | PoolTimeoutError | asyncio.IncompleteReadError)


def is_refused(error: BaseException) -> bool:
    """Whether the row itself is at fault, so that repeating it is of no use."""
    found = origin(error)
    if isinstance(found, asyncpg.PostgresError):
        return state_of(found).startswith(REFUSED)
    return isinstance(found, asyncpg.DataError | UnicodeError | OverflowError)


def describe(error: BaseException) -> str:
    """What went wrong, without a value in it: `UniqueViolationError 23505 on items, uq_items_…`."""
    found = origin(error)
    names = [getattr(found, name, None) for name in ("table_name", "column_name", "constraint_name")]
    places = ", ".join(str(name) for name in names if name)
    words = [type(found).__name__, state_of(found), f"on {places}" if places else ""]
    return " ".join(word for word in words if word)


def translate(error: BaseException) -> OrchestratorError | None:
    """The error to raise instead, None where it is a bug of ours and must stay as it is."""
    state, told = state_of(error), describe(error)
    if state.startswith(UNUSABLE):
        return SettingsError(
            f"Postgres refuses the connection ({told}). Mend user, password and database name.",
            param="DATABASE_URL",
        )
    if is_away(error):
        return StoreUnavailableError(f"Postgres cannot be used now ({told}). Try again shortly.")
    if state == UNIQUE:
        return ConflictError(f"It exists already ({told}).")
    if state == FOREIGN_KEY:
        return NotFoundError(f"It belongs to something that does not exist ({told}).")
    if is_refused(error):
        return InvalidRequestError(f"Postgres cannot store this value ({told}).")
    return None
