"""Figures of a run: quantiles, and whether speech came on time."""

import math
import statistics
from collections.abc import Iterable, Sequence

ON_TIME_MS = 40.0
"""Behind a speaker that the first packet started."""

ON_TIME_SHARE = 0.99

UNDERRUN_MS = 1.0
"""Shorter waits than this are of nobody's hearing."""


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile; empty without values."""
    ordered = sorted(values)
    if not ordered:
        return {}
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
    }


def lateness(arrivals: Sequence[float], frame: float) -> list[float]:
    """Return, per packet, how many milliseconds after its time it came.

    The speaker starts with the first packet. Where the sender pauses, between two replies, it starts anew
    with the first packet after that.
    """
    late: list[float] = []
    start, index, before = 0.0, 0, float("-inf")
    for arrival in arrivals:
        if arrival - before > 5 * frame and arrival - (start + index * frame) > 5 * frame:
            start, index = arrival, 0
        late.append(max(0.0, arrival - start - index * frame) * 1000)
        index, before = index + 1, arrival
    return late


def underruns(arrivals: Sequence[float], frame: float) -> list[float]:
    """Return, per packet, for how many milliseconds a speaker had nothing to play before it came.

    The speaker has no buffer but what its waiting gives it: it starts with the first packet, and whenever it
    had to wait, all that follows is due that much later. A pause between two replies is none.
    """
    waited: list[float] = []
    due, before = float("-inf"), float("-inf")
    for arrival in arrivals:
        paused = arrival - before > 5 * frame and arrival - due > 5 * frame
        waited.append(0.0 if paused else max(0.0, arrival - due) * 1000)
        due, before = max(due, arrival) + frame, arrival
    return waited


def on_time(late: Sequence[float]) -> bool:
    """Whether 99 % of a call's packets were late by no more than 40 ms."""
    return bool(late) and sum(value <= ON_TIME_MS for value in late) >= ON_TIME_SHARE * len(late)


def seconds_of(packets: Iterable[tuple[float, float]], began: float, seconds: int) -> list[list[float]]:
    """Deal what was measured of packets out to the seconds of a run in which they came.

    Args:
        packets: When each came, and what was measured of it.
        began: When the first second did.
        seconds: That count; what came before or after them is left out.
    """
    found: list[list[float]] = [[] for _ in range(seconds)]
    for at, value in packets:
        second = math.floor(at - began)
        if 0 <= second < seconds:
            found[second].append(value)
    return found


def median_second(packets: Iterable[tuple[float, float]], began: float, seconds: int) -> float | None:
    """Return the median of each second's 99th percentile; None for a run of less than one.

    A server that cannot keep up falls further behind every second; a pause of the machine's is one of them.
    In a second without a packet, they are late without bound.
    """
    slices = seconds_of(packets, began, seconds)
    worst = [quantiles(values)["p99"] if values else math.inf for values in slices]
    return statistics.median(worst) if worst else None
