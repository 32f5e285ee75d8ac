"""Processes of the benchmarks: servers that tell their ports, the load, and what both cost."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psutil  # type: ignore[import-untyped]  # ships no types

from bench.media_meter import Core, Meter


@dataclass(frozen=True)
class Server:
    """A process that serves.

    Attributes:
        port: That it told.
        control: Of an engine, 0 of others.
    """

    process: psutil.Process
    port: int
    control: int = 0


@dataclass(frozen=True)
class Place:
    """Where the load calls.

    Attributes:
        server: Under test.
        door: How: `http`, `tcp`, or `socket`.
        engine: Behind it, where there is one.
        rests: Whether it is stopped while others are measured: stock aiortc goes on with calls that are over.
    """

    server: Server
    door: str
    engine: Server | None = None
    rests: bool = False

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let it run meanwhile."""
        self.server.process.resume()
        try:
            yield
        finally:
            if self.rests:
                self.server.process.suspend()


class EndedEarlyError(RuntimeError):
    """A process has ended that should have told something first."""


_CORES: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
"""That we may use; asked once, before this process pins itself to one of them."""


def first_core() -> int | None:
    """The core of the process under test, where the system lets us choose."""
    return _CORES[0] if _CORES else None


def last_core() -> int | None:
    """The core of everything else."""
    return _CORES[-1] if _CORES else None


def pin(pid: int, core: int | None) -> None:
    """Keep a process on a core, where the system lets us choose."""
    if core is not None:
        os.sched_setaffinity(pid, {core})


@contextmanager
def started(*module: str, core: int | None = None) -> Iterator[Server]:
    """A server in a process of its own, on the last core unless told another.

    Its first line is its port, or JSON with its ports.
    """
    process = subprocess.Popen([sys.executable, "-m", *module], stdout=subprocess.PIPE, text=True)
    try:
        pin(process.pid, core if core is not None else last_core())
        told = next_line(process)
        ports = told if isinstance(told, dict) else {"port": told}
        yield Server(psutil.Process(process.pid), **ports)
    finally:
        process.terminate()
        psutil.Process(process.pid).resume()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


def next_line(process: "subprocess.Popen[str]") -> Any:
    """What a process tells next."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise EndedEarlyError(f"A process of the benchmark ended early: {process.args!r}")
    return json.loads(line)


def settled(place: Place, module: str) -> Place:
    """A server that has carried one call, and so has loaded and opened what the first one needs."""
    under_load(place, module, {"calls": 1, "seconds": 1})
    return place


def under_load(place: Place, module: str, task: dict[str, Any]) -> dict[str, Any]:
    """Run a load; its figures, and what the server spent meanwhile.

    Memory is what a server that has carried one call before grows by, told for each further call.

    Raises:
        EndedEarlyError: The load could not do what it was to do.
    """
    further = max(task["calls"] - 1, 1)
    control = place.engine.control if place.engine is not None else 0
    task = {"port": place.server.port, "door": place.door, "control": control} | task
    before: int = place.server.process.memory_info().rss
    command: Sequence[str] = [sys.executable, "-m", module, json.dumps(task)]
    with place.awake(), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        try:
            next_line(load)
            rest = {"load_ms": psutil.Process(load.pid)}
            if place.engine is not None:
                rest["engine_ms"] = place.engine.process
            meter = Meter(Core(first_core(), {"cpu_ms": place.server.process}), Core(last_core(), rest))
            next_line(load)
            meter.stop()
            memory = place.server.process.memory_info().rss - before
            found: dict[str, Any] = next_line(load)
        finally:
            load.kill()
    return found | meter.figures(found["packets"] * 0.02) | {"memory_mb": memory / further / 1e6}
