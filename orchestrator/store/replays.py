"""Replays: written down when they are asked for, kept up to date while they run, read at any time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import case, func, insert, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.store import tables
from orchestrator.store.paging import (
    Page,
    checked_limit,
    decode_cursor,
    microseconds,
    moment,
    page_of,
)
from orchestrator.store.reading import readable

ReplayStatus = Literal["running", "done", "cancelled", "interrupted"]
CaseOutcome = Literal["waiting", "running", "same", "different", "failed", "cancelled"]

TABLE: Final = tables.Base.metadata.tables["replays"]
CASES: Final = tables.Base.metadata.tables["replay_cases"]
COUNTED: Final[tuple[CaseOutcome, ...]] = ("waiting", "running", "same", "different", "failed")

DEAD_AFTER: Final = 60.0
"""Seconds without a sign of life after which the node of a replay is taken for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRun:
    """A replay, with how far it has come. Times are seconds since the Unix epoch.

    Attributes:
        engine: That every agent uses, None for the agents' own.
        agents: What is different of agents, by name: `{"revision": 3}` or `{"overrides": {…}}`.
        total, waiting, running, same, different, failed: Conversations, by outcome; what was cancelled is in
            none but the first.
    """

    id: str
    status: ReplayStatus
    engine: str | None
    agents: JsonObject
    concurrency: int
    note: str
    author: str
    created_at: float
    finished_at: float | None
    total: int
    waiting: int
    running: int
    same: int
    different: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCase:
    """One conversation of a replay.

    Attributes:
        replayed_id: The conversation that the replay made, None before it began, and when it is erased.
        turns: That were compared.
        first_turn: The first that differs.
        differences: How many there are.
        kinds: Of differences, each once.
        error: Why it could not be replayed, in words without any of the caller's.
    """

    replay_id: str
    number: int
    original_id: str
    replayed_id: str | None
    outcome: CaseOutcome
    turns: int
    first_turn: int | None
    differences: int
    kinds: list[str]
    error: str | None
    started_at: float | None
    finished_at: float | None


# --- written ----------------------------------------------------------------------------------------------


async def create_replay(
    connection: AsyncConnection,
    replay_id: str,
    originals: Sequence[str],
    *,
    engine: str | None,
    agents: JsonObject,
    concurrency: int,
    note: str,
    author: str,
    node: str,
) -> ReplayRun:
    """Write a replay down, with every conversation waiting.

    Args:
        connection: In a transaction.
        replay_id: `replay_…`, new.
        originals: Ids of the conversations, each once.
        engine, agents, concurrency, note, author: See `ReplayRun`.
        node: That runs it.

    Raises:
        NotFoundError: There is no conversation of one of the ids.
    """
    known = select(tables.Conversation.id).where(tables.Conversation.id.in_(originals))
    found = set((await connection.execute(known)).scalars())
    missing = [each for each in originals if each not in found]
    if missing:
        raise NotFoundError(f"There is no conversation {missing[0]}.", param="conversations")
    await connection.execute(
        insert(tables.Replay).values(
            id=replay_id,
            status="running",
            engine=engine,
            agents=agents,
            concurrency=concurrency,
            note=note,
            author=author,
            node=node,
        )
    )
    rows = [
        {"replay_id": replay_id, "number": number, "original_id": each, "outcome": "waiting"}
        for number, each in enumerate(originals, start=1)
    ]
    if rows:
        await connection.execute(insert(tables.ReplayCase), rows)
    return await get_replay(connection, replay_id)


async def begin_case(connection: AsyncConnection, replay_id: str, number: int) -> None:
    """Note that a conversation is being replayed."""
    await _change_case(connection, replay_id, number, outcome="running", started_at=func.now())


async def name_case(connection: AsyncConnection, replay_id: str, number: int, replayed_id: str) -> None:
    """Note which conversation the replay makes."""
    await _change_case(connection, replay_id, number, replayed_id=replayed_id)


async def finish_case(
    connection: AsyncConnection,
    replay_id: str,
    number: int,
    outcome: CaseOutcome,
    *,
    turns: int = 0,
    first_turn: int | None = None,
    kinds: Sequence[str] = (),
    error: str | None = None,
) -> None:
    """Note what came of one conversation.

    Args:
        connection: In a transaction.
        replay_id, number: Which one.
        outcome: How it ended.
        turns, first_turn: See `ReplayCase`.
        kinds: Of every difference, in order.
        error: See `ReplayCase`.
    """
    await _change_case(
        connection,
        replay_id,
        number,
        outcome=outcome,
        turns=turns,
        first_turn=first_turn,
        differences=len(kinds),
        kinds=list(dict.fromkeys(kinds)),
        error=error,
        finished_at=func.now(),
    )


async def _change_case(connection: AsyncConnection, replay_id: str, number: int, **changes: Any) -> None:
    row = tables.ReplayCase
    this = update(row).where(row.replay_id == replay_id, row.number == number)
    await connection.execute(this.values(**changes))


