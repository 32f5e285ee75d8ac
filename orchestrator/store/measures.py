"""What figures count, as SQL: one meaning each, in whatever statement they stand.

The names are columns of one table, so that a statement that joins others must bring them together itself.
"""

from typing import Final

from orchestrator.core.records import TOOL_FAILURES

TOOL_FAILED: Final = f"outcome IN ({', '.join(map(repr, sorted(TOOL_FAILURES)))})"
"""Of `tool_runs`: a tool that did not do what was asked."""

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
