"""How agents did: conversations, handoffs, tools and waits since a moment, by agent; without replays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.measures import TOOL_FAILED, WAIT, WAIT_PERCENTILES, WAITED

RECENT: Final = (
    "SELECT id, agents FROM conversations WHERE created_at >= to_timestamp(:since) AND replay_of IS NULL"
)

CONVERSATIONS: Final = text(f"""
SELECT agent, count(*) AS conversations
FROM (SELECT DISTINCT id, unnest(agents) AS agent FROM ({RECENT}) AS recent) AS visits
GROUP BY agent
""")  # noqa: S608 - no value is part of it

HANDOFFS: Final = text(f"""
SELECT source, target, count(*) FILTER (WHERE outcome = 'committed') AS committed,
    count(*) FILTER (WHERE outcome = 'rolled_back') AS failed
FROM ({RECENT}) AS recent JOIN handoffs ON conversation_id = recent.id
GROUP BY source, target ORDER BY source, target
""")  # noqa: S608 - likewise

TOOLS: Final = text(f"""
SELECT agent, name, count(*) AS runs, count(*) FILTER (WHERE {TOOL_FAILED}) AS errors,
    1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
        AS median_ms
FROM ({RECENT}) AS recent JOIN tool_runs ON conversation_id = recent.id
GROUP BY agent, name ORDER BY agent, name
""")  # noqa: S608 - likewise

WAITS: Final = text(f"""
SELECT agent, count(*) AS replies, {WAIT_PERCENTILES}
FROM (
    SELECT agent, {WAIT} AS wait FROM responses WHERE created_at >= to_timestamp(:since)
        AND conversation_id NOT IN (SELECT id FROM conversations WHERE replay_of IS NOT NULL)
) AS waits
WHERE {WAITED}
GROUP BY agent
""")  # noqa: S608 - likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffFigures:
    """How often one agent handed over to another, and how often it failed to."""

    source: str
    target: str
    committed: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFigures:
    """How a tool of an agent did.

    Attributes:
        runs: Attempts.
        errors: Those that failed, timed out, or were given bad arguments.
        median_ms: How long one took, None where none came to an end.
    """

    agent: str
    name: str
    runs: int
    errors: int
    median_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFigures:
    """How long callers waited for an agent's replies to begin."""

    agent: str
    replies: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """How all agents did.

    Attributes:
        conversations: In which an agent was on duty, by agent.
        waits: By agent; one that never replied is left out.
    """

    conversations: dict[str, int]
    handoffs: tuple[HandoffFigures, ...]
    tools: tuple[ToolFigures, ...]
    waits: dict[str, WaitFigures]

    def handed_on(self, agent: str) -> int:
        """How often an agent handed over to another."""
        return sum(each.committed for each in self.handoffs if each.source == agent)

    def tool_runs(self, agent: str) -> tuple[int, int]:
        """Attempts of an agent's tools, and how many of them failed."""
        own = [each for each in self.tools if each.agent == agent]
        return sum(each.runs for each in own), sum(each.errors for each in own)


async def load_agent_figures(connection: AsyncConnection, since: float) -> AgentFigures:
    """How agents did in the conversations that began since a moment, in seconds since the Unix epoch."""

    async def found(statement: TextClause) -> Sequence[Any]:
        return (await connection.execute(statement, {"since": since})).mappings().all()

    return AgentFigures(
        {row["agent"]: row["conversations"] for row in await found(CONVERSATIONS)},
        tuple(HandoffFigures(**row) for row in await found(HANDOFFS)),
        tuple(ToolFigures(**row) for row in await found(TOOLS)),
        {row["agent"]: WaitFigures(**row) for row in await found(WAITS)},
    )
