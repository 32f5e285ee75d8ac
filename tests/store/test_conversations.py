from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.core.errors import InvalidRequestError, NotFoundError
from orchestrator.core.items import Part
from orchestrator.store.conversations import (
    ConversationFilter,
    change_conversation,
    erase_conversation,
    get_conversation,
    list_conversations,
    list_labels,
    settle_orphan,
)
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.items import insert_items
from tests.store import sample_rows as rows
from tests.store.shapes import RowsOf, Writing

pytestmark = pytest.mark.db


async def create(database: Database, *times: float) -> None:
    async with database.transaction() as connection:
        for number, created_at in enumerate(times, start=1):
            await create_conversation(
                connection,
                f"conv_{number}",
                agent="triage",
                created_at=created_at,
                created_by=f"key_{number}",
            )


async def found(database: Database, **wanted: Any) -> list[str]:
    async with database.read() as connection:
        page = await list_conversations(connection, ConversationFilter(**wanted))
    return [summary.id for summary in page.rows]


async def change(database: Database, conversation_id: str, changes: str) -> None:
    async with database.transaction() as connection:
        statement = f"UPDATE conversations SET {changes} WHERE id = :id"
        await connection.execute(text(statement), {"id": conversation_id})


async def test_pages_follow_each_other_without_gap_or_double_even_with_ties(database: Database) -> None:
    times = [1_700_000_000.123457] * 4 + [1_700_000_000.123456] * 3 + [1_700_000_001.0] * 4
    await create(database, *times)
    seen: list[tuple[float, str]] = []
    after = None
    async with database.read() as connection:
        while True:
            page = await list_conversations(connection, ConversationFilter(), after=after, limit=2)
            seen += [(summary.created_at, summary.id) for summary in page.rows]
            after = page.next
            if after is None:
                break
    given = {(created_at, f"conv_{number}") for number, created_at in enumerate(times, start=1)}
    assert seen == sorted(given, reverse=True)


async def test_a_cursor_of_another_list_is_refused(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(InvalidRequestError):
            await list_conversations(connection, ConversationFilter(), after="nonsense")
        with pytest.raises(InvalidRequestError):
            await list_conversations(connection, ConversationFilter(), limit=0)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ("agents = '{triage,restaurant}'", {"agent": "restaurant"}),
        ("status = 'live'", {"status": "live"}),
        ("ended_by = 'caller'", {"ended_by": "caller"}),
        ("created_at = '2020-01-01Z'", {"created_before": 1_600_000_000.0}),
        ("created_at = '2030-01-01Z'", {"created_from": 1_800_000_000.0}),
        ("has_error = true", {"has_error": True}),
        ("tool_errors = 2", {"tool_error": True}),
        ("slowest_turn_ms = 2001", {"slower_than_ms": 2000}),
        ("labels = '{billing,sad}'", {"label": "sad"}),
        ("verdict = 'good'", {"verdict": "good"}),
        ("created_by = 'key_x'", {"created_by": "key_x"}),
        ("status = 'live'", {"live": True}),
    ],
    ids=str,
)
async def test_a_filter_finds_what_it_names_and_nothing_else(
    database: Database, changes: str, wanted: dict[str, Any]
) -> None:
    await create(database, rows.START, rows.START, rows.START)
    await change(database, "conv_2", changes)
    assert await found(database, **wanted) == ["conv_2"]


async def test_filters_add_up_and_may_say_no(database: Database) -> None:
    await create(database, rows.START, rows.START, rows.START)
    await change(database, "conv_2", "has_error = true, tool_errors = 1")
    await change(database, "conv_3", "has_error = true")
    assert await found(database, has_error=True, tool_error=False) == ["conv_3"]
    assert await found(database, has_error=False) == ["conv_1"]
    assert await found(database, has_error=True, text="anything") == []
    await change(database, "conv_1", "status = 'live'")
    assert await found(database, live=False) == ["conv_3", "conv_2"]


SPOKEN = "Two large margherita pizzas (stone-baked) for Zoë, please; tonight at eight"


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("margherita", True),
        ("MARGH", True),
        ("baked", True),
        ("zoë large", True),
        ("please large", True),
        ('"large margherita"', True),
        ('"margherita large"', False),
        ("large -margherita", False),
        ("large -calzone", True),
        ("calzone", False),
        ("large add_item", False),
        ("add_item", True),
        ("add_it", True),
        ("   ", True),
        ("it's & | ! ( <-> :*", False),
        ("_ ² ___", False),
    ],
)
async def test_text_is_found_in_transcripts_and_names_of_tools(
    database: Database, writing: Writing, words: str, finds: bool
) -> None:
    async with writing() as writer:
        writer.put(rows.item_row(1, content=(Part(kind="audio", text="Hello"), Part(text=SPOKEN))))
        writer.put(rows.item_row(2, kind="function_call", name="add_item", content=(), role=None))
    assert await found(database, text=words) == (["conv_1"] if finds else [])


