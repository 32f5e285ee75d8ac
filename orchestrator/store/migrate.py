"""Bring a database to the tables of this version, and tell whether it is there.

These functions are synchronous: they belong to the start of a process and to the command line. A coroutine
calls them through `asyncio.to_thread`.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.pool import NullPool

from orchestrator.core.errors import OrchestratorError
from orchestrator.store.database import open_engine
from orchestrator.store.faults import translate
from orchestrator.store.price_list import seed
from orchestrator.store.tables import Base

VERSION_TABLE: Final = "orchestrator_version"
"""Not Alembic's usual name: an application may keep its own tables, and versions, in the same database."""

LOCK: Final = 0x6F7263685F6D6967
"""Key of the advisory lock under which nodes that start together take turns."""

LOCK_DEADLINE: Final = 120
"""Seconds that a node waits for another one's migration."""

PACKAGE: Final = Path(__file__).parents[1]

Done = TypeVar("Done")


def folder() -> Path:
    """Where the migrations are: inside the package in a wheel, beside it in a checkout."""
    shipped = PACKAGE / "migrations"
    return shipped if shipped.is_dir() else PACKAGE.parent / "migrations"


def upgrade(url: str) -> None:
    """Apply every migration that is missing and the prices that ship; nodes that start together take turns.

    Raises:
        StoreUnavailableError: Postgres cannot be reached.
        SettingsError: It refuses the address.
    """

    def work(connection: Connection) -> None:
        with _turn(connection):
            command.upgrade(_configuration(connection), "head")
            seed(connection)
            connection.commit()

    _on(url, work)


def current(url: str) -> str | None:
    """The migration that a database is at, None for an empty one. Raises what `upgrade` raises."""
    return _on(url, _version)


def head() -> str:
    """The newest migration there is."""
    newest = ScriptDirectory(str(folder())).get_current_head()
    if newest is None:
        raise OrchestratorError(f"There is no migration in {folder()}. Install the package again.")
    return newest


def check(url: str, *, alone: bool = False) -> list[str]:
    """List how a database differs from the tables of this version; empty when it does not.

    Args:
        url: Where the database is.
        alone: Whether the database is ours alone, so that a table we do not know is a difference too.
    """

    def work(connection: Connection) -> list[str]:
        at = _version(connection)
        behind = [] if at == head() else [f"the database is at {at}, the newest migration is {head()}"]
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "version_table": VERSION_TABLE,
            "include_name": None if alone else is_ours,
        }
        context = MigrationContext.configure(connection, opts=options)
        return behind + [_sentence(difference) for difference in compare_metadata(context, Base.metadata)]

    return _on(url, work)


def revise(url: str, message: str) -> Path:
    """Write the migration from a database to the tables of this version, for a developer to review.

    Args:
        url: A database at the newest migration.
        message: What the migration does.
    """

    def work(connection: Connection) -> Path:
        made = command.revision(_configuration(connection), message, autogenerate=True, rev_id=_next_number())
        script = made[0] if isinstance(made, list) else made
        if script is None:
            raise OrchestratorError(f"No migration was written to {folder()}.")
        return Path(script.path)

    return _on(url, work)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a thing in the database is one that we know: an application's own tables are not."""
    return kind != "table" or name in Base.metadata.tables


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(folder()))
    configuration.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration


def _next_number() -> str:
    return f"{int(head()) + 1:04d}"


def _version(connection: Connection) -> str | None:
    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


@contextmanager
def _turn(connection: Connection) -> Iterator[None]:
    """Hold the lock of the whole upgrade: a session's, for each migration commits on its own."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_DEADLINE}s'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def _sentence(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_sentence(part) for part in difference)
    verb, *rest = difference
    return " ".join([str(verb), *(str(part) for part in rest if part is not None)])


def _on(url: str, work: Callable[[Connection], Done]) -> Done:
    """Run synchronous work on an asyncpg connection, in a loop and a thread of its own."""

    async def run() -> Done:
        engine = open_engine(url, poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(work)
        except Exception as error:
            ours = translate(error)
            if ours is None:
                raise
            raise ours from error
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()
