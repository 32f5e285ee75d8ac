import pytest
from sqlalchemy import text

from orchestrator.core.errors import FencedError
from orchestrator.core.records import Record, SettlementRow
from orchestrator.store.commit import Commit
from orchestrator.store.database import Database
from orchestrator.store.faults import RefusedError
from orchestrator.store.write_queue import CommitResult, Slot
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db


def slot(record: SettlementRow, token: str = "own") -> Slot:
    return Slot(serial=1, key=(), record=record, token=token)


@pytest.fixture
def commit(database: Database, epoch: int) -> Commit:
    return Commit(database, "conv_1", "node_1", epoch)


async def test_rows_written_twice_are_there_once(commit: Commit, rows_of: RowsOf) -> None:
    records: list[Record] = [
        rows.item_row(1),
        rows.session(),
        rows.response(),
        rows.conversation(status="ended"),
    ]
    for _ in range(2):
        assert await commit.rows(records) == CommitResult()
    assert await rows_of("SELECT status FROM conversations") == [("ended",)]
    for table in ("items", "sessions", "responses"):
        assert await rows_of(f"SELECT count(*) FROM {table}") == [(1,)]


async def test_a_settlement_recognises_its_own_mark(commit: Commit, rows_of: RowsOf) -> None:
    settlement = rows.settlement(1)
    first = await commit.settlement(slot(settlement), settlement)
    assert len(first.numbers) == 1
    assert await commit.settlement(slot(settlement), settlement) == first
    other = await commit.settlement(slot(settlement, "another"), settlement)
    assert other == CommitResult(applied=False, output='"done"')
    assert await rows_of("SELECT count(*) FROM records") == [(1,)]


async def test_a_settlement_without_effects_is_an_output_and_a_run(commit: Commit, rows_of: RowsOf) -> None:
    settlement = rows.settlement(1, revisions=(), records=())
    assert await commit.settlement(slot(settlement), settlement) == CommitResult()
    assert await rows_of("SELECT count(*) FROM items, tool_runs") == [(1,)]


async def test_nothing_is_written_without_the_lease(database: Database, epoch: int, rows_of: RowsOf) -> None:
    settlement = rows.settlement(1, statements=(text("DELETE FROM conversations"),))
    for owner, lease_epoch in (("node_2", epoch), ("node_1", epoch + 1)):
        stranger = Commit(database, "conv_1", owner, lease_epoch)
        with pytest.raises(FencedError, match=f"{owner}'s under epoch {lease_epoch}"):
            await stranger.rows([rows.item_row(1)])
        with pytest.raises(FencedError):
            await stranger.settlement(slot(settlement), settlement)
    assert await rows_of("SELECT count(*) FROM items, settlements") == [(0,)]
    assert await rows_of("SELECT count(*) FROM conversations") == [(1,)]


@pytest.mark.parametrize("word", ["COMMIT", " rollback ;", "Savepoint x", "BEGIN", "end"])
async def test_a_statement_may_not_end_the_transaction_it_is_in(commit: Commit, word: str) -> None:
    settlement = rows.settlement(1, statements=(text(word),))
    with pytest.raises(RefusedError, match="begins or ends"):
        await commit.settlement(slot(settlement), settlement)


async def test_an_effect_that_is_no_statement_is_refused(commit: Commit) -> None:
    settlement = rows.settlement(1, statements=("DELETE FROM items",))
    with pytest.raises(RefusedError, match="SQLAlchemy"):
        await commit.settlement(slot(settlement), settlement)


async def test_figures_are_those_of_the_rows(commit: Commit, rows_of: RowsOf) -> None:
    await commit.rows([rows.item_row(1), rows.handoff(1)])
    await commit.figures()
    await commit.figures()
    assert await rows_of("SELECT turns, agents FROM conversations") == [(1, ["triage", "restaurant"])]
