import pytest

from orchestrator.store.database import Database
from orchestrator.store.keys import create_key, revoke_key
from orchestrator.store.page_sessions import (
    PageSession,
    close_page_session,
    find_page_session,
    make_ticket,
    open_page_session,
    redeem_ticket,
)
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db

SECRET = b"a secret of the service"
OPERATOR = PageSession(key_id=None, role="admin", name="operator")


async def test_a_session_is_found_by_its_word_which_is_not_stored(
    database: Database, rows_of: RowsOf
) -> None:
    async with database.transaction() as connection:
        word = await open_page_session(connection, SECRET, OPERATOR, 60)
        assert await find_page_session(connection, SECRET, word) == OPERATOR
        assert await find_page_session(connection, SECRET, f"{word}x") is None
        assert await find_page_session(connection, b"another secret", word) is None
    ((stored,),) = await rows_of("SELECT to_jsonb(s)::text FROM page_sessions AS s")
    assert word not in stored


async def test_a_session_ends_when_its_time_is_over_and_is_cleared_away(
    database: Database, rows_of: RowsOf
) -> None:
    async with database.transaction() as connection:
        over = await open_page_session(connection, SECRET, OPERATOR, -1)
        assert await find_page_session(connection, SECRET, over) is None
        await open_page_session(connection, SECRET, OPERATOR, 60)
    assert await rows_of("SELECT count(*) FROM page_sessions") == [(1,)]


async def test_a_session_ends_when_it_is_closed(database: Database) -> None:
    async with database.transaction() as connection:
        word = await open_page_session(connection, SECRET, OPERATOR, 60)
        other = await open_page_session(connection, SECRET, OPERATOR, 60)
        await close_page_session(connection, SECRET, word)
        await close_page_session(connection, SECRET, word)
        assert await find_page_session(connection, SECRET, word) is None
        assert await find_page_session(connection, SECRET, other) == OPERATOR


async def test_a_session_ends_with_its_key(database: Database) -> None:
    async with database.transaction() as connection:
        key, _ = await create_key(connection, "desk", "reviewer")
        session = PageSession(key_id=key.id, role="reviewer", name="desk")
        word = await open_page_session(connection, SECRET, session, 60)
        assert await find_page_session(connection, SECRET, word) == session
        await revoke_key(connection, key.id)
        assert await find_page_session(connection, SECRET, word) is None
        expired, _ = await create_key(connection, "till", "reviewer", expires_at=1)
        late = PageSession(key_id=expired.id, role="reviewer", name="till")
        word = await open_page_session(connection, SECRET, late, 60)
        assert await find_page_session(connection, SECRET, word) is None


async def test_a_ticket_is_good_once_and_in_its_time(database: Database, rows_of: RowsOf) -> None:
    async with database.transaction() as connection:
        ticket = await make_ticket(connection, SECRET, 60)
        assert not await redeem_ticket(connection, b"another secret", ticket)
        assert await redeem_ticket(connection, SECRET, ticket)
        assert not await redeem_ticket(connection, SECRET, ticket)
        over = await make_ticket(connection, SECRET, -1)
        assert not await redeem_ticket(connection, SECRET, over)
        assert not await redeem_ticket(connection, SECRET, "anything")
        await make_ticket(connection, SECRET, 60)
    assert await rows_of("SELECT count(*) FROM sign_in_tickets") == [(1,)]
