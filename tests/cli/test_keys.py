"""`orchestrator keys` and `orchestrator database` on a real Postgres."""

import asyncio
import json
from pathlib import Path

import pytest

from orchestrator.api.admission import Admission
from orchestrator.store.audit import list_audit
from orchestrator.store.database import Database
from orchestrator.store.keys import find_key
from orchestrator.store.migrate import head
from orchestrator.store.page_sessions import redeem_ticket
from tests.cli.conftest import Run

pytestmark = pytest.mark.db

ADMIN_KEY = "ok_admin_of_this_test_alone"


@pytest.fixture
def stored(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return run


def opens(url: str, secret: str) -> bool:
    async def look() -> bool:
        database = Database(url)
        async with database.transaction() as connection:
            found = await find_key(connection, secret)
        await database.close()
        return found is not None

    return asyncio.run(look())


def test_a_key_is_printed_once_and_opens_until_it_is_revoked(stored: Run, database_url: str) -> None:
    made = json.loads(stored("keys", "create", "ada", "--role", "reviewer", "--json").stdout)
    assert opens(database_url, made["key"])
    listed = stored("keys", "list")
    assert made["key"] not in listed.output
    assert "in force" in listed.output
    assert stored("keys", "revoke", made["id"]).exit_code == 0
    assert not opens(database_url, made["key"])
    [row] = json.loads(stored("keys", "list", "--json").stdout)
    assert row["revoked_at"] is not None


def test_only_the_key_goes_to_the_output(stored: Run, database_url: str) -> None:
    made = stored("keys", "create", "script", "--days", "1")
    assert opens(database_url, made.stdout.strip())
    assert "It is not shown again" in made.stderr
    assert "until 20" in stored("keys", "list").output


def test_a_link_signs_an_administrator_in_once(
    stored: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_ADMIN_KEY", ADMIN_KEY)
    made = stored("keys", "sign-in-link", "--url", "https://calls.example.com")
    address, _, ticket = made.stdout.strip().partition("/sign-in?ticket=")
    assert address == "https://calls.example.com"

    async def redeem() -> list[bool]:
        database = Database(database_url)
        secret = Admission(database, admin_key=ADMIN_KEY, open_door=True).secret("page sessions")
        async with database.transaction() as connection:
            found = [await redeem_ticket(connection, secret, ticket) for _ in range(2)]
        await database.close()
        return found

    assert asyncio.run(redeem()) == [True, False]


def test_a_link_leads_to_where_the_settings_say(stored: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PORT", "8123")
    assert stored("keys", "sign-in-link").stdout.startswith("http://127.0.0.1:8123/sign-in?ticket=")
    monkeypatch.setenv("ORCHESTRATOR_PUBLIC_URL", "https://calls.example.com/")
    assert stored("keys", "sign-in-link").stdout.startswith("https://calls.example.com/sign-in?ticket=")


def test_an_expired_key_and_an_unknown_one_are_told(stored: Run) -> None:
    stored("keys", "create", "short", "--days", "0.00000001")
    assert "expired" in stored("keys", "list").output
    refused = stored("keys", "revoke", "key_none")
    assert refused.exit_code == 1
    assert "There is no key key_none" in refused.stderr


def test_no_keys_says_how_to_make_one(stored: Run) -> None:
    assert "`orchestrator keys create NAME` makes one" in stored("keys", "list").stderr


def test_what_is_done_is_in_the_audit(stored: Run, database_url: str) -> None:
    stored("keys", "create", "ada")

    async def look() -> list[tuple[str, str]]:
        database = Database(database_url)
        async with database.read() as connection:
            page = await list_audit(connection)
        await database.close()
        return [(entry.key_name, entry.action) for entry in page.rows]

    assert asyncio.run(look()) == [("command line", "key.create")]


def test_the_database_is_at_the_newest_migration_and_has_its_tables(stored: Run) -> None:
    current = stored("database", "current")
    assert (current.exit_code, current.stdout.strip()) == (0, head())
    assert stored("database", "check").exit_code == 0
    assert f"At {head()} already" in stored("database", "upgrade").stderr


def test_an_empty_database_is_told_and_brought_up_to_date(run: Run, home: Path) -> None:
    """On the embedded Postgres, which each command starts for as long as it runs."""
    empty = run("database", "current")
    assert (empty.exit_code, empty.stdout.strip()) == (1, "empty")
    assert run("database", "check").exit_code == 1
    assert f"From nothing to {head()}" in run("database", "upgrade").stderr
    assert run("database", "check").exit_code == 0
    address = run("database", "url")
    assert address.stdout.startswith("postgresql://orchestrator:")
    assert run("database", "url", "--driver").stdout.startswith("postgresql+asyncpg://")
    assert (home / "data" / "postgres").is_dir()
