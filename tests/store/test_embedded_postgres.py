import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store import embedded_postgres
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.store.postgres_folder import is_postgres_on, read_postmaster
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

ROOT = Path(__file__).parents[2]
OWNER = """
import sys, threading
from pathlib import Path
from orchestrator.store.embedded_postgres import EmbeddedPostgres

def own():
    print(EmbeddedPostgres(Path(sys.argv[1]), fast=True).start(), flush=True)

if sys.argv[2] == "thread":
    starter = threading.Thread(target=own)
    starter.start()
    starter.join()
else:
    own()
sys.stdin.read()
"""


def new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="orchestrator-tests-"))


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A folder with a database in it, which the tests of this module start and stop."""
    made = new_folder()
    with EmbeddedPostgres(made, fast=True):
        pass
    yield made
    shutil.rmtree(made)


@pytest.fixture
def server(used_folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(used_folder, fast=True) as started:
        yield started


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=PATIENCE)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def start_in_another_process(folder: Path, starter: str) -> tuple["subprocess.Popen[str]", str]:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, folder, starter],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    return owner, owner.stdout.readline().strip()


def server_pid(folder: Path) -> int:
    running = read_postmaster(folder / "data")
    assert running is not None
    return running.pid


async def test_a_new_folder_gets_a_durable_server_that_keeps_its_data(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "made" / "on the way")
    url = server.start()
    assert server.owned
    assert await ask(url, "SHOW fsync") == "on"
    assert await ask(url, "SHOW synchronous_commit") == "on"
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert await ask(server.start(), "SELECT answer FROM kept") == 42
    server.stop()


async def test_speed_is_bought_with_durability_only_when_asked(server: EmbeddedPostgres) -> None:
    assert await ask(server.start(), "SHOW fsync") == "off"


async def test_text_is_unicode_and_sorts_alike_everywhere(server: EmbeddedPostgres) -> None:
    assert await ask(server.start(), "SELECT upper('crème brûlée')") == "CRÈME BRÛLÉE"
    assert await ask(server.start(), "SHOW server_encoding") == "UTF8"
    assert await ask(server.start(), "SHOW TimeZone") == "UTC"


def test_nobody_else_may_read_the_password_or_the_folder(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres", fast=True) as server:
        assert (server.folder / "password").stat().st_mode & 0o777 == 0o600
        assert server.folder.stat().st_mode & 0o077 == 0
        assert server.socket_folder.stat().st_mode & 0o077 == 0


async def test_no_connection_is_made_without_the_password(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=server.port, user="orchestrator", password="guessed", database="postgres"
        )
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host=str(server.socket_folder),
            port=server.port,
            user="orchestrator",
            password="guessed",
            database="postgres",
        )


async def test_the_unix_socket_serves_too(server: EmbeddedPostgres) -> None:
    password = (server.folder / "password").read_text()
    connection = await asyncpg.connect(
        host=str(server.socket_folder),
        port=server.port,
        user="orchestrator",
        password=password,
        database="postgres",
    )
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def test_a_long_path_still_gets_a_socket(folder: Path) -> None:
    with EmbeddedPostgres(folder / ("long-" * 20), fast=True) as server:
        assert not server.socket_folder.is_relative_to(server.folder)
        assert (server.socket_folder / f".s.PGSQL.{server.port}").exists()
    server.socket_folder.rmdir()


async def test_a_second_supervisor_attaches_and_leaves_the_server_running(server: EmbeddedPostgres) -> None:
    second = EmbeddedPostgres(server.folder)
    assert second.start() == server.start()
    assert not second.owned
    second.stop()
    assert await ask(server.start(), "SELECT 1") == 1


async def test_an_attached_supervisor_takes_over_on_the_same_port(used_folder: Path) -> None:
    first, second = EmbeddedPostgres(used_folder, fast=True), EmbeddedPostgres(used_folder, fast=True)
    url = first.start()
    second.start()
    first.stop()
    assert second.start() == url
    assert second.owned
    assert await ask(url, "SELECT 1") == 1
    second.stop()


async def test_a_stopped_server_comes_back_on_its_port(server: EmbeddedPostgres) -> None:
    url = server.start()
    server.stop()
    with pytest.raises(OSError, match=r"refused|failed"):
        await ask(url, "SELECT 1")
    assert server.start() == url
    assert await ask(url, "SELECT 1") == 1


def test_stopping_twice_and_starting_twice_is_harmless(server: EmbeddedPostgres) -> None:
    pid = server_pid(server.folder)
    server.start()
    assert server_pid(server.folder) == pid
    server.stop()
    server.stop()
    assert not server.owned
    assert read_postmaster(server.folder / "data") is None


async def test_a_taken_port_is_left_to_its_owner(server: EmbeddedPostgres) -> None:
    port = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        assert server.start()
        assert server.port != port


async def test_a_port_taken_at_the_last_moment_is_tried_again(
    used_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = embedded_postgres._free_port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1]])
        monkeypatch.setattr(embedded_postgres, "_free_port", lambda _preferred: next(ports, None) or real(0))
        with EmbeddedPostgres(used_folder, fast=True) as server:
            assert server.port != taken.getsockname()[1]
            assert await ask(server.start(), "SELECT 1") == 1


@pytest.mark.parametrize("starter", ["main", "thread"])
async def test_the_server_dies_with_its_killed_owner_and_the_next_start_recovers(
    used_folder: Path, starter: str
) -> None:
    owner, url = start_in_another_process(used_folder, starter)
    await ask(url, f"CREATE TABLE by_{starter} AS SELECT 7 AS answer")
    pid = server_pid(used_folder)
    owner.kill()
    owner.communicate()
    assert embedded_postgres._poll(lambda: not is_postgres_on(pid, used_folder / "data") or None, 10)
    with EmbeddedPostgres(used_folder, fast=True) as server:
        assert server.owned
        assert server_pid(used_folder) != pid
        assert await ask(server.start(), f"SELECT answer FROM by_{starter}") == 7


async def test_a_server_started_in_a_thread_outlives_the_thread(used_folder: Path) -> None:
    server = EmbeddedPostgres(used_folder, fast=True)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    assert await ask(server.start(), "SELECT 1") == 1
    server.stop()
    assert read_postmaster(used_folder / "data") is None


async def test_a_server_that_crashed_is_started_anew(server: EmbeddedPostgres) -> None:
    process = server._process
    assert process is not None
    os.kill(server_pid(server.folder), signal.SIGKILL)
    process.wait(10)
    assert await ask(server.start(), "SELECT 1") == 1
    assert server.owned


async def test_a_server_whose_owner_vanished_is_ended_before_the_next(used_folder: Path) -> None:
    first = EmbeddedPostgres(used_folder, fast=True)
    first.start()
    orphan = server_pid(used_folder)
    assert first._lock is not None
    assert first._process is not None
    first._lock.close()
    with EmbeddedPostgres(used_folder, fast=True) as second:
        assert second.owned
        assert server_pid(used_folder) != orphan
        assert first._process.wait(10) == 0


def test_a_stale_pid_file_is_neither_trusted_nor_anybodys_end(used_folder: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stale = [
        str(stranger.pid),
        str(used_folder / "data"),
        "1700000000",
        "5432",
        "",
        "127.0.0.1",
        "1 2",
        "ready",
    ]
    (used_folder / "data" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    with EmbeddedPostgres(used_folder, fast=True) as server:
        assert server_pid(used_folder) != stranger.pid
        assert server.owned
    assert stranger.poll() is None
    stranger.communicate(b"\n")


def test_a_failed_start_carries_the_end_of_the_log_and_lets_go_of_the_folder(used_folder: Path) -> None:
    configuration = used_folder / "data" / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "\nno_such_parameter = 1\n")
    server = EmbeddedPostgres(used_folder, fast=True)
    with pytest.raises(StoreUnavailableError, match="no_such_parameter") as caught:
        server.start()
    assert str(server.log) in caught.value.message
    assert not server.owned
    configuration.write_text(good)
    with server:
        assert server.owned


def test_a_failed_making_of_the_database_is_told_and_made_good(folder: Path) -> None:
    binaries = folder / "binaries"
    binaries.mkdir()
    (binaries / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.6'\n")
    (binaries / "initdb").write_text("#!/bin/sh\necho 'initdb: error: the disk is full'\nexit 1\n")
    for program in binaries.iterdir():
        program.chmod(0o755)
    with pytest.raises(StoreUnavailableError, match="the disk is full"):
        EmbeddedPostgres(folder, binaries=binaries).start()
    (folder / "data.new").mkdir()
    (folder / "data.new" / "half-made").touch()
    with EmbeddedPostgres(folder, fast=True) as server:
        assert server.owned
        assert not (folder / "data.new").exists()


def test_a_database_of_another_version_is_refused_with_the_mend(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(
        StoreUnavailableError, match=r"is of Postgres 9.*Mend: .*ORCHESTRATOR_POSTGRES_BINARIES"
    ):
        EmbeddedPostgres(folder).start()


def test_waiting_for_an_owner_that_never_serves_has_a_deadline(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "START_SECONDS", 0.05)
    busy = EmbeddedPostgres(folder)
    assert busy._lock_or_attach()
    with pytest.raises(StoreUnavailableError, match="did not get ready under its owner within"):
        EmbeddedPostgres(folder).start()
    busy.stop()


def test_an_orphan_that_does_not_end_is_told_of(used_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPostgres(used_folder, fast=True) as server:
        monkeypatch.setattr(embedded_postgres, "STOP_SECONDS", 0.0)
        monkeypatch.setattr(os, "kill", lambda _pid, _signal: None)
        with pytest.raises(StoreUnavailableError, match="though its owner is gone"):
            server._clear_what_a_crash_left()
        monkeypatch.undo()


def test_a_server_that_ignores_its_orders_is_ended_by_force(
    used_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "STOP_SECONDS", 0.2)
    stubborn = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal\nfor n in (2, 3): signal.signal(n, 1)\nprint(flush=True)\nsignal.pause()",
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    EmbeddedPostgres(used_folder)._end(stubborn)
    assert stubborn.wait(10) == -signal.SIGKILL
    stubborn.stdout.close()


def test_a_log_that_grew_too_long_is_begun_again(used_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "LOG_LIMIT", 100)
    (used_folder / "server.log").write_text("old line\n" * 100)
    with EmbeddedPostgres(used_folder, fast=True) as server:
        assert "old line" not in server.log.read_text()


async def test_the_log_holds_nothing_that_callers_said(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE IF NOT EXISTS spoken (words text PRIMARY KEY)")
    await ask(url, "INSERT INTO spoken VALUES ('my card is 4111') ON CONFLICT DO NOTHING")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(url, "INSERT INTO spoken VALUES ('my card is 4111')")
    log = server.log.read_text()
    assert "duplicate key" in log
    assert "4111" not in log
