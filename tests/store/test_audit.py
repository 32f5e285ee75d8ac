import pytest

from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.audit import append_audit, list_audit
from orchestrator.store.database import Database

pytestmark = pytest.mark.db


async def test_the_trail_is_read_newest_first_in_pages_by_action_and_target(database: Database) -> None:
    async with database.transaction() as connection:
        for number in range(1, 6):
            action = "call.say" if number % 2 else "key.revoke"
            await append_audit(
                connection,
                key_id="key_1",
                key_name="Ada",
                action=action,
                target=f"x{number}",
                detail={"n": number},
            )
        await append_audit(connection, key_id=None, key_name="command line", action="call.say", target="x1")
    seen: list[object] = []
    after = None
    async with database.read() as connection:
        while True:
            page = await list_audit(connection, action="call.say", after=after, limit=2)
            seen += [(entry.target, entry.key_name, entry.detail) for entry in page.rows]
            after = page.next
            if after is None:
                break
        of_one = await list_audit(connection, target="x1")
        with pytest.raises(InvalidRequestError):
            await list_audit(connection, after="nonsense")
    assert seen == [
        ("x1", "command line", {}),
        ("x5", "Ada", {"n": 5}),
        ("x3", "Ada", {"n": 3}),
        ("x1", "Ada", {"n": 1}),
    ]
    assert [entry.key_id for entry in of_one.rows] == [None, "key_1"]
    assert all(entry.at > 0 for entry in of_one.rows)
