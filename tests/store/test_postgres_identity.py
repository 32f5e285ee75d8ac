import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store import postgres_identity
from orchestrator.store.postgres_identity import choose_identity, launcher_command, namespaces_work
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

NOBODY = (65534, 65533)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Play root on any machine; the answer collects the paths that were given away."""
    given: list[Path] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "chown", lambda path, _user, _group: given.append(path))
    monkeypatch.setattr(postgres_identity, "_nobody", lambda: NOBODY)
    return given


def owned_by(monkeypatch: pytest.MonkeyPatch, user: int, group: int) -> None:
    """Let every path belong to somebody, open to others or not as it really is."""
    real = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        fields = list(real(path, follow_symlinks=follow_symlinks))
        fields[4:6] = [user, group]
        return os.stat_result(fields)

    monkeypatch.setattr(Path, "stat", stat)


def test_an_ordinary_user_is_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose_identity(tmp_path, tmp_path) == "same"


def test_root_hides_in_a_namespace_and_gives_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handed: list[Path]
) -> None:
    owned_by(monkeypatch, 0, 0)
    monkeypatch.setattr(postgres_identity, "namespaces_work", lambda: True)
    assert choose_identity(tmp_path, tmp_path) == "namespace"
    assert handed == []


def test_root_without_namespaces_gives_the_folder_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handed: list[Path]
) -> None:
    owned_by(monkeypatch, 0, 0)
    monkeypatch.setattr(postgres_identity, "namespaces_work", lambda: False)
    monkeypatch.setattr(postgres_identity, "_refuse_unreachable", lambda _path, _user: None)
    (tmp_path / "password").touch()
    assert choose_identity(tmp_path, tmp_path) == "65534:65533"
    assert set(handed) == {tmp_path, tmp_path / "password"}


def test_root_runs_the_server_of_somebody_elses_folder_as_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handed: list[Path]
) -> None:
    owned_by(monkeypatch, 1000, 100)
    assert choose_identity(tmp_path, tmp_path) == "1000:100"
    assert handed == []


@pytest.mark.usefixtures("handed")
def test_a_folder_that_nobody_can_reach_is_told_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    folder = closed / "postgres"
    folder.mkdir(parents=True)
    closed.chmod(0o700)
    owned_by(monkeypatch, 0, 0)
    monkeypatch.setattr(postgres_identity, "namespaces_work", lambda: False)
    with pytest.raises(
        StoreUnavailableError, match=r"user 65534 cannot enter .*Mend: start as an ordinary user"
    ):
        choose_identity(folder, tmp_path)


def test_a_folder_that_everybody_can_reach_is_good_enough() -> None:
    postgres_identity._refuse_unreachable(Path("/usr/bin/postgres"), 65534)


def test_nobody_is_looked_up_in_the_systems_users() -> None:
    user, group = postgres_identity._nobody()
    assert user > 0
    assert group > 0


def test_whether_namespaces_work_is_found_by_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = subprocess.run(
        launcher_command("namespace", "signal"), capture_output=True, check=False, timeout=PATIENCE
    )
    assert namespaces_work() is (tried.returncode == 0)
    monkeypatch.setattr(postgres_identity, "launcher_command", lambda _identity, _guard: ["false"])
    assert not namespaces_work()
