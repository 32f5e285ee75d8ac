"""A folder to run commands in, commands in this process, and a real service beside it."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import orchestrator as program
from tests.cli.programs import COMMAND_SECONDS, FOREIGN, ROOT, Service, clean_environment, command

Run = Callable[..., Result]
Orchestrator = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no setting but where data goes."""
    for name in list(os.environ):
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ORCHESTRATOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command in this process."""

    def invoke(*words: str, typed: str | None = None, **settings: str) -> Result:
        environment: dict[str, str | None] = dict(settings)
        return CliRunner().invoke(program, list(words), input=typed, env=environment)

    return invoke


@pytest.fixture
def in_checkout(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Work in the checkout, whose agents are those that ship."""
    del home
    monkeypatch.chdir(ROOT)


@pytest.fixture
def orchestrator(tmp_path: Path) -> Orchestrator:
    """Run a command as a program of its own, in the checkout."""

    def start(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command(*words),
            cwd=ROOT,
            env=clean_environment(ORCHESTRATOR_DATA_DIR=str(tmp_path / "data"), **settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    return start


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start services, and end those that are left."""
    started: list[Service] = []

    def start(**settings: Any) -> Service:
        started.append(Service(tmp_path, **settings))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests of a module that leave it running."""
    running = Service(tmp_path_factory.mktemp("service"))
    yield running
    running.stop()
