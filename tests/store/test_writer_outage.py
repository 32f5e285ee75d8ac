"""The writer while Postgres is slow, away, or gone in the middle of an answer."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store.database import Database
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.store.faults import RefusedError
from orchestrator.store.history import create_conversation, load_history
from orchestrator.store.leases import LeaseTable
from orchestrator.store.migrate import upgrade
from orchestrator.store.write_queue import CommitResult
from orchestrator.store.writer import ConversationWriter, WriterState
from orchestrator.store.writer_limits import WriterLimits
from tests.patience import PATIENCE
from tests.store import sample_rows as rows
from tests.store.gate import Gate
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db

IMPATIENT = WriterLimits(attempt=PATIENCE, behind=PATIENCE, first_pause=0.005, last_pause=0.02)


class States:
    """The states that a writer went through, and a way to wait for one."""

    def __init__(self) -> None:
        self.seen: list[WriterState] = []
        self._events = {state: asyncio.Event() for state in ("ok", "behind", "away")}

    def __call__(self, state: WriterState) -> None:
        self.seen.append(state)
        self._events[state].set()

    async def reached(self, state: WriterState) -> None:
        await asyncio.wait_for(self._events[state].wait(), PATIENCE)


async def test_what_gathers_during_an_outage_is_written_after_it(
    writing: Writing, gate: Gate, rows_of: RowsOf
) -> None:
    through, states, results = Database(gate.url), States(), list[CommitResult]()
    async with writing(through, on_state=states, limits=IMPATIENT) as writer:
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        await gate.shut()
        for number in range(2, 100):
            writer.put(rows.item_row(number))
        writer.put(rows.settlement(100), results.append)
        writer.put(rows.item_row(101))
        await states.reached("away")
        assert not results
        await gate.open()
        await writer.flush(PATIENCE)
    await through.close()
    assert states.seen == ["away", "ok"]
    assert results[0].applied
    assert await rows_of("SELECT count(*), min(sequence), max(sequence) FROM items") == [(101, 1, 101)]
    assert await rows_of("SELECT count(*) FROM records") == [(1,)]


async def test_a_settlement_whose_outcome_was_never_told_is_applied_once(
    writing: Writing, gate: Gate, rows_of: RowsOf
) -> None:
    through, results = Database(gate.url), list[CommitResult]()
    async with writing(through, limits=IMPATIENT) as writer:
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        await swallow_the_commit(gate, writer, results, rows_of)
        await gate.shut()
        gate.swallow = False
        await gate.open()
        await writer.flush(PATIENCE)
    await through.close()
    ((number,),) = await rows_of("SELECT number FROM records")
    assert results == [CommitResult(numbers=(number,))]
    assert await rows_of("SELECT count(*) FROM state_revisions") == [(1,)]


async def swallow_the_commit(
    gate: Gate, writer: ConversationWriter, results: list[CommitResult], rows_of: RowsOf
) -> None:
    """Let a settlement through to Postgres until it is committed there, and no answer to that back."""
    gate.swallow_after = b"COMMIT;"
    writer.put(rows.settlement(2), results.append)
    await asyncio.wait_for(gate.answer_swallowed.wait(), PATIENCE)
    while not await rows_of("SELECT 1 FROM settlements"):
        pass


async def test_rows_whose_outcome_was_never_told_are_there_once(
    writing: Writing, gate: Gate, rows_of: RowsOf
) -> None:
    through = Database(gate.url)
    async with writing(through, limits=IMPATIENT) as writer:
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        gate.swallow = True
        writer.put(rows.item_row(2))
        await asyncio.wait_for(gate.answer_swallowed.wait(), PATIENCE)
        await gate.shut()
        gate.swallow = False
        writer.put(rows.item_row(2, heard="text"))
        await gate.open()
        await writer.flush(PATIENCE)
    await through.close()
    assert await rows_of("SELECT id, heard FROM items ORDER BY sequence") == [
        ("item_1", None),
        ("item_2", "text"),
    ]


async def test_a_flush_that_takes_too_long_says_so_and_keeps_the_rows(
    writing: Writing, gate: Gate, rows_of: RowsOf
) -> None:
    through = Database(gate.url)
    async with writing(through, limits=IMPATIENT) as writer:
        await gate.shut()
        writer.put(rows.item_row(1))
        with pytest.raises(StoreUnavailableError, match="1 rows were not stored"):
            await writer.flush(0.05)
        await gate.open()
    await through.close()
    assert await rows_of("SELECT sequence FROM items") == [(1,)]


async def test_a_transaction_that_takes_long_puts_the_writer_behind(
    database: Database, writing: Writing
) -> None:
    states = States()
    limits = WriterLimits(behind=0.01)
    async with writing(on_state=states, limits=limits) as writer:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1 FROM leases FOR UPDATE"))
            writer.put(rows.item_row(1))
            await states.reached("behind")
        await states.reached("ok")
        # A slow machine may be behind again with what follows.
        assert states.seen == ["behind", "ok"]
        await writer.flush(PATIENCE)


async def test_an_attempt_that_never_ends_is_given_up_and_repeated(
    database: Database, writing: Writing, rows_of: RowsOf
) -> None:
    states = States()
    limits = WriterLimits(attempt=1, first_pause=0.001, last_pause=0.001)
    async with writing(on_state=states, limits=limits) as writer:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1 FROM leases FOR UPDATE"))
            writer.put(rows.item_row(1))
            await states.reached("away")
        await writer.flush(PATIENCE)
    assert await rows_of("SELECT sequence FROM items") == [(1,)]


async def test_a_statement_that_always_times_out_is_refused_in_the_end(
    database_url: str, writing: Writing, rows_of: RowsOf
) -> None:
    hasty, results = Database(database_url, statement_timeout=0.4), list[CommitResult]()
    async with writing(hasty, limits=IMPATIENT) as writer:
        writer.put(rows.settlement(1, statements=(text("SELECT pg_sleep(10)"),)), results.append)
        writer.put(rows.item_row(2))
    await hasty.close()
    assert isinstance(results[0].error, RefusedError)
    assert "57014" in results[0].error.message
    assert await rows_of("SELECT sequence FROM items") == [(2,)]


@pytest.mark.parametrize("steps", range(0, 1500, 100))
async def test_a_node_that_dies_at_any_point_leaves_the_effects_for_its_successor_once(
    database: Database, epoch: int, rows_of: RowsOf, steps: int
) -> None:
    writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=epoch)
    writer.put(rows.item_row(1))
    writer.put(rows.settlement(2))
    running = asyncio.ensure_future(writer.run())
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    leases, results = LeaseTable(database), list[CommitResult]()
    await leases.release("conv_1", "node_1", epoch)
    successor = await leases.claim("conv_1", "node_2", 60)
    assert successor is not None
    async with database.read() as connection:
        history = await load_history(connection, "conv_1")
    settled = [item for item in history.items if item.kind == "function_call_output"]
    assert bool(settled) == bool(history.states)
    writer = ConversationWriter(database, "conv_1", owner="node_2", lease_epoch=successor)
    writer.put(rows.settlement(2, output=rows.output(3, "call_1", "again")), results.append)
    writer.close()
    await asyncio.wait_for(writer.run(), PATIENCE)
    assert results[0].applied == (not settled)
    assert await rows_of("SELECT count(*) FROM records") == [(1,)]
    assert await rows_of("SELECT count(*) FROM state_revisions") == [(1,)]


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, to be stopped in the middle."""
    folder = Path(tempfile.mkdtemp(prefix="orchestrator-tests-"))
    own = EmbeddedPostgres(folder, fast=True)
    yield own
    own.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_server_that_stops_and_starts_in_the_middle_loses_nothing(server: EmbeddedPostgres) -> None:
    url = await asyncio.to_thread(server.start)
    await asyncio.to_thread(upgrade, url)
    database, states, results = Database(url), States(), list[CommitResult]()
    async with database.transaction() as connection:
        await create_conversation(connection, "conv_1", agent="triage", created_at=rows.START)
    epoch = await LeaseTable(database).claim("conv_1", "node_1", 60)
    assert epoch is not None
    writer = ConversationWriter(
        database, "conv_1", owner="node_1", lease_epoch=epoch, on_state=states, limits=IMPATIENT
    )
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(writer.run())
        for number in range(1, 301):
            tool_call_id = f"call_{number}"
            writer.put(rows.settlement(number, tool_call_id), results.append)
            if number == 100:
                await writer.flush(PATIENCE)
                await asyncio.to_thread(server.stop)
            if number == 200:
                await states.reached("away")
                assert await asyncio.to_thread(server.start) == url
        await writer.flush(PATIENCE)
        writer.close()
    async with database.read() as connection:
        history = await load_history(connection, "conv_1")
        kept = (await connection.execute(text("SELECT count(*) FROM records"))).scalar_one()
    await database.close()
    assert [item.sequence for item in history.items] == list(range(1, 301))
    assert (history.revisions, kept) == ({"cart": 300}, 300)
    assert all(result.applied for result in results)
