"""What operators changed of agents: revisions, each whole, on top of the class, which is revision 0."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.store import tables
from orchestrator.store.reading import seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRevision:
    """What an agent differs in from its class.

    Attributes:
        revision: 1, 2, 3 …
        overrides: The attributes that differ, by name; empty where all is as the class says.
        author: Name of the key it was made with.
        created_at: Seconds since the Unix epoch.
    """

    agent: str
    revision: int
    overrides: JsonObject
    author: str
    note: str
    created_at: float


async def append_agent_revision(
    connection: AsyncConnection,
    agent: str,
    overrides: JsonObject,
    *,
    author: str,
    note: str = "",
    expected: int | None = None,
) -> AgentRevision:
    """Put a new revision in force.

    Args:
        connection: In a transaction.
        agent: Whose.
        overrides: All that differs from the class, not from the revision before.
        author: Name of the key.
        note: Why.
        expected: The revision that the author looked at, None not to care.

    Raises:
        ConflictError: Somebody else made a revision since.
    """
    row = tables.AgentRevision
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(agent, 0))))
    last = select(func.coalesce(func.max(row.revision), 0)).where(row.agent == agent)
    present: int = (await connection.execute(last)).scalar_one()
    if expected is not None and expected != present:
        raise ConflictError(
            f"Agent {agent} is at revision {present} now, not {expected}. Look again and repeat the change."
        )
    made = insert(row).values(
        agent=agent, revision=present + 1, overrides=overrides, author=author, note=note
    )
    written = await connection.execute(made.returning(*_columns()))
    return _revision(written.one())


async def list_agent_revisions(connection: AsyncConnection, agent: str) -> list[AgentRevision]:
    """Every revision of an agent, newest first; the class itself is not among them."""
    row = tables.AgentRevision
    query = select(*_columns()).where(row.agent == agent).order_by(row.revision.desc())
    return [_revision(found) for found in await connection.execute(query)]


async def get_agent_revision(connection: AsyncConnection, agent: str, revision: int) -> AgentRevision:
    """One revision of an agent.

    Raises:
        NotFoundError: There is none of this number.
    """
    row = tables.AgentRevision
    query = select(*_columns()).where(row.agent == agent, row.revision == revision)
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError(f"Agent {agent} has no revision {revision}.", param="revision")
    return _revision(found)


async def current_agent_revisions(connection: AsyncConnection) -> dict[str, AgentRevision]:
    """The revision in force of every agent that has one, by agent."""
    row = tables.AgentRevision
    query = select(*_columns()).ext(distinct_on(row.agent)).order_by(row.agent, row.revision.desc())
    return {found.agent: _revision(found) for found in await connection.execute(query)}


def _columns() -> tuple[Any, ...]:
    row = tables.AgentRevision
    moment = seconds(row.created_at).label("created_at")
    return row.agent, row.revision, row.overrides, row.author, row.note, moment


def _revision(row: Row[Any]) -> AgentRevision:
    return AgentRevision(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
