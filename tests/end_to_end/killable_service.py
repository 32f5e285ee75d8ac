"""The real service in a process of its own, started in a fraction of a second, to be killed.

A fork server imports the service once; each process is forked off it. It listens on a socket of the test's,
so that a client may connect before the service is up: the connection waits in the socket's backlog.
"""

import asyncio
import gc
import multiprocessing
import socket
import tempfile
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import structlog

from tests.patience import PATIENCE

PRELOADED = [
    "orchestrator.serve",
    "orchestrator.media.server",
    "tests.api.parsed_handlers",
    "tests.end_to_end.shop",
]


class KillableService:
    """Starts and kills processes that serve the shop, all at one address.

    Args:
        database_url: Of all of them, one after another.
        engine_url: Of the scripted engine in the test's own process.
        settings: Further settings.
    """

    def __init__(self, database_url: str, engine_url: str, **settings: Any) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._folder = tempfile.TemporaryDirectory(prefix="orchestrator-killable-")
        port = self._listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}"
        self._settings: dict[str, Any] = {
            "agents": "tests.end_to_end.shop",
            "database_url": database_url,
            "engine": engine_url,
            "data_dir": Path(self._folder.name),
            "port": port,
            **settings,
        }
        self.process: BaseProcess | None = None

    def start(self) -> None:
        """Start one; returns before it is up."""
        self.process = self._context.Process(
            target=_serve, args=(self._listener, self._settings), name="service", daemon=True
        )
        self.process.start()

    def kill(self) -> None:
        """Kill it as `kill -9` does, this instant."""
        if self.process is not None:
            self.process.kill()

    def terminate(self) -> None:
        """Ask it to stop, as a service manager does."""
        if self.process is not None:
            self.process.terminate()

    async def ended(self) -> int | None:
        """Wait until the process is gone; its exit code."""
        if self.process is None:
            return None
        await asyncio.to_thread(self.process.join, PATIENCE)
        code = self.process.exitcode
        self.process.close()
        self.process = None
        return code

    async def close(self) -> None:
        """Kill what runs, and give the address back."""
        self.kill()
        await self.ended()
        self._listener.close()
        self._folder.cleanup()


def _serve(listener: socket.socket, settings: dict[str, Any]) -> None:
    from orchestrator.call.loading import load  # noqa: PLC0415 - the fork server has it, the test needs it not
    from orchestrator.serve import _serve_on  # noqa: PLC0415 - as above
    from orchestrator.settings import Settings  # noqa: PLC0415 - as above

    gc.disable()  # as the command line does, until the service listens
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    configured = Settings(**settings)
    declared = load(configured.agents, configured.default_agent)
    _serve_on(listener, configured, declared, lambda *_: None)
