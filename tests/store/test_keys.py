import hashlib
import re
import time

import pytest

from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.store.database import Database
from orchestrator.store.keys import (
    create_client_secret,
    create_key,
    find_client_secret,
    find_key,
    get_key,
    list_keys,
    revoke_key,
)
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db


async def test_a_key_is_found_by_its_secret_and_stored_without_it(
    database: Database, rows_of: RowsOf
) -> None:
    async with database.transaction() as connection:
        key, secret = await create_key(connection, "desk", "reviewer")
        found = await find_key(connection, secret)
        assert found is not None
        assert (found.id, found.name, found.role, found.prefix) == (key.id, "desk", "reviewer", secret[:10])
        assert await find_key(connection, f"{secret}x") is None
        assert await find_key(connection, "") is None
        assert await find_key(connection, "\ud800") is None
    assert re.fullmatch(r"ok_[\w-]{43}", secret)
    assert re.fullmatch(r"key_[0-9a-f]{16}", key.id)
    ((stored,),) = await rows_of("SELECT to_jsonb(k) - 'hash' FROM api_keys AS k")
    assert secret not in str(stored)
    assert await rows_of("SELECT hash FROM api_keys") == [(hashlib.sha256(secret.encode()).digest(),)]


async def test_keys_differ(database: Database) -> None:
    async with database.transaction() as connection:
        made = [await create_key(connection, "same", "caller") for _ in range(20)]
    assert len({secret for _, secret in made}) == len({key.id for key, _ in made}) == 20


async def test_a_revoked_key_opens_nothing_and_stays_listed(database: Database) -> None:
    async with database.transaction() as connection:
        key, secret = await create_key(connection, "desk", "admin")
    async with database.transaction() as connection:
        revoked = await revoke_key(connection, key.id)
        assert await revoke_key(connection, key.id) == revoked
        assert await find_key(connection, secret) is None
        assert await list_keys(connection) == [revoked]
        assert await get_key(connection, key.id) == revoked
    assert revoked.revoked_at is not None


async def test_a_key_ends_when_its_time_is_over(database: Database) -> None:
    async with database.transaction() as connection:
        _, old = await create_key(connection, "old", "caller", expires_at=1.0)
        key, new = await create_key(connection, "new", "caller", expires_at=4_000_000_000.5)
        assert await find_key(connection, old) is None
        assert (await find_key(connection, new)) == key
    assert key.expires_at == 4_000_000_000.5


async def test_the_last_use_is_known_to_the_minute(database: Database, rows_of: RowsOf) -> None:
    async with database.transaction() as connection:
        key, secret = await create_key(connection, "desk", "caller")
        assert key.last_used_at is None
        await find_key(connection, secret)
        used = (await get_key(connection, key.id)).last_used_at
    assert used is not None
    assert abs(used - time.time()) < 60
    async with database.transaction() as connection:
        await find_key(connection, secret)
        assert (await get_key(connection, key.id)).last_used_at == used
    await rows_of("UPDATE api_keys SET last_used_at = now() - interval '61 seconds' RETURNING id")
    async with database.read() as connection:
        await find_key(connection, secret)
        again = (await get_key(connection, key.id)).last_used_at
    assert again is not None
    assert again >= used


async def test_an_unknown_key_is_said_to_be_unknown(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(NotFoundError):
            await revoke_key(connection, "key_none")


async def test_a_client_secret_stands_for_its_session_until_it_expires(
    database: Database, rows_of: RowsOf
) -> None:
    session: JsonObject = {"type": "realtime", "model": "triage"}
    async with database.transaction() as connection:
        secret, expires_at = await create_client_secret(connection, session, 600)
        found = await find_client_secret(connection, secret)
    assert re.fullmatch(r"ek_[\w-]{43}", secret)
    assert found is not None
    assert (found.session, found.key_id, found.expires_at) == (session, None, expires_at)
    assert 590 < expires_at - time.time() < 610
    await rows_of("UPDATE client_secrets SET expires_at = now() - interval '1 second' RETURNING hash")
    async with database.transaction() as connection:
        assert await find_client_secret(connection, secret) is None
        assert await find_client_secret(connection, "ek_none") is None
        await create_client_secret(connection, session, 600)
    assert await rows_of("SELECT count(*) FROM client_secrets") == [(1,)]


async def test_a_client_secret_ends_with_the_key_it_was_made_with(database: Database) -> None:
    async with database.transaction() as connection:
        key, _ = await create_key(connection, "desk", "caller")
        secret, _ = await create_client_secret(connection, {}, 600, key_id=key.id)
        found = await find_client_secret(connection, secret)
        assert found is not None
        assert found.key_id == key.id
        await revoke_key(connection, key.id)
        assert await find_client_secret(connection, secret) is None