async def finish_replay(connection: AsyncConnection, replay_id: str, status: ReplayStatus) -> None:
    """Note that a replay is over; what still waits is cancelled."""
    row, cases = tables.Replay, tables.ReplayCase
    left = update(cases).where(cases.replay_id == replay_id, cases.outcome.in_(("waiting", "running")))
    await connection.execute(left.values(outcome="cancelled", finished_at=func.now()))
    over = update(row).where(row.id == replay_id, row.status == "running")
    await connection.execute(over.values(status=status, finished_at=func.now()))


async def beat(connection: AsyncConnection, replay_id: str) -> bool:
    """Show a sign of life.

    Returns:
        Whether the replay is to go on: nobody asked to cancel it, and it is still there.
    """
    row = tables.Replay
    alive = update(row).where(row.id == replay_id).values(heartbeat_at=func.now())
    asked = (await connection.execute(alive.returning(row.cancel_asked))).scalar_one_or_none()
    return asked is False


async def ask_to_cancel(connection: AsyncConnection, replay_id: str) -> ReplayRun:
    """Ask the node that runs a replay to stop; one that is over stays as it is.

    Raises:
        NotFoundError: There is none of this id.
    """
    row = tables.Replay
    asked = update(row).where(row.id == replay_id, row.status == "running")
    await connection.execute(asked.values(cancel_asked=True))
    return await get_replay(connection, replay_id)


async def settle_replays(connection: AsyncConnection, node: str) -> int:
    """Close the replays that a node left running when it died.

    Args:
        connection: In a transaction.
        node: This node, which has just started and so runs none.

    Returns:
        How many.
    """
    row = tables.Replay
    silent = row.heartbeat_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, DEAD_AFTER)
    lost = select(row.id).where(row.status == "running", or_(row.node == node, silent))
    found = list((await connection.execute(lost)).scalars())
    for replay_id in found:
        await finish_replay(connection, replay_id, "interrupted")
    return len(found)


# --- read -------------------------------------------------------------------------------------------------


def _runs() -> Any:
    """Runs with their figures, counted for those rows alone that are shown."""
    row, outcome = tables.Replay, tables.ReplayCase.outcome
    figures = select(
        func.count().label("total"),
        *(func.count(case((outcome == word, 1))).label(word) for word in COUNTED),
    )
    counted = figures.where(tables.ReplayCase.replay_id == row.id).lateral()
    own = TABLE.c
    names = [field.name for field in fields(ReplayRun) if field.name not in counted.c]
    return select(*(readable(own[name]) for name in names), *counted.c).join(counted, true())


async def get_replay(connection: AsyncConnection, replay_id: str) -> ReplayRun:
    """One replay.

    Raises:
        NotFoundError: There is none of this id.
    """
    found = (await connection.execute(_runs().where(tables.Replay.id == replay_id))).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"There is no replay {replay_id}.", param="replay")
    return ReplayRun(**found)


async def list_replays(
    connection: AsyncConnection, *, after: str | None = None, limit: int = 50
) -> Page[ReplayRun]:
    """One page of replays, newest first.

    Raises:
        InvalidRequestError: The cursor or the limit cannot be used.
    """
    row = tables.Replay
    query = _runs()
    if after is not None:
        created_at, replay_id = decode_cursor(after, int, str)
        query = query.where(tuple_(row.created_at, row.id) < tuple_(moment(int(created_at)), replay_id))
    query = query.order_by(row.created_at.desc(), row.id.desc()).limit(checked_limit(limit) + 1)
    found = [ReplayRun(**entry) for entry in (await connection.execute(query)).mappings().all()]
    return page_of(found, limit, lambda run: (microseconds(run.created_at), run.id))


async def list_cases(
    connection: AsyncConnection,
    replay_id: str,
    *,
    outcome: CaseOutcome | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[ReplayCase]:
    """One page of the conversations of a replay, in its order.

    Args:
        connection: For reading.
        replay_id: Of which.
        outcome: Only these, or all.
        after: Cursor of the page before.
        limit: Entries at most.

    Raises:
        InvalidRequestError: The cursor or the limit cannot be used.
    """
    row = tables.ReplayCase
    query = _cases().where(row.replay_id == replay_id)
    if outcome is not None:
        query = query.where(row.outcome == outcome)
    if after is not None:
        query = query.where(row.number > int(decode_cursor(after, int)[0]))
    query = query.order_by(row.number).limit(checked_limit(limit) + 1)
    found = [ReplayCase(**entry) for entry in (await connection.execute(query)).mappings().all()]
    return page_of(found, limit, lambda entry: (entry.number,))


async def get_case(connection: AsyncConnection, replay_id: str, number: int) -> ReplayCase:
    """One conversation of a replay.

    Raises:
        NotFoundError: There is none of this number.
    """
    row = tables.ReplayCase
    query = _cases().where(row.replay_id == replay_id, row.number == number)
    found = (await connection.execute(query)).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"There is no conversation {number} in {replay_id}.", param="number")
    return ReplayCase(**found)


def _cases() -> Any:
    return select(*(readable(CASES.c[field.name]) for field in fields(ReplayCase)))
