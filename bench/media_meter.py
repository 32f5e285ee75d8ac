"""What a run costs the server, the engine and the load, and how busy their cores were."""

import time
from typing import Any

import psutil  # type: ignore[import-untyped]  # ships no types


def busy_share(began: Any, ended: Any) -> float:
    """Return the part of a core's time that it worked, in percent.

    Args:
        began, ended: Its times then, as psutil tells them.
    """
    passed = sum(ended) - sum(began)
    idle = ended.idle - began.idle + getattr(ended, "iowait", 0.0) - getattr(began, "iowait", 0.0)
    return 100 * (1 - idle / passed) if passed > 0 else 0.0


class Core:
    """A core, and the processes of the run that have it.

    Args:
        number: Of the system's.
        processes: By the name of their figure.
    """

    def __init__(self, number: int | None, processes: dict[str, psutil.Process]) -> None:
        self.number = number
        self.processes = processes

    def read(self) -> tuple[dict[str, Any], Any]:
        """Return the times of the processes, and of the core where it is known."""
        times = {name: process.cpu_times() for name, process in self.processes.items()}
        return times, psutil.cpu_times(percpu=True)[self.number] if self.number is not None else None


class Meter:
    """Times from now until `stop`.

    Args:
        tested: The core of the server, which is `cpu_ms`.
        rest: That of engine and load.
    """

    def __init__(self, tested: Core, rest: Core) -> None:
        self._cores = {"server's core": tested, "other core": rest}
        self._began = self._ended = self._read()

    def stop(self) -> None:
        """Read the times that `figures` are of."""
        self._ended = self._read()

    def figures(self, seconds: float) -> dict[str, Any]:
        """CPU of each process in ms per second of sound, and how busy the cores were, in percent.

        Args:
            seconds: Of sound that was delivered: a server that falls behind must not look cheap for it.
        """
        per_second = 1000 / max(seconds, 0.02)
        found: dict[str, Any] = {}
        for name, (before, core_before) in self._began[1].items():
            after, core_after = self._ended[1][name]
            spent = {
                figure: after[figure].user - times.user + after[figure].system - times.system
                for figure, times in before.items()
            }
            found |= {figure: value * per_second for figure, value in spent.items()}
            if core_before is not None:
                busy = busy_share(core_before, core_after)
                ours = 100 * sum(spent.values()) / (self._ended[0] - self._began[0])
                found[f"{name} busy"], found[f"{name} others"] = busy, max(0.0, busy - ours)
            if "cpu_ms" in before:
                kernel = after["cpu_ms"].system - before["cpu_ms"].system
                found["kernel_ms"] = kernel * per_second
        return found

    def _read(self) -> tuple[float, dict[str, tuple[dict[str, Any], Any]]]:
        return time.monotonic(), {name: core.read() for name, core in self._cores.items()}
