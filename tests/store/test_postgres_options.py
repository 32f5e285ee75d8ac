from itertools import pairwise
from pathlib import Path

import pytest

from orchestrator.store import postgres_options
from orchestrator.store.postgres_options import initdb_command, server_command

pytestmark = pytest.mark.unit

BINARIES, DATA = Path("/opt/bin"), Path("/srv/data")


def settings_of(command: list[str]) -> set[str]:
    return {value for option, value in pairwise(command) if option == "-c"}


def test_a_server_listens_on_loopback_and_its_socket_alone() -> None:
    command = server_command(BINARIES, DATA, port=5555, socket_folder=Path("/srv/socket"), fast=False)
    assert command[:3] == ["/opt/bin/postgres", "-D", "/srv/data"]
    assert {"listen_addresses=127.0.0.1", "port=5555", "unix_socket_directories=/srv/socket"} <= settings_of(
        command
    )


def test_only_a_fast_server_gives_up_durability() -> None:
    durable = server_command(BINARIES, DATA, port=1, socket_folder=DATA, fast=False)
    fast = server_command(BINARIES, DATA, port=1, socket_folder=DATA, fast=True)
    assert settings_of(fast) - settings_of(durable) == {
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
    }


@pytest.mark.parametrize(("version", "unicode"), [(16, False), (17, True), (18, True)])
def test_letters_follow_unicode_where_postgres_can(
    monkeypatch: pytest.MonkeyPatch, version: int, unicode: bool
) -> None:
    monkeypatch.setattr(postgres_options, "major_version", lambda _binaries: version)
    command = initdb_command(BINARIES, DATA, password=Path("/srv/password"), fast=False)
    assert ("--builtin-locale=C.UTF-8" in command) is unicode
    assert "--encoding=UTF8" in command


def test_every_user_of_a_new_database_needs_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_options, "major_version", lambda _binaries: 18)
    command = initdb_command(BINARIES, DATA, password=Path("/srv/password"), fast=True)
    assert {"--auth=scram-sha-256", "--pwfile=/srv/password", "--no-sync"} <= set(command)


@pytest.mark.parametrize(
    ("version", "fast", "cheap"), [(15, True, False), (16, True, True), (18, True, True), (18, False, False)]
)
def test_only_a_fast_server_makes_logins_cheap(
    monkeypatch: pytest.MonkeyPatch, version: int, fast: bool, cheap: bool
) -> None:
    monkeypatch.setattr(postgres_options, "major_version", lambda _binaries: version)
    command = initdb_command(BINARIES, DATA, password=Path("/srv/password"), fast=fast)
    assert (("--set", "scram_iterations=1") in pairwise(command)) is cheap
