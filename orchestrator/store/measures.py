"""What figures count, as SQL: one meaning each, in whatever statement they stand.

The names are columns of one table, so that a statement that joins others must bring them together itself.
"""

from typing import Final

TOOL_FAILED: Final = "outcome IN ('failed', 'timed_out', 'invalid')"
"""Of `tool_runs`: a tool that failed, came too late, or was given bad arguments."""

WAIT: Final = (
    "date_part('epoch', coalesce(first_audio_at, first_output_at) - coalesce(turn_ended_at, requested_at))"
)
"""Of `responses`: seconds that the caller waited for a reply to begin; null where none began."""

WAITED: Final = "wait BETWEEN 0 AND 1000000"
"""Whether a `wait` can be one: where clocks disagree it is below nothing, or fits no column."""

WAIT_PERCENTILES: Final = (
    "1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY wait) AS p50_ms, "
    "1000 * percentile_cont(0.95) WITHIN GROUP (ORDER BY wait) AS p95_ms"
)
"""Milliseconds of `wait`."""
