"""What happened in the last days, day by day: for the overview. Days are UTC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.measures import WAIT, WAIT_PERCENTILES, WAITED

DAY: Final = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

CONVERSATIONS: Final = text(f"""
SELECT {DAY.format("created_at")} AS day, count(*) AS conversations,
    count(*) FILTER (WHERE has_error) AS failed,
    count(*) FILTER (WHERE tool_errors > 0) AS tool_failed,
    sum(interruptions)::bigint AS interruptions
FROM conversations WHERE created_at >= to_timestamp(:since)
GROUP BY day ORDER BY day
""")  # noqa: S608 - no value is part of it

WAITS: Final = text(f"""
SELECT day, {WAIT_PERCENTILES}
FROM (
    SELECT {DAY.format("created_at")} AS day, {WAIT} AS wait
    FROM responses WHERE created_at >= to_timestamp(:since)
) AS waits
WHERE {WAITED}
GROUP BY day
""")  # noqa: S608 - likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What happened on one day.

    Attributes:
        day: Such as `2026-11-27`, UTC.
        failed: Conversations in which a tool or a response failed, or a handoff was rolled back.
        tool_failed: Conversations in which a tool failed.
        p50_ms, p95_ms: How long callers waited for replies to begin; None where there was none.
    """

    day: str
    conversations: int
    failed: int
    tool_failed: int
    interruptions: int
    p50_ms: float | None
    p95_ms: float | None


async def load_days(connection: AsyncConnection, since: float) -> dict[str, DayFigures]:
    """The days on which a conversation began since a moment, in seconds since the Unix epoch."""

    async def found(statement: TextClause) -> Sequence[Any]:
        return (await connection.execute(statement, {"since": since})).mappings().all()

    waits = {row["day"]: row for row in await found(WAITS)}
    nothing = {"p50_ms": None, "p95_ms": None}
    return {
        row["day"]: DayFigures(**row, **{name: waits.get(row["day"], nothing)[name] for name in nothing})
        for row in await found(CONVERSATIONS)
    }
