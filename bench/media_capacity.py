"""How many calls one core carries on time: the same search and the same rule for every server."""

from argparse import Namespace
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, Final

from bench.processes import EndedEarlyError, Place, under_load

ON_TIME_MS: Final = 20.0
"""By which the 99th percentile of packets may be late in the median second."""

DELIVERED: Final = 0.98
"""Share of the sound that has to come at least; what never comes is not late."""

SECONDS: Final = 5.0
TRIES: Final = 2
"""Of a step, one of which is to be carried: what else runs on the machine only ever makes it fail."""

HOPELESS_MS: Final = 5 * ON_TIME_MS
"""So late in the median second, a step is not tried again."""

LADDERS: Final = {
    "naive": (2, 3, 5, 8, 10, 12, 15, 18, 21, 25, 30, 36, 43, 50, 60),
    "service": (20, 30, 40, 50, 60, 70, 80, 90, 100, 115, 130, 150, 175, 200, 220, 240, 260),
}


def carried(found: dict[str, Any]) -> bool:
    """Whether a server carried the calls of a run."""
    return bool(found["late_second"] <= ON_TIME_MS and found["delivered"] >= DELIVERED)


def last_that(ladder: Sequence[int], carries: Callable[[int], bool]) -> int:
    """Return the highest step that a server carries, 0 if not even the first; a handful of steps are tried.

    Args:
        ladder: Ascending.
        carries: Whether it carries so many calls.
    """
    index = bisect_left(range(len(ladder)), 1, key=lambda step: int(not carries(ladder[step])))
    return ladder[index - 1] if index else 0


def search(place: Place, ladder: Sequence[int], load: str) -> dict[str, Any]:
    """Find the capacity of a server; the figures at that, and of the lowest step that was too much."""
    tried: dict[int, dict[str, Any]] = {}

    def carries(step: int) -> bool:
        for _ in range(TRIES):
            found = measure(step)
            if found is None or found["late_second"] > HOPELESS_MS:
                return False
            if carried(found):
                return True
        return False

    def measure(step: int) -> dict[str, Any] | None:
        try:
            found = under_load(place, load, {"calls": step, "seconds": SECONDS})
        except EndedEarlyError:
            # Not even their connections came about in time.
            return None
        known = tried.setdefault(step, found)
        if carried(found) or found["late_second"] < known["late_second"]:
            tried[step] = found
        return found

    most = last_that(ladder, carries)
    row: dict[str, Any] = {"calls on time": most} | _step_row(tried.get(most), "at that")
    above = [step for step in sorted(tried) if step > most]
    if above:
        row |= {"calls that were too many": above[0]} | _step_row(tried[above[0]], "at those")
    return row


def _step_row(found: dict[str, Any] | None, where: str) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        f"{where}: packets late by in the median second, p99, ms": found["late_second"],
        f"{where}: packets late by, ms": found["late"],
        f"{where}: CPU ms per call-second": found["cpu_ms"],
        f"{where}: of the engine": found.get("engine_ms"),
        f"{where}: of the load": found["load_ms"],
        **core_rows(found, f"{where}: "),
    }


def core_rows(found: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return how busy the cores were, so that a reader sees what was the limit, and what disturbed it."""
    return {
        f"{prefix}server's core: busy, of which by others, %": _of(found, "server's core"),
        f"{prefix}core of engine and load: busy, of which by others, %": _of(found, "other core"),
    }


def _of(found: dict[str, Any], core: str) -> str | None:
    if f"{core} busy" not in found:
        return None
    return f"{found[f'{core} busy']:.0f}, {found[f'{core} others']:.0f}"


def capacity(places: dict[str, Place], given: Namespace, load: str) -> dict[str, dict[str, Any]]:
    """Search for each server."""
    return {
        name: search(places[name], [step for step in ladder if step <= given.most], load)
        for name, ladder in LADDERS.items()
    }
