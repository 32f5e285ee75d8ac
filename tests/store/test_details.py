import msgspec
import pytest

from orchestrator.core.errors import NotFoundError
from orchestrator.core.records import Record
from orchestrator.store.database import Database
from orchestrator.store.details import export_rows, load_details, state_at
from orchestrator.store.notes import add_note
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db

WRITTEN: tuple[Record, ...] = (
    rows.session(2, purpose="handoff", ready_at=rows.START + 0.25, closed_at=rows.START + 9, model="m"),
    rows.session(1),
    rows.response(2, status="failed", status_details={"type": "failed"}, interrupted=True),
    rows.response(1, usage={"input_tokens": 5}, first_audio_at=rows.START + 0.000001, done_at=rows.START),
    rows.tool_run("call_1", 2, started_at=rows.START + 1),
    rows.tool_run("call_1", 1, outcome="invalid", violations=("a: too long", "b"), error="bad"),
    rows.handoff(1),
    rows.call(1, statistics={"loss": 0.5}, left_at=rows.START + 3, leave_reason="hangup"),
    rows.revision(2),
    rows.revision(1, tool_call_id="call_1"),
)


async def test_a_conversation_is_read_back_whole_in_order_of_time(
    database: Database, writing: Writing, rows_of: RowsOf
) -> None:
    async with writing() as writer:
        for record in WRITTEN:
            writer.put(record)
        writer.put(rows.settlement(3, "call_2", revisions=()))
    await rows_of(
        "INSERT INTO recordings VALUES ('conv_1', 'rec_1', 'rtc_1', 'rec_1.ogg', 'audio/ogg', 2, 1, "
        "to_timestamp(1700000000.5), 1500) RETURNING id"
    )
    async with database.transaction() as connection:
        note = await add_note(connection, "conv_1", author="Ada", text="well done")
    async with database.snapshot() as connection:
        details = await load_details(connection, "conv_1")
    assert details.summary.id == "conv_1"
    assert details.items == (rows.output(3, "call_2"),)
    assert details.sessions == (WRITTEN[1], WRITTEN[0])
    assert details.responses == (WRITTEN[3], WRITTEN[2])
    assert details.tool_runs == (WRITTEN[5], rows.tool_run("call_2"), WRITTEN[4])
    assert details.handoffs == (WRITTEN[6],)
    assert details.calls == (WRITTEN[7],)
    assert details.revisions == (WRITTEN[9], WRITTEN[8])
    assert [(record.kind, record.data) for record in details.records] == [("order", {"total": "12.50"})]
    assert details.notes == (note,)
    assert [(row.started_at, row.expires_at) for row in details.recordings] == [(rows.START + 0.5, None)]


async def test_an_export_has_every_row_with_its_kind(
    database: Database, writing: Writing, rows_of: RowsOf
) -> None:
    async with writing() as writer:
        for record in WRITTEN:
            writer.put(record)
    async with database.snapshot() as connection:
        exported = list(export_rows(await load_details(connection, "conv_1")))
    assert [word for word, _ in exported] == [
        "conversation",
        *("session", "session", "response", "response", "tool_run", "tool_run"),
        *("handoff", "call", "state_revision", "state_revision"),
    ]
    assert all(msgspec.json.encode(row) for _, row in exported)


async def test_the_state_is_told_as_it_was_at_an_item(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.revision(1, sequence=4))
        writer.put(rows.revision(2, sequence=9))
        writer.put(rows.revision(1, state="booking", sequence=6))
    async with database.read() as connection:
        told = {at: await state_at(connection, "conv_1", at) for at in (3, 4, 8, 9, None)}
        with pytest.raises(NotFoundError):
            await state_at(connection, "conv_none", 1)
    booked = {"booking": {"lines": 1}}
    assert told == {
        3: {},
        4: {"cart": {"lines": 1}},
        8: {"cart": {"lines": 1}} | booked,
        9: {"cart": {"lines": 2}} | booked,
        None: {"cart": {"lines": 2}} | booked,
    }


async def test_an_unknown_conversation_has_no_details(database: Database) -> None:
    async with database.snapshot() as connection:
        with pytest.raises(NotFoundError):
            await load_details(connection, "conv_none")
