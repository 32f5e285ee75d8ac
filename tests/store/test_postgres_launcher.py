import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchestrator.store.postgres_identity import launcher_command, namespaces_work
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

LINUX = sys.platform == "linux"
WHO = "id -u"
REPORT_INTERRUPT = "trap 'kill $!; exit 42' INT; sleep 60 & echo started; wait"


def launch(identity: str, guard: str, script: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*launcher_command(identity, guard), "/bin/sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def outcome(identity: str, script: str) -> tuple[str, str, int]:
    """What a program writes to output and errors, and its exit status; its input stays open until it ends."""
    process = launch(identity, "pipe", script)
    assert process.stdout is not None
    output = process.stdout.read()
    _, errors = process.communicate(timeout=PATIENCE)
    return output, errors, process.returncode


def test_the_program_runs_as_ourselves_unless_told_otherwise() -> None:
    output, _, _ = outcome("same", WHO)
    assert output.strip() == str(os.geteuid())


def test_in_a_namespace_we_look_like_nobody() -> None:
    output, errors, _ = outcome("namespace", WHO)
    if namespaces_work():
        assert output.strip() == "65534"
    else:
        assert "no user namespace" in errors


def test_root_is_given_up_for_good() -> None:
    output, errors, _ = outcome("65534:65534", "id -u; id -ru")
    if os.geteuid() == 0:
        assert output.split() == ["65534", "65534"]
    else:
        assert "PermissionError" in errors


def test_the_programs_exit_status_is_handed_on() -> None:
    assert outcome("same", "exit 7") == ("", "", 7)


def test_a_pipe_that_closes_interrupts_the_program() -> None:
    process = launch("same", "pipe", REPORT_INTERRUPT)
    assert first_line(process) == "started"
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 42


def test_signals_to_the_group_reach_the_program_and_leave_its_keeper_to_wait() -> None:
    process = launch("same", "pipe", REPORT_INTERRUPT)
    assert first_line(process) == "started"
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGQUIT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 42


@pytest.mark.skipif(not LINUX, reason="only Linux tells a process of its parent's end")
@pytest.mark.parametrize("identity", ["same", "namespace", "65534:65534"])
def test_the_end_of_the_thread_that_started_it_interrupts_the_program(identity: str) -> None:
    usable = {"same": True, "namespace": namespaces_work(), "65534:65534": os.geteuid() == 0}[identity]
    started: list[subprocess.Popen[str]] = []
    may_end = threading.Event()

    def start() -> None:
        started.append(launch(identity, "signal", REPORT_INTERRUPT))
        first_line(started[0])
        may_end.wait(10)

    thread = threading.Thread(target=start)
    thread.start()
    may_end.set()
    thread.join()
    started[0].communicate(timeout=PATIENCE)
    assert (started[0].returncode == 42) is usable


@pytest.mark.skipif(not LINUX, reason="only Linux tells a process of its parent's end")
def test_a_parent_that_ended_too_early_is_noticed() -> None:
    command = launcher_command("same", "signal")[:-1]
    tried = subprocess.run(
        [*command, "1", "/bin/true"], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert tried.returncode == 1
    assert "the parent ended first" in tried.stderr


def test_the_launcher_imports_nothing_of_ours() -> None:
    source = Path(launcher_command("same", "pipe")[3]).read_text()
    assert "from orchestrator" not in source
    assert "import orchestrator" not in source