async def test_a_summary_tells_everything(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.conversation(status="ended", ended_by="caller"))
        writer.put(rows.item_row(1))
    async with database.read() as connection:
        summary = await get_conversation(connection, "conv_1")
    assert (summary.status, summary.ended_by, summary.turns, summary.last_sequence) == (
        "ended",
        "caller",
        1,
        1,
    )
    assert (summary.created_at, summary.updated_at) == (rows.START, rows.START + 60)
    assert (summary.agents, summary.labels, summary.metadata) == (["triage"], [], {})


async def test_what_people_say_of_a_conversation_can_be_changed(database: Database) -> None:
    await create(database, rows.START, rows.START)
    async with database.transaction() as connection:
        await change_conversation(
            connection, "conv_1", labels=["sad", "billing", "sad"], verdict="good", metadata={"a": "b"}
        )
        await change_conversation(connection, "conv_2", labels=["sad"])
        kept = await change_conversation(connection, "conv_1")
        assert (kept.labels, kept.verdict, kept.metadata) == (["billing", "sad"], "good", {"a": "b"})
        assert await list_labels(connection) == ["billing", "sad"]
        without = await change_conversation(connection, "conv_1", verdict="", labels=[])
        assert (without.labels, without.verdict, without.metadata) == ([], None, {"a": "b"})


async def test_an_unknown_conversation_is_said_to_be_unknown(database: Database) -> None:
    async with database.transaction() as connection:
        for asked in (
            get_conversation(connection, "conv_none"),
            change_conversation(connection, "conv_none", verdict="good"),
            erase_conversation(connection, "conv_none"),
        ):
            with pytest.raises(NotFoundError, match="conv_none"):
                await asked


async def test_erasing_leaves_no_row_behind(database: Database, writing: Writing, rows_of: RowsOf) -> None:
    async with writing() as writer:
        for record in (
            *(rows.item_row(1), rows.session(), rows.response(), rows.tool_run(), rows.handoff()),
            *(rows.call(), rows.revision(), rows.settlement(2)),
        ):
            writer.put(record)
    recording = "'conv_1', 'rec_1', 'rtc_1', 'folder/rec_1.ogg', 'audio/ogg', 2, 1, now(), 1"
    await rows_of(f"INSERT INTO recordings VALUES ({recording}) RETURNING id")
    await rows_of("INSERT INTO notes (conversation_id, author, text) VALUES ('conv_1', 'a', 'b') RETURNING 1")
    async with database.transaction() as connection:
        assert await erase_conversation(connection, "conv_1") == ["folder/rec_1.ogg"]
    named = await rows_of(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'conversation_id'"
    )
    assert len(named) == 12
    for (table,) in named:
        assert await rows_of(f"SELECT 1 FROM {table}") == [], table


@pytest.mark.parametrize("at", [None, datetime(2026, 11, 20, tzinfo=UTC)])
async def test_what_a_dead_node_left_open_is_closed(
    database: Database, writing: Writing, rows_of: RowsOf, at: datetime | None
) -> None:
    async with writing() as writer:
        writer.put(rows.conversation(status="live"))
        writer.put(rows.session(1, closed_at=rows.START + 5, close_reason="handoff"))
        writer.put(rows.session(2))
        writer.put(rows.call(1))
    await rows_of("UPDATE conversations SET turns = 99 RETURNING id")
    async with database.transaction() as connection:
        await settle_orphan(connection, "conv_1", at)
        summary = await get_conversation(connection, "conv_1")
    when = rows.START + 60 if at is None else at.timestamp()
    assert (summary.status, summary.turns) == ("idle", 0)
    seconds = "extract(epoch FROM {})::float8"
    sessions = f"SELECT {seconds.format('closed_at')}, close_reason FROM sessions ORDER BY epoch"
    assert await rows_of(sessions) == [(rows.START + 5, "handoff"), (when, "node_lost")]
    calls = f"SELECT {seconds.format('left_at')}, leave_reason FROM calls"
    assert await rows_of(calls) == [(when, "node_lost")]


async def test_a_word_is_found_in_the_newest_and_beyond_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.conversations.LOOKED_THROUGH", 2)
    await create(database, *(1_700_000_000.0 + number for number in range(6)))
    async with database.transaction() as connection:
        for number, words in ((1, "rare bread"), (2, "bread"), (4, "bread"), (5, "bread"), (6, "coke")):
            item = rows.item(1, content=(Part(text=words),))
            await insert_items(connection, f"conv_{number}", [item])
    assert await found(database, text="bread") == ["conv_5", "conv_4", "conv_2", "conv_1"]
    assert await found(database, text="rare") == ["conv_1"]
    assert await found(database, text="bread", created_by="key_5") == ["conv_5"]
    assert await found(database, text="xylophone") == []
    async with database.read() as connection:
        wanted = ConversationFilter(text="bread")
        first = await list_conversations(connection, wanted, limit=1)
        rest = await list_conversations(connection, wanted, limit=5, after=first.next)
    assert [row.id for row in (*first.rows, *rest.rows)] == ["conv_5", "conv_4", "conv_2", "conv_1"]
