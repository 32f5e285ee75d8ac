import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import ItemRow, RevisionRow
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation, load_history, load_states
from orchestrator.store.writer import ConversationWriter
from tests.patience import PATIENCE
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db


async def test_a_new_conversation_has_nothing_but_its_agent(database: Database, rows_of: RowsOf) -> None:
    async with database.transaction() as connection:
        await create_conversation(
            connection,
            "conv_1",
            agent="triage",
            created_at=1_700_000_000.123456,
            metadata={"from": "web"},
            created_by="key_1",
        )
        history = await load_history(connection, "conv_1")
    assert (history.conversation_id, history.agent, history.status) == ("conv_1", "triage", "idle")
    assert (history.items, history.states, history.epoch, history.tool_attempts) == ((), {}, 0, {})
    assert history.metadata == {"from": "web"}
    facts = "extract(epoch FROM created_at)::text, agents, entry_agent, created_by"
    assert await rows_of(f"SELECT {facts} FROM conversations") == [
        ("1700000000.123456", ["triage"], "triage", "key_1")
    ]


async def test_an_id_is_given_once(database: Database) -> None:
    async def create() -> None:
        async with database.transaction() as connection:
            await create_conversation(connection, "conv_1", agent="triage", created_at=1.0)

    await create()
    with pytest.raises(ConflictError):
        await create()


async def test_a_conversation_that_does_not_exist_cannot_be_loaded(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(NotFoundError) as raised:
            await load_history(connection, "conv_none")
    assert raised.value.param == "conversation"


async def test_every_field_of_an_item_survives(database: Database, writing: Writing) -> None:
    items = (
        rows.item(
            1,
            created_at=1_700_000_001.000001,
            position=Decimal("0.0625"),
            status=ItemStatus.INCOMPLETE,
            content=(Part(kind="audio", text="hi"), Part(kind="image", image_url="data:,")),
            heard="h",
            late=True,
            deleted=True,
            data={"a": [1.5, None]},
        ),
        rows.item(2, kind="function_call", name="f", arguments='{"a": 1}', tool_call_id="call_1", role=None),
        rows.output(3, "call_1"),
        rows.item(4, kind="handoff", role=None, origin="service", content=(), data={"to": "human"}),
    )
    async with writing() as writer:
        for item in items:
            writer.put(ItemRow(item))
    async with database.read() as connection:
        assert (await load_history(connection, "conv_1")).items == items


async def test_attempts_are_told_of_tool_calls_without_an_answer(
    database: Database, writing: Writing
) -> None:
    async with writing() as writer:
        for number in (1, 2, 3):
            call = rows.item(number, kind="function_call", tool_call_id=f"call_{number}", role=None)
            writer.put(ItemRow(call))
        for attempt in (1, 2):
            writer.put(rows.tool_run("call_1", attempt, outcome="running"))
        writer.put(rows.tool_run("call_2", 1))
        writer.put(ItemRow(rows.output(4, "call_2")))
        writer.put(rows.session(3))
        writer.put(rows.session(4))
    async with database.read() as connection:
        history = await load_history(connection, "conv_1")
    assert history.tool_attempts == {"call_1": 2}
    assert history.epoch == 4


VALUES = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=3)
CHANGES = st.lists(st.tuples(st.sampled_from(["cart", "booking"]), VALUES, st.integers(0, 3)), max_size=12)


@pytest.fixture
def stored(database_url: str) -> Any:
    """Stores revisions of a new conversation, and gives its states at every sequence number."""

    async def states(revisions: list[RevisionRow], last: int) -> list[tuple[Any, Any]]:
        database = Database(database_url)
        async with database.transaction() as connection:
            await connection.exec_driver_sql("DELETE FROM conversations")
            await create_conversation(connection, "conv_1", agent="triage", created_at=1.0)
            await connection.exec_driver_sql("INSERT INTO leases VALUES ('conv_1', 'node_1', 1, now())")
        writer = ConversationWriter(database, "conv_1", owner="node_1", lease_epoch=1)
        for revision in revisions:
            writer.put(revision)
        writer.close()
        await asyncio.wait_for(writer.run(), PATIENCE)
        async with database.read() as connection:
            found = [await load_states(connection, "conv_1", at=at) for at in range(last + 1)]
            found.append(await load_states(connection, "conv_1"))
        await database.close()
        return found

    return lambda revisions, last: asyncio.run(states(revisions, last))


def test_the_states_at_a_sequence_number_are_the_fold_of_the_revisions_by_then(stored: Any) -> None:
    @settings(max_examples=40, deadline=None)
    @given(CHANGES)
    def holds(changes: list[tuple[str, JsonObject, int]]) -> None:
        revisions, sequence, counts = [], 0, {"cart": 0, "booking": 0}
        for state, value, step in changes:
            sequence += step
            counts[state] += 1
            plain = {key.replace("\0", ""): value for key, value in value.items()}
            text = {
                key: value.replace("\0", "") if isinstance(value, str) else value
                for key, value in plain.items()
            }
            revisions.append(rows.revision(counts[state], state=state, value=text, sequence=sequence))
        found = stored(revisions, sequence)
        for at, (values, numbers) in enumerate(found):
            by_then = [revision for revision in revisions if revision.sequence <= at]
            assert values == {revision.state: revision.value for revision in by_then}
            assert numbers == {revision.state: revision.revision for revision in by_then}

    holds()


async def test_a_thousand_items_load_at_once(database: Database, writing: Writing) -> None:
    items = tuple(rows.item(number) for number in range(1, 1001))
    async with writing() as writer:
        for item in items:
            writer.put(ItemRow(item))
    statements = []

    async def load() -> tuple[Item, ...]:
        async with database.read() as connection:
            return (await load_history(connection, "conv_1")).items

    from sqlalchemy import event  # noqa: PLC0415 - only this test listens

    event.listen(
        database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    assert await load() == items
    assert len(statements) == 4
