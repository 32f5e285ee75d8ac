"""Text through the door, the core and the store, beside a bare relay: same engine, same load, same run.

The process under test has the first core to itself; the engine, the load and Postgres share the second.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]  # ships no types

from bench.processes import first_core, last_core, next_line, pin, started
from orchestrator.store.embedded_postgres import EmbeddedPostgres

CALLERS = 20
TURNS = 60
PACED_CALLERS = 20
PACED_TURNS = 12
PACED_PAUSE = 1.0
IDLE = 300
SETTLE_SECONDS = 2.0
ROUNDS = 3


def main() -> None:
    """Measure, and print a table."""
    with (
        tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        pin(os.getpid(), last_core())
        with started("bench.text_engine") as heard:
            engine = f"ws://127.0.0.1:{heard.port}/v1/realtime"
            with (
                started("bench.text_relay", engine, core=first_core()) as relay,
                started("bench.text_service", engine, server.start(), core=first_core()) as service,
            ):
                places = {
                    "relay": (relay.process, f"ws://127.0.0.1:{relay.port}/"),
                    "service": (service.process, f"ws://127.0.0.1:{service.port}/v1/realtime?model=triage"),
                }
                print(table({name: measure(*place) for name, place in places.items()}))


def measure(process: psutil.Process, url: str) -> dict[str, float]:
    """All figures of one process under test."""
    load(process, url, 4, 20)
    full = [load(process, url, CALLERS, TURNS) for _ in range(ROUNDS)]
    best = min(full, key=lambda found: found["cpu"])
    paced = load(process, url, PACED_CALLERS, PACED_TURNS, PACED_PAUSE)
    turns = CALLERS * TURNS
    return {
        "CPU per turn, ms": best["cpu"] / turns * 1000,
        "turns per second that one core can carry": turns / best["cpu"],
        "turns per second in the run": max(turns / found["seconds"] for found in full),
        "share of the core at that, %": best["cpu"] / best["seconds"] * 100,
        "event under way p50, ms": paced["event p50"],
        "event under way p99, ms": paced["event p99"],
        "turn p50, ms": paced["turn p50"],
        "turn p99, ms": paced["turn p99"],
        "memory per idle conversation, KiB": idle(process, url) / 1024,
    }


def load(process: psutil.Process, url: str, callers: int, turns: int, pause: float = 0.0) -> dict[str, float]:
    """Run the load client; what it found, and the CPU seconds of the process under test meanwhile."""
    with _client(url, callers, turns, pause) as client:
        before = process.cpu_times()
        _begin(client)
        found: dict[str, float] = next_line(client)
        after = process.cpu_times()
    return found | {"cpu": after.user + after.system - before.user - before.system}


def idle(process: psutil.Process, url: str) -> float:
    """Bytes that one more conversation takes that is connected and silent."""
    before: int = process.memory_info().rss
    with _client(url, IDLE, 0, 0.0):
        time.sleep(SETTLE_SECONDS)
        after: int = process.memory_info().rss
    return (after - before) / IDLE


def table(found: dict[str, dict[str, float]]) -> str:
    """The figures as a table in Markdown."""
    names = list(found)
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for figure in found[names[0]]:
        cells = [f"{found[name][figure]:.2f}" for name in names]
        lines += [f"| {figure} | {' | '.join(cells)} |"]
    return "\n".join(lines)


@contextmanager
def _client(url: str, callers: int, turns: int, pause: float) -> Iterator[subprocess.Popen[str]]:
    task = msgspec.json.encode({"url": url, "callers": callers, "turns": turns, "pause": pause}).decode()
    client = subprocess.Popen(
        [sys.executable, "-m", "bench.text_load", task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        next_line(client)
        yield client
    finally:
        client.kill()
        client.wait(30)
        for pipe in (client.stdin, client.stdout):
            if pipe is not None:
                pipe.close()


def _begin(client: subprocess.Popen[str]) -> None:
    if client.stdin is not None:
        client.stdin.write("begin\n")
        client.stdin.flush()


if __name__ == "__main__":
    main()
