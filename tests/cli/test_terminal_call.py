"""A call with somebody at a terminal: typing, stopping a reply, leaving; on an engine that talks slowly."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.cli.programs import PROGRAM, ROOT, Service, clean_environment, command
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge

CTRL_C = "\x03"

Serve = Callable[..., Service]


class Terminal:
    """A program in a terminal of its own.

    Args:
        words: Of the command line.
    """

    def __init__(self, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            # The terminal is made the program's own, so that Ctrl-C there reaches it.
            [sys.executable, "-c", f"import os; os.login_tty(0); {PROGRAM}", *words],
            cwd=ROOT,
            env=clean_environment(TERM="xterm", LINES="50"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def expect(self, words: str) -> None:
        """Wait until this stands behind what was waited for before."""
        deadline = time.monotonic() + PATIENCE
        while (place := self._seen.find(words)) < 0:
            self._seen += self._read(deadline, words)
        self._seen = self._seen[place + len(words) :]

    def _read(self, deadline: float, words: str) -> str:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        try:
            data = os.read(self._ours, 65536) if ready else b""
        except OSError:  # Linux: the other side is closed
            data = b""
        if not data:
            raise AssertionError(f"{words!r} did not come; there was:\n{self._seen}")
        if b"\x1b[6n" in data:  # it asks where the cursor is
            self.type("\x1b[1;1R")
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", data.decode(errors="replace"))

    def end(self) -> int:
        try:
            return self.process.wait(timeout=PATIENCE)
        finally:
            self.process.kill()
            os.close(self._ours)


@pytest.fixture
def slow_engine() -> Iterator[str]:
    """`orchestrator engine serve`, two words a second."""
    with subprocess.Popen(
        command("engine", "serve", "--port", "0", "--tokens-per-second", "2"),
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as engine:
        assert engine.stdout is not None
        line = engine.stdout.readline()
        assert "offline demo brain, no model" in line
        try:
            yield line.split()[0]
            engine.send_signal(signal.SIGINT)
            assert engine.wait(timeout=PATIENCE) == 0
        finally:
            engine.kill()


def test_somebody_types_and_leaves_with_ctrl_c(service: Service) -> None:
    terminal = Terminal("call", "triage", "--url", service.url)
    terminal.expect("Hello, this is Bella Napoli")
    terminal.expect("you")
    terminal.type("when do you open\r")
    terminal.expect("opening_hours")
    terminal.expect("you")
    terminal.type("half a line")
    terminal.expect("half a line")
    terminal.type(CTRL_C)
    terminal.expect("call --conversation conv_")
    assert terminal.end() == 0


def test_quit_leaves(service: Service) -> None:
    terminal = Terminal("call", "triage", "--url", service.url)
    terminal.expect("you")
    terminal.type("/quit\r")
    terminal.expect("go on")
    assert terminal.end() == 0


def test_ctrl_c_stops_the_reply_and_the_conversation_goes_on(serve: Serve, slow_engine: str) -> None:
    terminal = Terminal("call", "triage", "--url", serve(ORCHESTRATOR_ENGINE=slow_engine).url)
    terminal.expect("you")
    terminal.type("who are you?\r")
    terminal.expect("demo brain")
    terminal.type(CTRL_C)
    terminal.expect("(stopped)")
    terminal.expect("you")
    terminal.type("/quit\r")
    terminal.expect("go on")
    assert terminal.end() == 0


def test_a_service_that_goes_away_ends_the_call_and_says_so(serve: Serve) -> None:
    service = serve()
    terminal = Terminal("call", "triage", "--url", service.url)
    terminal.expect("you")
    service.stop(signal.SIGKILL)
    terminal.expect("The call was cut off")
    assert terminal.end() == 3


def test_lines_of_a_pipe_are_turns(service: Service) -> None:
    called = subprocess.run(
        command("call", "triage", "--url", service.url),
        cwd=ROOT,
        env=clean_environment(),
        input="when do you open\n\na large pepperoni please\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert "opening_hours" in called.stdout
    assert "item=pepperoni" in called.stdout
