"""What a run costs: the server, the engine and the load each, and how busy the core of the last two was."""

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


class Meter:
    """Times from now until `stop`.

    Args:
        server: Under test.
        engine: Behind it, where there is one.
        load: What calls.
        core: Of engine and load, where it is known.
    """

    def __init__(
        self, server: psutil.Process, engine: psutil.Process | None, load: psutil.Process, core: int | None
    ) -> None:
        self._processes = {"cpu_ms": server, "load_ms": load} | ({"engine_ms": engine} if engine else {})
        self._core = core
        self._began = self._ended = self._read()

    def stop(self) -> None:
        """Read the times that `figures` are of."""
        self._ended = self._read()

    def figures(self, seconds: float) -> dict[str, float]:
        """CPU of each in ms per second of sound, and the busy part of the core.

        Args:
            seconds: Of sound that was delivered: a server that falls behind must not look cheap for it.
        """
        per_second = 1000 / max(seconds, 0.02)
        before, after = self._began[0], self._ended[0]
        found = {
            name: (after[name].user - times.user + after[name].system - times.system) * per_second
            for name, times in before.items()
        }
        found["kernel_ms"] = (after["cpu_ms"].system - before["cpu_ms"].system) * per_second
        if self._core is not None:
            found["busy"] = busy_share(self._began[1], self._ended[1])
        return found

    def _read(self) -> tuple[dict[str, Any], Any]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return times, psutil.cpu_times(percpu=True)[self._core] if self._core is not None else None
