"""Replays as they are written down."""

from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.core.errors import InvalidRequestError, NotFoundError
from orchestrator.store.conversations import erase_conversation
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.replays import (
    ReplayRun,
    ask_to_cancel,
    beat,
    begin_case,
    create_replay,
    finish_case,
    finish_replay,
    get_case,
    get_replay,
    list_cases,
    list_replays,
    name_case,
    settle_replays,
)
from tests.store.sample_rows import START

pytestmark = pytest.mark.db


@pytest.fixture
async def originals(database: Database) -> list[str]:
    names = [f"conv_{number}" for number in range(1, 4)]
    async with database.transaction() as connection:
        for name in names:
            await create_conversation(connection, name, agent="triage", created_at=START)
        await create_conversation(
            connection, "conv_again", agent="triage", created_at=START, replay_of="conv_1"
        )
    return names


async def create(
    database: Database, originals: list[str], name: str = "replay_1", **fields: Any
) -> ReplayRun:
    given: dict[str, Any] = {
        "engine": None,
        "agents": {},
        "concurrency": 2,
        "note": "",
        "author": "me",
        "node": "node:1",
    }
    async with database.transaction() as connection:
        return await create_replay(connection, name, originals, **(given | fields))


async def test_a_replay_begins_with_everything_waiting(database: Database, originals: list[str]) -> None:
    run = await create(database, originals, engine="embedded", agents={"desk": {"revision": 1}})
    assert (run.status, run.total, run.waiting, run.same) == ("running", 3, 3, 0)
    assert (run.engine, run.agents) == ("embedded", {"desk": {"revision": 1}})


async def test_one_of_an_unknown_conversation_is_refused(database: Database) -> None:
    with pytest.raises(NotFoundError, match="conv_none"):
        await create(database, ["conv_none"])


async def test_what_came_of_each_is_counted(database: Database, originals: list[str]) -> None:
    await create(database, originals)
    async with database.transaction() as connection:
        for number in (1, 2, 3):
            await begin_case(connection, "replay_1", number)
        await name_case(connection, "replay_1", 2, "conv_again")
        await finish_case(connection, "replay_1", 1, "same", turns=3)
        kinds = ["arguments", "state", "arguments"]
        await finish_case(connection, "replay_1", 2, "different", turns=3, first_turn=1, kinds=kinds)
        run = await get_replay(connection, "replay_1")
        assert (run.waiting, run.running, run.same, run.different, run.failed) == (0, 1, 1, 1, 0)
        case = await get_case(connection, "replay_1", 2)
        assert (case.first_turn, case.differences, case.kinds) == (1, 3, ["arguments", "state"])
        assert case.replayed_id == "conv_again"
        with pytest.raises(NotFoundError):
            await get_case(connection, "replay_1", 9)
        await finish_replay(connection, "replay_1", "done")
        done = await get_replay(connection, "replay_1")
        assert (done.status, done.running) == ("done", 0)
        assert done.finished_at is not None
        await finish_replay(connection, "replay_1", "interrupted")
        assert (await get_replay(connection, "replay_1")).status == "done"


async def test_cases_are_paged_in_their_order(database: Database, originals: list[str]) -> None:
    await create(database, originals)
    async with database.transaction() as connection:
        await finish_case(connection, "replay_1", 2, "failed", error="engine_lost: gone")
        first = await list_cases(connection, "replay_1", limit=2)
        rest = await list_cases(connection, "replay_1", limit=2, after=first.next)
        assert [case.number for case in (*first.rows, *rest.rows)] == [1, 2, 3]
        [failed] = (await list_cases(connection, "replay_1", outcome="failed")).rows
        assert failed.error == "engine_lost: gone"


async def test_replays_are_paged_newest_first(database: Database, originals: list[str]) -> None:
    for name in ("replay_1", "replay_2", "replay_3"):
        await create(database, originals[:1], name)
    async with database.read() as connection:
        first = await list_replays(connection, limit=2)
        rest = await list_replays(connection, limit=2, after=first.next)
        assert [run.id for run in (*first.rows, *rest.rows)] == ["replay_3", "replay_2", "replay_1"]
        with pytest.raises(InvalidRequestError):
            await list_replays(connection, after="nonsense")


async def test_a_node_learns_that_a_replay_is_to_end(database: Database, originals: list[str]) -> None:
    await create(database, originals)
    async with database.transaction() as connection:
        assert await beat(connection, "replay_1")
        assert (await ask_to_cancel(connection, "replay_1")).status == "running"
        assert not await beat(connection, "replay_1")
        assert not await beat(connection, "replay_none")
        with pytest.raises(NotFoundError):
            await ask_to_cancel(connection, "replay_none")


async def test_what_a_dead_node_left_running_is_closed(database: Database, originals: list[str]) -> None:
    for name, node in (("replay_1", "node:1"), ("replay_2", "node:2"), ("replay_3", "node:3")):
        await create(database, originals[:1], name, node=node)
    async with database.transaction() as connection:
        silent = "UPDATE replays SET heartbeat_at = now() - interval '5 minutes' WHERE id = 'replay_2'"
        await connection.execute(text(silent))
        assert await settle_replays(connection, "node:1") == 2
        states = [(await get_replay(connection, f"replay_{number}")).status for number in (1, 2, 3)]
        assert states == ["interrupted", "interrupted", "running"]
        assert (await get_case(connection, "replay_1", 1)).outcome == "cancelled"


async def test_an_erased_conversation_takes_its_replays_along(
    database: Database, originals: list[str]
) -> None:
    await create(database, originals)
    async with database.transaction() as connection:
        await erase_conversation(connection, "conv_1")
        left = await connection.execute(text("SELECT id FROM conversations ORDER BY id"))
        assert list(left.scalars()) == ["conv_2", "conv_3"]
        assert [case.number for case in (await list_cases(connection, "replay_1")).rows] == [2, 3]
