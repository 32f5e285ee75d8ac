"""The wall clock of conversations."""

import time


def wall_clock() -> float:
    """Seconds since the Unix epoch, to the microsecond: as exact as the store keeps them, and no more.

    So what is folded from the stored rows equals what was live, times included.
    """
    return time.time_ns() // 1000 / 1e6
