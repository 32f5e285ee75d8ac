"""What happened in the last days, day by day: for the overview. Days are UTC."""

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.measures import WAIT, WAIT_PERCENTILES, WAITED

DAY: Final = "({} AT TIME ZONE 'UTC')::date"

CONVERSATIONS: Final = text(f"""
SELECT {DAY.format("created_at")}::text AS day, count(*) AS conversations,
    count(*) FILTER (WHERE has_error) AS failed,
    count(*) FILTER (WHERE tool_errors > 0) AS tool_failed,
    sum(interruptions)::bigint AS interruptions
FROM conversations WHERE created_at >= to_timestamp(:since) AND replay_of IS NULL
GROUP BY {DAY.format("created_at")} ORDER BY day
""")  # noqa: S608 - no value is part of it

WAITS: Final = text(f"""
SELECT day::text, {WAIT_PERCENTILES}
FROM (
    SELECT {DAY.format("created_at")} AS day, {WAIT} AS wait
    FROM responses
    WHERE created_at >= to_timestamp(:since) AND created_at < to_timestamp(:until)
        AND conversation_id NOT IN (SELECT id FROM conversations WHERE replay_of IS NOT NULL)
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
    """

    day: str
    conversations: int
    failed: int
    tool_failed: int
    interruptions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWaits:
    """How long callers waited for replies to begin, on one day, in milliseconds."""

    p50_ms: float
    p95_ms: float


async def load_days(connection: AsyncConnection, since: float) -> dict[str, DayFigures]:
    """The days on which a conversation began since a moment, in seconds since the Unix epoch.

    Replays do not count.
    """
    rows = (await connection.execute(CONVERSATIONS, {"since": since})).mappings()
    return {row["day"]: DayFigures(**row) for row in rows}


async def load_waits(
    connection: AsyncConnection, since: float, until: float | None = None
) -> dict[str, DayWaits]:
    """The waits of the days on which there was a reply; it reads every response, those of replays apart.

    Args:
        connection: For reading.
        since, until: In seconds since the Unix epoch; until is not part of it, None for everything since.
    """
    asked = {"since": since, "until": math.inf if until is None else until}
    rows = (await connection.execute(WAITS, asked)).mappings()
    return {row["day"]: DayWaits(p50_ms=row["p50_ms"], p95_ms=row["p95_ms"]) for row in rows}
