"""A whole service for one test: your agents, a scripted engine, a real Postgres, and a door to call.

```python
async with (
    local_service("shop", engine=engine, database_url=url) as service,
    service.call("counter") as caller,
):
    reply = await caller.say("two loaves please")
```
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import uvicorn

from orchestrator.api.direct_socket import DirectSocket
from orchestrator.api.services import Services
from orchestrator.app import create_app, open_services
from orchestrator.call.loading import load
from orchestrator.core.errors import EngineTimeoutError
from orchestrator.settings import Settings
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.simulated_caller import SimulatedCaller

START_SECONDS = 30.0
STATEMENT_SECONDS = 30.0
POLL_SECONDS = 0.005


class LocalService:
    """A running service.

    Args:
        url: Of the door, `ws://127.0.0.1:…`.
        services: Its parts, for a closer look.
    """

    def __init__(self, url: str, services: Services) -> None:
        self.url = url
        self.services = services

    def call(self, agent: str, **options: Any) -> SimulatedCaller:
        """A caller of an agent; enter its context.

        Args:
            agent: Name of the agent.
            options: Other arguments of `SimulatedCaller`; replies come as text unless they say otherwise.
        """
        plain: dict[str, Any] = {"model": agent, "text": True}
        return SimulatedCaller(self.url, **(plain | options))


@asynccontextmanager
async def local_service(
    agents: str, *, database_url: str, engine: ScriptedEngine | None = None, **settings: Any
) -> AsyncIterator[LocalService]:
    """Serve a package of agents on a free port of this machine, within the running event loop.

    Args:
        agents: Import name of the package.
        database_url: An empty database, or one that the service has used before, as after a restart.
        engine: Answers for all agents that name no engine; None: the embedded one.
        settings: Further settings by their field names, such as `default_agent`.
    """
    with TemporaryDirectory(prefix="orchestrator-") as folder:
        chosen: dict[str, Any] = {
            "agents": agents,
            "database_url": database_url,
            "engine": "embedded" if engine is None else engine.url,
            "data_dir": Path(folder),
            "port": 0,
        }
        configured = Settings(**(chosen | settings))
        url = configured.database_url.get_secret_value() if configured.database_url else ""
        declared = load(configured.agents, configured.default_agent)
        try:
            async with (
                open_services(configured, url, declared) as services,
                _served(configured, services) as port,
            ):
                yield LocalService(f"ws://127.0.0.1:{port}", services)
        except BaseExceptionGroup as group:
            raise _innermost(group) from None


@asynccontextmanager
async def _served(settings: Settings, services: Services) -> AsyncIterator[int]:
    config = uvicorn.Config(
        create_app(settings, services),
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws=DirectSocket,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        try:
            yield await server.port()
        finally:
            # Before a failing test cancels the group: a server that is cancelled leaves its socket open.
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    """Leaves signals to the test runner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def port(self) -> int:
        """Wait until it listens; uvicorn tells by a flag alone."""
        try:
            async with asyncio.timeout(START_SECONDS):
                while not self.started:  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise EngineTimeoutError(f"The service did not listen within {START_SECONDS:g} s.") from None
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port


def _innermost(error: BaseException) -> BaseException:
    """Take a failure of the test out of the task groups that it came through."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


@contextmanager
def local_postgres() -> Iterator[str]:
    """A Postgres server of the test run's own, on fast terms; answers its URL."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="orchestrator-postgres-"))
        yield stack.enter_context(_running(Path(folder)))


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    server = EmbeddedPostgres(folder, fast=True)
    try:
        yield server.start()
    finally:
        server.stop()


async def fresh_database(server_url: str) -> str:
    """Make an empty database on a server; answers its URL."""
    name = f"test_{token_hex(8)}"
    connection = await asyncpg.connect(server_url.replace("+asyncpg", ""), timeout=STATEMENT_SECONDS)
    try:
        await connection.execute(f"CREATE DATABASE {name}", timeout=STATEMENT_SECONDS)
    finally:
        await connection.close(timeout=STATEMENT_SECONDS)
    return f"{server_url.rpartition('/')[0]}/{name}"
