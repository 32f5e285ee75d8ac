"""`orchestrator doctor`: what it looks at, and what it says of what is wrong."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli import checks
from orchestrator.settings import Settings
from tests.cli.conftest import Run

pytestmark = pytest.mark.edge


def findings(run: Run, **settings: str) -> dict[str, dict[str, Any]]:
    found = json.loads(run("doctor", "--json", **settings).stdout)
    return {each["what"]: each for each in found}


@pytest.mark.usefixtures("in_checkout")
def test_where_all_is_well_every_line_says_so(run: Run) -> None:
    shown = run("doctor", ORCHESTRATOR_PORT="0")
    assert shown.exit_code == 0, shown.output
    assert "fail" not in shown.output
    assert "offline demo brain, no model" in shown.output
    assert len(findings(run)) == len(checks.CHECKS)


def test_agents_that_are_not_there_fail_with_the_mend(run: Run) -> None:
    shown = run("doctor", ORCHESTRATOR_PORT="0")
    assert shown.exit_code == 1
    assert "fail  agents" in shown.output
    assert "orchestrator agents check" in shown.output


def test_wrong_settings_are_told_first(run: Run) -> None:
    assert run("doctor", ORCHESTRATOR_PORT="high").exit_code == 2


def test_a_database_and_an_engine_that_are_away_fail(run: Run) -> None:
    away = {"DATABASE_URL": "postgresql://u:p@127.0.0.1:9/d", "ORCHESTRATOR_ENGINE": "ws://127.0.0.1:9/v1"}
    found = findings(run, **away)
    assert found["postgres"]["verdict"] == "fail"
    assert found["engine"]["verdict"] == "fail"
    assert "127.0.0.1:9" in found["engine"]["told"]
    assert ":p@" not in json.dumps(found)


@pytest.mark.parametrize(
    ("what", "kind", "setting"),
    [
        ("port", socket.SOCK_STREAM, "ORCHESTRATOR_PORT"),
        ("media", socket.SOCK_DGRAM, "ORCHESTRATOR_UDP_PORT"),
    ],
)
def test_a_port_in_use_is_a_warning(run: Run, what: str, kind: socket.SocketKind, setting: str) -> None:
    with socket.socket(type=kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        found = findings(run, **{setting: str(taken.getsockname()[1])})
    assert found[what]["verdict"] == "warn"
    assert setting in found[what]["mend"]


def test_a_database_of_yours_that_answers_is_named_without_its_password(run: Run, database_url: str) -> None:
    found = findings(run, DATABASE_URL=database_url)
    assert found["postgres"]["verdict"] == "ok"
    assert found["postgres"]["told"].startswith("yours, at 127.0.0.1:")


def test_an_engine_that_takes_connections_is_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as engine:
        url = f"ws://127.0.0.1:{engine.getsockname()[1]}/v1/realtime"
        assert checks.look_at_engine(Settings(engine=url)).verdict == "ok"


def test_a_key_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "admin-key").touch(mode=0o644)
    found = checks.look_at_data(Settings(data_dir=tmp_path))
    assert found.verdict == "warn"
    assert "chmod 600" in found.mend


def test_a_data_folder_that_cannot_be_written_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert checks.look_at_data(Settings(data_dir=tmp_path / "data")).verdict == "fail"


def test_packages_that_are_missing_or_wrong_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["absent-of-the-test>=1", "pytest<1", 'absent; extra == "x"', "rich"]
    monkeypatch.setattr(checks, "requires", lambda _: needs)
    found = checks.look_at_packages(Settings())
    assert found.verdict == "fail"
    assert "absent-of-the-test is missing; pytest is " in found.told


def test_an_old_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST_PYTHON", (9, 0))
    assert checks.look_at_python(Settings()).verdict == "fail"


@pytest.mark.usefixtures("home")
def test_what_speaks_and_hears_is_told_and_what_is_missing_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    found = checks.look_at_speech(Settings())
    assert (found.verdict, found.told) == ("warn", "tone speaks, nothing hears")
    assert "Text needs none of it" in found.mend
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    found = checks.look_at_speech(Settings())
    assert (found.verdict, found.told, found.mend) == ("ok", "embedded speaks, embedded hears", "")
