"""Serves one node until it is told to stop, and drains it then."""

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from types import FrameType

import structlog
import uvicorn

from orchestrator.api.admission import Admission
from orchestrator.api.direct_socket import DirectSocket
from orchestrator.api.services import Services
from orchestrator.app import STOP_SECONDS, admin_key, create_app, open_services
from orchestrator.call.switchboard import Switchboard
from orchestrator.core.definition import Definition
from orchestrator.core.errors import SettingsError
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.web.sign_in import sign_in_link

LARGEST_FRAME = 32 * 1024 * 1024
"""Bytes: an append of 15 MiB is 20 MiB of base64, in JSON."""

_log = structlog.get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Closes live sockets only after the node was drained: uvicorn itself would close them at once.

    Args:
        config: Of uvicorn.
        switchboard: Whose calls are waited for.
        drain_seconds: How long.
        on_started: Called once it listens.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        switchboard: Switchboard,
        drain_seconds: float,
        on_started: Callable[[], None],
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
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take no further calls, wait for those there are, then stop; a second signal stops at once."""
        del frame
        if self._switchboard.draining or not self._switchboard.conversations:
            self._loop.call_soon_threadsafe(self._drained.set)
        self._switchboard.draining = True
        self._loop.call_soon_threadsafe(self._signalled.set)
        calls = len(self._switchboard.conversations)
        told = "waiting for calls to end; a second signal stops at once" if calls else "stopping"
        _log.info(told, signal=signal.Signals(sig).name, calls=calls, seconds=self._drain_seconds)

    async def watch(self) -> None:
        """Run beside `serve`: stops it once the node is drained."""
        await self._signalled.wait()
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(self._wait_for_calls())
            await self._drained.wait()
            waiting.cancel()
        # Before uvicorn closes the sockets: clients are told why, and it is stored who ended their calls.
        await self._switchboard.stop(STOP_SECONDS)
        self.should_exit = True

    async def _wait_for_calls(self) -> None:
        if not await self._switchboard.drained(self._drain_seconds):
            _log.warning("calls did not end in time", conversations=len(self._switchboard.conversations))
        self._drained.set()


@dataclass(frozen=True, slots=True)
class Started:
    """A node that listens.

    Attributes:
        address: Of the pages.
        sign_in: A link that signs the administrator in, once; None where other machines reach the node.
    """

    settings: Settings
    services: Services
    address: str
    sign_in: str | None


def serve(settings: Settings, declared: Definition, started: Callable[[Started], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Once it listens, Python looks for garbage in what is made from then on; whoever loads the service may
    have told it not to look until then.

    Args:
        settings: Of the node.
        declared: The agents as their classes say.
        started: Called once it listens.

    Raises:
        OrchestratorError: It cannot start; the message says why.
    """
    # First of all: a port that is taken is known before a database is started for nothing.
    with closing(bind(settings)) as listener:
        _serve_on(listener, settings, declared, started)


def bind(settings: Settings) -> socket.socket:
    """Take the address to listen on; nobody can connect yet.

    Raises:
        SettingsError: It is taken, or is none of this machine's.
    """
    place = f"ORCHESTRATOR_HOST={settings.host}, ORCHESTRATOR_PORT={settings.port}"
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SettingsError(f"{place}: {error.strerror}. Mend: listen on 127.0.0.1.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        reason = error.strerror
        if error.errno == errno.EADDRINUSE:
            reason = "another program listens there, perhaps this service in another terminal"
        mend = "Mend: stop it, or choose another port with `--port`."
        raise SettingsError(f"{place}: {reason}. {mend}", param="ORCHESTRATOR_PORT") from error
    return listener


def _serve_on(
    listener: socket.socket, settings: Settings, declared: Definition, started: Callable[[Started], None]
) -> None:
    postgres = None
    if settings.database_url is None:
        postgres = EmbeddedPostgres(settings.data_dir / "postgres", binaries=settings.postgres_binaries)
        url = postgres.start()
    else:
        url = settings.database_url.get_secret_value()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(listener, settings, url, declared, started))
    finally:
        if postgres is not None:
            postgres.stop()


def address_of(host: str, port: int) -> str:
    """Where the pages are, as a browser on this machine writes it."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not listened on
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


async def another_sign_in_link(settings: Settings, database: Database, address: str | None = None) -> str:
    """A link that signs an administrator in to the pages: good once, and for a quarter of an hour.

    Args:
        settings: Of the service.
        database: Of the service.
        address: Where its pages are; None where the settings say so.
    """
    admission = Admission(database, admin_key=admin_key(settings), open_door=settings.is_loopback)
    found = address or settings.public_url or address_of(settings.host, settings.port)
    return await sign_in_link(database, admission, found.rstrip("/"))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(
    listener: socket.socket,
    settings: Settings,
    url: str,
    declared: Definition,
    started: Callable[[Started], None],
) -> None:
    async with open_services(settings, url, declared) as services:
        address = address_of(settings.host, listener.getsockname()[1])
        sign_in = None
        if settings.is_loopback:
            sign_in = await sign_in_link(services.database, services.admission, address)
        config = uvicorn.Config(
            create_app(settings, services),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws=DirectSocket,
            ws_max_size=LARGEST_FRAME,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=5,
        )

        def listening() -> None:
            # What was made until now lives as long as the service does: to look for garbage there, in the
            # midst of calls, is work for nothing.
            gc.freeze()
            gc.enable()
            started(Started(settings, services, address, sign_in))

        server = DrainingServer(config, services.switchboard, settings.drain_seconds, listening)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(server.watch())
            await server.serve([listener])
            watching.cancel()
