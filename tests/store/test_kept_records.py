import pytest

from orchestrator.core.errors import InvalidRequestError, NotFoundError
from orchestrator.core.records import KeptRecord
from orchestrator.store.database import Database
from orchestrator.store.kept_records import get_record, list_records
from tests.store import sample_rows as rows
from tests.store.shapes import Writing

pytestmark = pytest.mark.db


async def test_records_are_listed_newest_first_by_kind_and_conversation(
    database: Database, writing: Writing
) -> None:
    async with writing() as writer:
        for number in range(1, 6):
            kept = tuple(KeptRecord(kind=kind, data={"n": number}) for kind in ("order", "message"))
            writer.put(rows.settlement(number, f"call_{number}", records=kept))
    seen: list[object] = []
    after = None
    async with database.read() as connection:
        while True:
            page = await list_records(connection, kind="order", after=after, limit=2)
            seen += [record.data["n"] for record in page.rows]
            after = page.next
            if after is None:
                break
        everything = await list_records(connection, conversation_id="conv_1")
        nothing = await list_records(connection, conversation_id="conv_2")
        assert await get_record(connection, everything.rows[0].number) == everything.rows[0]
    assert seen == [5, 4, 3, 2, 1]
    assert (len(everything.rows), nothing.rows) == (10, ())
    assert [record.kind for record in everything.rows[:2]] == ["message", "order"]
    assert (everything.rows[0].tool_call_id, everything.rows[0].created_at) == ("call_5", rows.START + 5)


async def test_what_cannot_be_found_or_read_is_said(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(NotFoundError):
            await get_record(connection, 1)
        with pytest.raises(InvalidRequestError):
            await list_records(connection, after="nonsense")
