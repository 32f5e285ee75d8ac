"""How a writer behaves under load and in trouble."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterLimits:
    """How a writer behaves under load and in trouble. Times in seconds.

    Attributes:
        rows: Rows that may wait before the call is told to end; at twice as many, further ones are refused.
        batch: Rows in one transaction at most.
        linger: How long plain rows wait for company. Settlements and flushes never do.
        figures: How long the figures of lists may lag behind the rows.
        behind: A transaction that takes longer puts the state to `behind`.
        attempt: A transaction that takes longer is given up and repeated.
        first_pause, last_pause: Between attempts, doubling from one to the other.
    """

    rows: int = 4096
    batch: int = 256
    linger: float = 0.01
    figures: float = 1.0
    behind: float = 1.0
    attempt: float = 10.0
    first_pause: float = 0.05
    last_pause: float = 1.0
