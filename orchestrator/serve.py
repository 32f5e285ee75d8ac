"""Serves one node until it is told to stop, and drains it then."""

import asyncio
import signal
import socket
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn

from orchestrator.api.services import Services
from orchestrator.app import create_app, open_services
from orchestrator.call.switchboard import Switchboard
from orchestrator.settings import Settings
from orchestrator.store.embedded_postgres import EmbeddedPostgres

LARGEST_FRAME = 32 * 1024 * 1024
"""Bytes: an append of 15 MiB is 20 MiB of base64, in JSON."""

_log = structlog.get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Closes live sockets only after the node was drained: uvicorn itself would close them at once.

    Args:
        config: Of uvicorn.
        switchboard: Whose calls are waited for.
        drain_seconds: How long.
        on_started: Called with the port once it listens.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        switchboard: Switchboard,
        drain_seconds: float,
        on_started: Callable[[int], None],
    ) -> None:
        super().__init__(config)
        self._switchboard = switchboard
        self._drain_seconds = drain_seconds
        self._on_started = on_started
        self._loop = asyncio.get_running_loop()
        self._signalled = asyncio.Event()
        self._drained = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets)
        if self.started:
            self._on_started(self.servers[0].sockets[0].getsockname()[1])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take no further calls, wait for those there are, then stop; a second signal stops at once."""
        del frame
        if self._switchboard.draining or not self._switchboard.conversations:
            self._loop.call_soon_threadsafe(self._drained.set)
        self._switchboard.draining = True
        self._loop.call_soon_threadsafe(self._signalled.set)
        _log.info("stopping", signal=signal.Signals(sig).name, calls=len(self._switchboard.conversations))

    async def watch(self) -> None:
        """Run beside `serve`: stops it once the node is drained."""
        await self._signalled.wait()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(self._wait_for_calls())
            await self._drained.wait()
            waiting.cancel()
        self.should_exit = True

    async def _wait_for_calls(self) -> None:
        if not await self._switchboard.drained(self._drain_seconds):
            _log.warning("calls did not end in time", conversations=len(self._switchboard.conversations))
        self._drained.set()


def serve(settings: Settings, started: Callable[[Settings, Services, str], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: Of the node.
        started: Called once it listens, with the services and the address of the pages.

    Raises:
        OrchestratorError: It cannot start; the message says why.
    """
    postgres = None
    if settings.database_url is None:
        postgres = EmbeddedPostgres(settings.data_dir / "postgres", binaries=settings.postgres_binaries)
        url = postgres.start()
    else:
        url = settings.database_url.get_secret_value()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, url, started))
    finally:
        if postgres is not None:
            postgres.stop()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, url: str, started: Callable[[Settings, Services, str], None]) -> None:
    async with open_services(settings, url) as services:
        config = uvicorn.Config(
            create_app(settings, services),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=LARGEST_FRAME,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=5,
        )
        server = DrainingServer(
            config,
            services.switchboard,
            settings.drain_seconds,
            lambda port: started(settings, services, f"http://{settings.host}:{port}"),
        )
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(server.watch())
            await server.serve()
            watching.cancel()
