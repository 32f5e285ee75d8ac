"""A real Postgres of our own, started as a child and gone when we are.

The supervisor holds a lock on its folder for as long as it owns the server, so a folder has one owner; a
second process on the same folder attaches to the running server. The server dies with its owner however that
ends (`postgres_launcher` has the means), and the next start recovers what a crash left.

| found at start | what happens |
|---|---|
| lock free, no server | make the database where there is none, start the server, own it |
| lock free, a server runs | its owner died: end it in order, then as above |
| lock free, stale `postmaster.pid` | remove it, then as above |
| lock held, server ready | attach |
| lock held, no server yet | wait for the first or the fourth |

Every wait has a deadline, and every failure carries the end of the server's log.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store.postgres_folder import (
    find_binaries,
    major_version,
    make_socket_folder,
    read_postmaster,
    socket_folder,
    tail,
)
from orchestrator.store.postgres_identity import choose_identity, launcher_command
from orchestrator.store.postgres_options import USER, initdb_command, server_command

START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.004
LOG_LIMIT = 10_000_000
DATABASE = "postgres"

PASSING_CAUSES = re.compile(
    r"could not create any TCP/IP sockets|pre-existing shared memory block|lock file .* already exists"
)
"""Log lines of a start that can succeed in a moment: a port was just taken, a crash is not yet swept up."""

Answer = TypeVar("Answer")


class EmbeddedPostgres:
    """The supervisor of the Postgres server in one folder.

    Use it as a context manager, or call `stop()` when done; left alone, the server ends with this process.

    Args:
        folder: Where everything of it is kept; made when missing.
        binaries: Folder with the programs; otherwise those of an installed package, else of the system.
        fast: Give up durability for speed. For tests.
    """

    def __init__(self, folder: Path, *, binaries: Path | None = None, fast: bool = False) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "server.log"
        self.port = 0
        """The TCP port on 127.0.0.1; a later start takes the same one when it is free."""
        self._data = self.folder / "data"
        self._password = self.folder / "password"
        self._given_binaries = binaries
        self._fast = fast
        self._lock: BinaryIO | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def owned(self) -> bool:
        """Whether the server is this object's own, rather than one of another process that it attached to."""
        return self._lock is not None

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's Unix socket, for `psql -h`."""
        return socket_folder(self.folder)

    def start(self) -> str:
        """Start the server or attach to the one that runs; call again to recover one that ended.

        Returns:
            The SQLAlchemy URL of its database, with the password in it.

        Raises:
            StoreUnavailableError: When no server can be had.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if not self.owned and self._wait_for(
            self._lock_or_attach, START_SECONDS, "get ready under its owner"
        ):
            try:
                self._start_own()
            except BaseException:
                self.stop()
                raise
        password = self._password.read_text()
        return f"postgresql+asyncpg://{USER}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def stop(self) -> None:
        """Stop the server in order when it is ours, else only let go of it; the second time does nothing."""
        process, self._process = self._process, None
        if process is not None:
            self._end(process)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _lock_or_attach(self) -> bool | None:
        """Answer True once we own the folder, False once we are attached, None while neither is possible."""
        lock = (self.folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            running = read_postmaster(self._data)
            if running is None or not running.ready:
                return None
            self.port = running.port
            return False
        self._lock = lock
        return True

    def _start_own(self) -> None:
        binaries = find_binaries(self._given_binaries)
        self._clear_what_a_crash_left()
        if not self._data.exists():
            self._make_password()
        identity = choose_identity(self.folder, binaries)
        if not self._data.exists():
            self._make_database(binaries, identity)
        self._refuse_another_version(binaries)
        self._wait_for(lambda: self._start_server(binaries, identity), START_SECONDS, "start")

    def _clear_what_a_crash_left(self) -> None:
        """End a server whose owner died, and remove a pid file that no server stands behind."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            orphan = read_postmaster(self._data)
            if orphan is None:
                break
            with suppress(ProcessLookupError):
                os.kill(orphan.pid, number)
            _poll(lambda: read_postmaster(self._data) is None or None, STOP_SECONDS)
        if read_postmaster(self._data) is not None:
            raise self._failure(f"did not end within {2 * STOP_SECONDS:.0f} s, though its owner is gone")
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _make_password(self) -> None:
        self._password.unlink(missing_ok=True)
        self._password.touch(mode=0o600)
        self._password.write_text(secrets.token_urlsafe(24))

    def _make_database(self, binaries: Path, identity: str) -> None:
        """Make the data folder under another name, so that a half-made one is never taken for it."""
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = initdb_command(binaries, unfinished, password=self._password, fast=self._fast)
        process = self._launch(identity, command)
        try:
            status = self._wait_for(process.poll, START_SECONDS, "make its database")
        finally:
            self._end(process)
        if status != 0:
            raise self._failure("could not make its database")
        unfinished.rename(self._data)

    def _refuse_another_version(self, binaries: Path) -> None:
        made_by, program = int((self._data / "PG_VERSION").read_text()), major_version(binaries)
        if made_by != program:
            raise StoreUnavailableError(
                f"The database in {self.folder} is of Postgres {made_by}, and {binaries} is {program}. Mend: "
                f"name a folder of {made_by} in ORCHESTRATOR_POSTGRES_BINARIES, or move the database away."
            )

    def _start_server(self, binaries: Path, identity: str) -> bool | None:
        """Try once: True when it serves, None when another try can do better."""
        self.port = _free_port(self.port)
        sockets = make_socket_folder(self.folder, identity)
        command = server_command(binaries, self._data, port=self.port, socket_folder=sockets, fast=self._fast)
        process = self._process = self._launch(identity, command)
        if self._wait_for(lambda: self._is_ready(process), START_SECONDS, "get ready"):
            return True
        if not PASSING_CAUSES.search(tail(self.log, self._log_start)):
            raise self._failure("ended while it started")
        return None

    def _is_ready(self, process: "subprocess.Popen[bytes]") -> bool | None:
        if process.poll() is not None:
            return False
        running = read_postmaster(self._data)
        return True if running is not None and running.ready else None

    def _launch(self, identity: str, command: list[str]) -> "subprocess.Popen[bytes]":
        """Run a Postgres program under the launcher, in a session of its own: Ctrl-C is for us alone."""
        from_main_thread = threading.current_thread() is threading.main_thread()
        guard = "signal" if sys.platform == "linux" and from_main_thread else "pipe"
        kept = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        with self.log.open("ab") as log:
            if log.tell() > LOG_LIMIT:
                log.truncate(0)
            self._log_start = log.seek(0, os.SEEK_END)
            return subprocess.Popen(
                [*launcher_command(identity, guard), *command],
                stdin=subprocess.PIPE if guard == "pipe" else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"},
                start_new_session=True,
            )

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """End a program that we launched, with its launcher: in order, else at once, else by force."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                _poll(process.poll, STOP_SECONDS)
        if process.stdin is not None:
            process.stdin.close()

    def _wait_for(self, check: Callable[[], Answer | None], seconds: float, what: str) -> Answer:
        answer = _poll(check, seconds)
        if answer is None:
            raise self._failure(f"did not {what} within {seconds:.0f} s")
        return answer

    def _failure(self, what: str) -> StoreUnavailableError:
        log = tail(self.log, self._log_start)
        return StoreUnavailableError(
            f"The embedded Postgres in {self.folder} {what}. The end of {self.log}:\n{log}"
        )


def _poll(check: Callable[[], Answer | None], seconds: float) -> Answer | None:
    """Return the first answer of a check that has one, or None at the deadline."""
    deadline = time.monotonic() + seconds
    while (answer := check()) is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return answer


def _free_port(preferred: int) -> int:
    """Return the preferred port of 127.0.0.1 if it can be had, else any that can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
