import asyncio

import pytest

from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.store.agent_revisions import (
    append_agent_revision,
    current_agent_revisions,
    get_agent_revision,
    list_agent_revisions,
)
from orchestrator.store.database import Database

pytestmark = pytest.mark.db


async def append(database: Database, agent: str, voice: str, expected: int | None = None) -> int:
    async with database.transaction() as connection:
        made = await append_agent_revision(
            connection, agent, {"voice": voice}, author="Ada", note="why", expected=expected
        )
    return made.revision


async def test_revisions_count_up_for_each_agent(database: Database) -> None:
    assert [await append(database, "triage", voice) for voice in ("marin", "cedar")] == [1, 2]
    assert await append(database, "human", "sage") == 1
    async with database.read() as connection:
        listed = await list_agent_revisions(connection, "triage")
        current = await current_agent_revisions(connection)
        assert await get_agent_revision(connection, "triage", 1) == listed[1]
        assert await list_agent_revisions(connection, "nobody") == []
    assert [(made.revision, made.overrides) for made in listed] == [
        (2, {"voice": "cedar"}),
        (1, {"voice": "marin"}),
    ]
    assert (listed[0].author, listed[0].note, listed[0].created_at > 0) == ("Ada", "why", True)
    assert {agent: made.revision for agent, made in current.items()} == {"triage": 2, "human": 1}


async def test_a_change_of_something_that_changed_meanwhile_is_refused(database: Database) -> None:
    assert await append(database, "triage", "marin", expected=0) == 1
    with pytest.raises(ConflictError, match="revision 1 now, not 0"):
        await append(database, "triage", "cedar", expected=0)


async def test_changes_at_the_same_time_get_numbers_of_their_own(database: Database) -> None:
    made = await asyncio.gather(*(append(database, "triage", str(number)) for number in range(8)))
    assert sorted(made) == list(range(1, 9))


async def test_a_revision_that_does_not_exist_is_said_not_to(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(NotFoundError):
            await get_agent_revision(connection, "triage", 1)
