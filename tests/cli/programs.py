"""Commands as programs of their own, and a service among them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # ships no types

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
START_SECONDS = COMMAND_SECONDS = 2 * PATIENCE
PROGRAM = "from orchestrator.cli.main import main; main()"
PACKAGES = "aiortc, alembic, jsonschema, litestar, pydantic, sqlalchemy.ext.asyncio, uvicorn, websockets"
FOREIGN = (
    "OPENAI_", "AZURE_", "ELEVENLABS_", "CARTESIA_", "DEEPGRAM_", "ORCHESTRATOR_", "DATABASE_URL"
)  # fmt: skip


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of the machine that the tests run on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # programs that start a hundred times are compiled once
    return kept | {"NO_COLOR": "1", "COLUMNS": "100"} | more


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *words]


class Service:
    """`orchestrator serve` as a program of its own, on a free port.

    Args:
        folder: For its data and its log.
        cwd: Where it finds the agents.
        settings: More of its environment.
    """

    def __init__(self, folder: Path, *, cwd: Path = ROOT, **settings: str) -> None:
        self.log = folder / "serve.log"
        environment = clean_environment(
            ORCHESTRATOR_DATA_DIR=str(folder / "data"),
            ORCHESTRATOR_LOG_FORMAT="json",
            PYTHONPATH=str(ROOT),
            **settings,
        )
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command("serve", "--port", "0"), cwd=cwd, env=environment, stdout=log, stderr=log
            )
        try:
            self.url = self._address()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        used = psutil.Process(self.process.pid).cpu_times()
        self.seconds = used.user + used.system
        """Of a processor, until it listened: unlike the clock, that is not the other tests' doing."""

    def _address(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if '"listening"' in line:
                    return str(json.loads(line)["address"])
            time.sleep(0.02)  # another process writes the file; there is nothing to wait on
        raise AssertionError(f"the service did not start:\n{self.log.read_text()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)


def importing_seconds() -> float:
    """Of a processor, for a program that imports what a service is made of: what a start is measured by."""
    program = f"import time, {PACKAGES}; print(time.process_time())"
    done = subprocess.run(
        [sys.executable, "-c", program], env=clean_environment(), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def events(output: str) -> list[dict[str, Any]]:
    """The lines of `call --json`."""
    return [json.loads(line) for line in output.splitlines()]
