import asyncio
import socket

import pytest
from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.core.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    SettingsError,
    StoreUnavailableError,
)
from orchestrator.store.database import Database, driver_address
from orchestrator.store.history import create_conversation
from tests.store.gate import Gate
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgres://a:b@h:1/d", "postgresql://a:b@h:1/d"),
        ("postgresql+asyncpg://h/d?ssl=require", "postgresql://h/d?sslmode=require"),
        (
            "postgresql://h/d?sslmode=verify-full&channel_binding=require",
            "postgresql://h/d?sslmode=verify-full",
        ),
        ("postgresql://u@/d?host=/run/postgresql", "postgresql://u@/d?host=%2Frun%2Fpostgresql"),
    ],
)
def test_every_spelling_of_an_address_reaches_the_driver_as_it_reads_it(url: str, address: str) -> None:
    assert driver_address(url) == address


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite:///file", "h:5432/d", ""])
def test_the_address_of_something_else_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://") as raised:
        Database(url)
    assert raised.value.param == "DATABASE_URL"


async def test_a_ping_answers_when_postgres_does(database: Database) -> None:
    await database.ping()


async def test_a_transaction_commits_at_its_end_and_rolls_back_on_an_error(
    database: Database, rows_of: RowsOf
) -> None:
    async def make(conversation_id: str) -> None:
        async with database.transaction() as connection:
            await create_conversation(connection, conversation_id, agent="triage", created_at=1.0)
            if conversation_id == "conv_2":
                raise KeyError(conversation_id)

    await make("conv_1")
    with pytest.raises(KeyError):
        await make("conv_2")
    assert await rows_of("SELECT id FROM conversations") == [("conv_1",)]


async def test_a_snapshot_stays_as_it_was_when_it_began(database: Database) -> None:
    async with database.snapshot() as connection:
        count = text("SELECT count(*) FROM conversations")
        assert (await connection.execute(count)).scalar() == 0
        async with database.transaction() as other:
            await create_conversation(other, "conv_1", agent="triage", created_at=1.0)
        assert (await connection.execute(count)).scalar() == 0


async def test_statements_outside_of_a_transaction_stand_alone(database: Database) -> None:
    async with database.read() as connection:
        first = (await connection.execute(select(func.txid_current()))).scalar()
        assert (await connection.execute(select(func.txid_current()))).scalar() != first


async def test_json_comes_back_as_it_went_in(database: Database) -> None:
    value = {"a": [1, 2.5, None, True, "ü"], "b": {"c": 10**30}}
    async with database.read() as connection:
        assert (await connection.execute(select(literal(value, JSONB)))).scalar() == value


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO leases VALUES ('conv_none', 'n', 1, now())", NotFoundError),
        ("SELECT 'x'::integer", InvalidRequestError),
        (
            "INSERT INTO agent_revisions VALUES ('a', 1, '{}', 'x', ''), ('a', 1, '{}', 'x', '')",
            ConflictError,
        ),
    ],
)
async def test_errors_of_postgres_become_ours(
    database: Database, statement: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        await run(database, statement)


async def run(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(text(statement))


async def test_a_statement_that_takes_too_long_is_ended(database_url: str) -> None:
    hasty = Database(database_url, statement_timeout=3)
    with pytest.raises(StoreUnavailableError, match="57014"):
        await run(hasty, "SELECT pg_sleep(60)")
    await hasty.close()


async def test_nobody_there_is_said_in_words() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"postgresql://u:p@127.0.0.1:{unused.getsockname()[1]}/d"
        nowhere = Database(url)
        with pytest.raises(StoreUnavailableError, match="cannot be used now"):
            await nowhere.ping()
        await nowhere.close()


async def test_somebody_who_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/d?sslmode=disable"
        database = Database(url, connect_deadline=0.05)
        with pytest.raises(StoreUnavailableError):
            await database.ping()
        await database.close()


async def test_a_wrong_password_or_database_is_a_wrong_setting(database_url: str) -> None:
    for wrong in (
        database_url.replace(":", ":wrong", 2).replace("wrong//", "//"),
        f"{database_url}_none",
    ):
        closed = Database(wrong)
        with pytest.raises(SettingsError, match="refuses the connection"):
            await closed.ping()
        await closed.close()


async def test_the_pool_replaces_connections_that_an_outage_broke(gate: Gate) -> None:
    database = Database(gate.url)
    await database.ping()
    await gate.shut()
    with pytest.raises(StoreUnavailableError):
        await database.ping()
    await gate.open()
    await database.ping()
    await database.close()


async def test_a_full_pool_is_waited_for_no_longer_than_its_deadline(database_url: str) -> None:
    small = Database(database_url, pool_size=1, pool_deadline=0.02)
    async with small.read():
        with pytest.raises(StoreUnavailableError):
            await small.ping()
    await small.close()


async def test_the_drivers_connection_is_not_used_again_after_a_failure(database: Database) -> None:
    async def process() -> int:
        async with database.driver() as driver:
            number: int = await driver.fetchval("SELECT pg_backend_pid()")
            return number

    async def fail(error: BaseException) -> None:
        async with database.driver():
            raise error

    first = await process()
    with pytest.raises(KeyError):
        await fail(KeyError())
    assert await process() == first
    with pytest.raises(TimeoutError):
        await fail(TimeoutError())
    second = await process()
    assert second != first
    with pytest.raises(asyncio.CancelledError):
        await fail(asyncio.CancelledError())
    assert await process() != second
