"""The writer under ordinary circumstances; `test_writer_outage.py` takes Postgres away from it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.core.errors import CapacityError, FencedError
from orchestrator.core.items import ItemStatus, Part
from orchestrator.core.records import Record
from orchestrator.store.database import Database
from orchestrator.store.faults import RefusedError
from orchestrator.store.history import load_history
from orchestrator.store.leases import LeaseTable
from orchestrator.store.write_queue import CommitResult, OnCommitted
from orchestrator.store.writer import ConversationWriter
from orchestrator.store.writer_limits import WriterLimits
from tests.patience import PATIENCE
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db


def noting(number: int, committed: list[int]) -> OnCommitted:
    return lambda _: committed.append(number)


async def test_every_kind_of_record_comes_back_as_it_was_written(
    database: Database,
    writing: Writing,
) -> None:
    records: list[Record] = [
        rows.conversation(status="ended", ended_by="caller", agent="restaurant"),
        rows.item_row(1),
        rows.session(),
        rows.response(),
        rows.tool_run(),
        rows.handoff(),
        rows.call(),
        rows.revision(),
    ]
    async with writing() as writer:
        for record in records:
            writer.put(record)
    async with database.read() as connection:
        history = await load_history(connection, "conv_1")
    assert history.agent == "restaurant"
    assert history.items == (rows.item(1),)
    assert (history.states, history.revisions, history.epoch) == ({"cart": {"lines": 1}}, {"cart": 1}, 1)


async def test_rows_of_one_key_coalesce_and_the_last_one_counts(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    async with writing() as writer:
        writer.put(rows.item_row(1, status=ItemStatus.IN_PROGRESS, content=()))
        writer.put(rows.item_row(2))
        writer.put(rows.item_row(1, content=(Part(text="whole"),)))
        assert writer.waiting == 2
    assert await rows_of("SELECT sequence, status, content FROM items ORDER BY sequence") == [
        (1, "completed", [{"kind": "text", "text": "whole", "image_url": None}]),
        (2, "completed", [{"kind": "text", "text": "text 2", "image_url": None}]),
    ]


async def test_records_are_written_in_the_order_of_their_arrival(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    committed: list[int] = []
    async with writing() as writer:
        for number in range(1, 601):
            writer.put(rows.item_row(number), noting(number, committed))
    assert committed == list(range(1, 601))
    assert await rows_of("SELECT count(*), max(sequence) FROM items") == [(600, 600)]


async def test_a_flush_returns_once_everything_is_stored_with_its_figures(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    async with writing(limits=WriterLimits(linger=60, figures=60)) as writer:
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        assert writer.waiting == 0
        assert await rows_of("SELECT turns, last_sequence FROM conversations") == [(1, 1)]
        await writer.flush(0)


async def test_a_settlement_applies_all_of_its_effects_and_names_its_records(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    results: list[CommitResult] = []
    async with writing() as writer:
        writer.put(rows.settlement(1), results.append)
    ((number,),) = await rows_of("SELECT number FROM records WHERE kind = 'order'")
    assert results == [CommitResult(numbers=(number,))]
    assert await rows_of("SELECT value FROM state_revisions") == [({"lines": 1},)]
    assert await rows_of("SELECT outcome FROM tool_runs") == [("completed",)]
    assert await rows_of("SELECT output FROM items") == [('"done"',)]


async def test_a_settlement_made_twice_is_applied_once_and_tells_the_stored_output(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    results: list[CommitResult] = []
    async with writing() as writer:
        writer.put(rows.settlement(1), results.append)
        again = rows.settlement(2, output=rows.output(2, "call_1", '"another"'))
        writer.put(again, results.append)
    assert results[0].applied
    assert results[1] == CommitResult(applied=False, output='"done"')
    assert await rows_of("SELECT count(*) FROM records") == [(1,)]
    assert await rows_of("SELECT id FROM items") == [("item_1",)]


async def test_a_settlement_made_by_two_writers_at_once_is_applied_once(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    results: list[CommitResult] = []
    async with writing() as one, writing() as other:
        one.put(rows.settlement(1), results.append)
        other.put(rows.settlement(1), results.append)
    assert sorted(result.applied for result in results) == [False, True]
    assert {result.output for result in results if not result.applied} == {'"done"'}
    assert await rows_of("SELECT count(*) FROM records") == [(1,)]
    assert await rows_of("SELECT count(*) FROM state_revisions") == [(1,)]


async def test_statements_of_the_application_commit_with_the_output(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    results: list[CommitResult] = []
    table = text("CREATE TABLE bookings (name text PRIMARY KEY)")
    async with writing() as writer:
        writer.put(rows.settlement(1, "call_0", statements=(table,)), results.append)
        booking = text("INSERT INTO bookings VALUES ('Ada')")
        writer.put(rows.settlement(2, "call_1", statements=(booking,)), results.append)
        writer.put(rows.settlement(3, "call_2", statements=(booking,)), results.append)
        writer.put(rows.item_row(4))
    assert [result.applied for result in results] == [True, True, False]
    assert isinstance(results[2].error, RefusedError)
    assert "23505" in results[2].error.message
    assert "Ada" not in results[2].error.message
    assert await rows_of("SELECT sequence FROM items ORDER BY 1") == [(1,), (2,), (4,)]
    assert await rows_of("SELECT tool_call_id FROM settlements ORDER BY 1") == [("call_0",), ("call_1",)]


@pytest.mark.parametrize(
    "statement",
    [
        text("nonsense"),
        text("INSERT INTO nowhere VALUES (1)"),
        text("SELECT 1/0"),
        "SELECT 1",
        text("COMMIT"),
    ],
    ids=str,
)
async def test_a_statement_that_cannot_run_refuses_its_settlement_alone(
    writing: Writing,
    rows_of: RowsOf,
    statement: Any,
) -> None:
    results: list[CommitResult] = []
    async with writing() as writer:
        writer.put(rows.item_row(1))
        writer.put(rows.settlement(2, statements=(statement, text("SELECT 1"))), results.append)
        writer.put(rows.item_row(3))
    assert [type(result.error) for result in results] == [RefusedError]
    assert (1,) in await rows_of("SELECT sequence FROM items")
    assert (3,) in await rows_of("SELECT sequence FROM items")


async def test_a_row_that_cannot_be_stored_is_refused_alone(writing: Writing, rows_of: RowsOf) -> None:
    results: list[CommitResult] = []
    async with writing() as writer:
        for number in range(1, 8):
            writer.put(rows.item_row(number, sequence=1 if number == 4 else number), results.append)
    assert [result.error is not None for result in results] == [False] * 3 + [True] + [False] * 3
    assert isinstance(results[3].error, RefusedError)
    assert await rows_of("SELECT count(*) FROM items") == [(6,)]


async def test_a_revision_that_exists_already_refuses_the_settlement(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    results: list[CommitResult] = []
    async with writing() as writer:
        writer.put(rows.revision(1))
        writer.put(rows.settlement(2, revisions=(rows.revision(1),)), results.append)
    assert isinstance(results[0].error, RefusedError)
    assert await rows_of("SELECT count(*) FROM settlements") == [(0,)]


async def test_what_json_cannot_express_is_refused(
    writing: Writing,
) -> None:
    results: list[CommitResult] = []
    async with writing() as writer:
        writer.put(rows.item_row(1, data={"what": object()}), results.append)
    assert isinstance(results[0].error, RefusedError)


async def test_a_writer_without_the_lease_writes_nothing_and_says_so(
    database: Database, epoch: int, rows_of: RowsOf
) -> None:
    results: list[CommitResult] = []
    leases = LeaseTable(database)
    await leases.release("conv_1", "node_1", epoch)
    assert await leases.claim("conv_1", "node_2", 60) == epoch + 1
    writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=epoch)
    writer.put(rows.item_row(2), results.append)
    writer.put(rows.settlement(3), results.append)
    with pytest.raises(FencedError, match="node_1"):
        await writer.run()
    writer.put(rows.item_row(4), results.append)
    with pytest.raises(FencedError):
        await writer.flush(PATIENCE)
    assert [type(result.error) for result in results] == [FencedError] * 3
    assert await rows_of("SELECT sequence FROM items") == []


async def test_who_flushes_learns_that_the_lease_is_lost(database: Database, epoch: int) -> None:
    writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=epoch + 1)
    writer.put(rows.item_row(1))
    outcomes = await asyncio.gather(writer.run(), writer.flush(PATIENCE), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [FencedError, FencedError]


async def test_a_writer_of_an_erased_conversation_is_fenced(
    database: Database, epoch: int, rows_of: RowsOf
) -> None:
    await rows_of("DELETE FROM conversations RETURNING id")
    writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=epoch)
    writer.put(rows.settlement(1))
    with pytest.raises(FencedError):
        await writer.run()


async def test_a_writer_that_was_cancelled_goes_on_where_it_stopped(
    database: Database,
    epoch: int,
    rows_of: RowsOf,
) -> None:
    writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=epoch)
    for number in range(1, 100):
        writer.put(rows.item_row(number))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(writer.run())
        await asyncio.sleep(0)
        running.cancel()
    writer.close()
    await asyncio.wait_for(writer.run(), PATIENCE)
    assert writer.waiting == 0
    assert await rows_of("SELECT count(*) FROM items") == [(99,)]


async def test_a_full_queue_asks_once_for_the_end_and_refuses_at_twice_its_limit(
    database: Database,
    epoch: int,
) -> None:
    told: list[int] = []
    refused: list[CommitResult] = []
    writer = ConversationWriter(
        database,
        "conv_1",
        owner="node_1",
        lease_epoch=epoch,
        on_overload=told.append,
        limits=WriterLimits(rows=5),
    )
    for number in range(1, 12):
        writer.put(rows.item_row(number), refused.append)
    assert told == [5]
    assert [type(result.error) for result in refused] == [CapacityError]
    assert writer.waiting == 10
    writer.close()
    await asyncio.wait_for(writer.run(), PATIENCE)
    assert [result.applied for result in refused] == [False, *[True] * 10]


async def test_figures_follow_from_the_rows(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    async with writing() as writer:
        for number in range(1, 5):
            writer.put(rows.item_row(number))
        writer.put(rows.item_row(5, deleted=True))
        writer.put(rows.item_row(6, role="assistant", heard="As far as th"))
        writer.put(rows.tool_run("call_1", outcome="failed"))
        writer.put(rows.tool_run("call_2", outcome="invalid"))
        writer.put(rows.tool_run("call_3"))
        writer.put(rows.response(1, first_output_at=1_700_000_002.5))
        writer.put(rows.response(2, turn_ended_at=None, first_audio_at=1_700_000_002.25))
        writer.put(rows.response(3, turn_ended_at=0.0, first_audio_at=1_700_000_002.25))
        writer.put(rows.handoff(1))
        writer.put(rows.handoff(2, target="triage"))
        writer.put(rows.handoff(3, target="human", outcome="refused"))
    figures = "turns, tool_errors, interruptions, agents, has_error, slowest_turn_ms, last_sequence"
    assert await rows_of(f"SELECT {figures} FROM conversations") == [
        (2, 2, 1, ["triage", "restaurant", "triage"], True, 1500, 6)
    ]


async def test_figures_catch_up_by_themselves(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    async with writing(limits=WriterLimits(figures=0.001)) as writer:
        stored = asyncio.Event()
        writer.put(rows.item_row(1), lambda _: stored.set())
        await asyncio.wait_for(stored.wait(), PATIENCE)
        while await rows_of("SELECT turns FROM conversations") != [(1,)]:
            pass


async def test_text_with_nul_and_lone_surrogates_is_kept_as_far_as_it_can_be(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    async with writing() as writer:
        writer.put(rows.item_row(1, content=(Part(text="a\0b"),)))
        writer.put(rows.item_row(2, heard="\ud800c", data={"\udfff": ["\0"]}))
    found = await rows_of("SELECT content->0->>'text', heard, data FROM items ORDER BY sequence")
    assert found == [("a\ufffdb", None, {}), ("text 2", "\ufffdc", {"\ufffd": ["\ufffd"]})]


async def test_a_message_of_any_length_is_stored(
    writing: Writing,
    rows_of: RowsOf,
) -> None:
    async with writing() as writer:
        words = " ".join(f"word{number}" for number in range(300_000))
        writer.put(rows.item_row(1, content=(Part(text=words),), name="x" * 2_000_000))
    assert await rows_of(f"SELECT length(content->0->>'text') = {len(words)} FROM items") == [(True,)]


async def test_a_bug_of_ours_is_not_taken_for_an_outage(
    database: Database, epoch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_records: object) -> CommitResult:
        raise KeyError("ours")

    writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=epoch)
    monkeypatch.setattr(writer._commit, "rows", broken)
    writer.put(rows.item_row(1))
    with pytest.raises(KeyError):
        await asyncio.wait_for(writer.run(), PATIENCE)


async def test_figures_that_cannot_be_reckoned_end_no_call(
    writing: Writing, monkeypatch: pytest.MonkeyPatch, rows_of: RowsOf
) -> None:
    async def refused() -> None:
        raise RefusedError("out of range")

    async with writing() as writer:
        monkeypatch.setattr(writer._commit, "figures", refused)
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        assert writer.state == "ok"
    assert await rows_of("SELECT turns FROM conversations") == [(0,)]


async def test_a_listener_is_told_of_what_can_be_read_by_then(writing: Writing, rows_of: RowsOf) -> None:
    told: list[int] = []
    async with writing() as writer:
        stop = writer.listen(lambda: told.append(writer.waiting))
        writer.put(rows.item_row(1))
        await writer.flush(PATIENCE)
        assert told == [0]
        stop()
        writer.put(rows.item_row(2))
        await writer.flush(PATIENCE)
    assert told == [0]
    assert await rows_of("SELECT count(*) FROM items") == [(2,)]
