import time

import pytest

from orchestrator.store.call_spans import CallSpan, load_call_spans
from orchestrator.store.database import Database
from tests.store import sample_rows as rows
from tests.store.sample_rows import CONVERSATION, START
from tests.store.shapes import Writing

pytestmark = pytest.mark.db


async def test_the_calls_of_a_conversation_are_added_up_and_the_last_one_says_how_it_ended(
    database: Database, writing: Writing
) -> None:
    async with writing() as writer:
        writer.put(rows.call(1, left_at=START + 31, leave_reason="hung up"))
        writer.put(rows.call(2, joined_at=START + 60, left_at=START + 70, leave_reason="moved"))
    async with database.read() as connection:
        spans = await load_call_spans(connection, [CONVERSATION, "conv_that_nobody_called"])
        assert await load_call_spans(connection, []) == {}
    assert spans == {CONVERSATION: CallSpan(calls=2, seconds=40.0, last_reason="moved")}


async def test_a_call_that_is_on_counts_until_now(database: Database, writing: Writing) -> None:
    async with writing() as writer:
        writer.put(rows.call(1, joined_at=time.time() - 100))
    async with database.read() as connection:
        span = (await load_call_spans(connection, [CONVERSATION]))[CONVERSATION]
    assert span.seconds >= 99
    assert span.last_reason is None
