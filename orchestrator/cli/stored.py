"""The database of this folder, for commands that work on it directly."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from orchestrator.cli.configuration import settings_with
from orchestrator.media.recording.storage import open_storage
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.store.migrate import upgrade
from orchestrator.store.recordings import places

WHO: Final = "command line"
"""Who did it, in the audit."""

Answer = TypeVar("Answer")


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The database's URL: yours, or the embedded one, started for as long as it is needed unless it runs.

    Raises:
        StoreUnavailableError: The embedded Postgres does not start.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with EmbeddedPostgres(settings.data_dir / "postgres", binaries=settings.postgres_binaries) as server:
        yield server.start()


def forgetting() -> Callable[[Sequence[str]], Awaitable[None]]:
    """What erases recordings, by their locations, where the settings say that they are kept.

    Raises:
        SettingsError: That place cannot be used.
    """
    settings = settings_with()
    storage = open_storage(settings.recordings or str(settings.data_dir / "recordings"))

    async def forget(locations: Sequence[str]) -> None:
        await storage.forget(places(locations))

    return forget


def in_database(work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Do something in the database of the settings, brought up to date first.

    Raises:
        StoreUnavailableError: It cannot be reached.
    """
    settings = settings_with()
    with database_url(settings) as url:
        upgrade(url)
        return asyncio.run(_in(url, work))


async def _in(url: str, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    database = Database(url, pool_size=2)
    try:
        return await work(database)
    finally:
        await database.close()
