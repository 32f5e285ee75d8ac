import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from orchestrator.core.errors import OrchestratorError, SettingsError, StoreUnavailableError
from orchestrator.store import migrate
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


def run_sql(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=PATIENCE)
        try:
            for statement in statements:
                await connection.execute(statement, timeout=PATIENCE)
        finally:
            await connection.close(timeout=PATIENCE)

    asyncio.run(run())


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    run_sql(postgres_url, "CREATE DATABASE unmigrated")
    yield f"{postgres_url.rpartition('/')[0]}/unmigrated"
    run_sql(postgres_url, "DROP DATABASE unmigrated WITH (FORCE)")


def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    assert migrate.check(empty_url)[0] == f"the database is at None, the newest migration is {migrate.head()}"
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == migrate.head()
    assert migrate.check(empty_url, alone=True) == []


def test_an_upgrade_may_be_repeated(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert migrate.check(database_url, alone=True) == []


def test_nodes_that_start_together_take_turns(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [empty_url] * 4))
    assert migrate.check(empty_url, alone=True) == []


def test_a_difference_is_told(database_url: str) -> None:
    run_sql(
        database_url,
        "ALTER TABLE items ADD COLUMN extra text",
        "ALTER TABLE items ALTER COLUMN heard SET NOT NULL",
        "DROP INDEX ix_items_search",
    )
    told = "\n".join(migrate.check(database_url))
    assert "remove_column items" in told
    assert "modify_nullable items heard" in told
    assert "add_index" in told
    assert "ix_items_search" in told


def test_tables_of_the_application_are_none_of_our_business(database_url: str) -> None:
    run_sql(database_url, "CREATE TABLE bookings (name text)")
    assert migrate.check(database_url) == []
    assert [line.split()[0] for line in migrate.check(database_url, alone=True)] == ["remove_table"]


def test_every_migration_can_be_taken_back(database_url: str) -> None:
    from alembic import command  # noqa: PLC0415 - the command line of Alembic, needed here alone

    migrate._on(
        database_url, lambda connection: command.downgrade(migrate._configuration(connection), "base")
    )
    assert migrate.current(database_url) is None
    migrate.upgrade(database_url)
    assert migrate.check(database_url, alone=True) == []


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations to add some to."""
    copy = tmp_path / "migrations"
    for source in migrate.folder().rglob("*"):
        if source.is_file() and "__pycache__" not in source.parts:
            target = copy / source.relative_to(migrate.folder())
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    monkeypatch.setattr(migrate, "folder", lambda: copy)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return copy


def test_a_failed_migration_leaves_nothing_of_itself_and_all_before_it(
    empty_url: str, own_folder: Path
) -> None:
    before = migrate.head()
    (own_folder / "versions" / "9998_half.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '9998', {before!r}\n"
        "def upgrade() -> None:\n"
        "    op.execute('CREATE TABLE half (x int)')\n"
        "    op.execute('SELECT 1/0')\n"
    )
    with pytest.raises(OrchestratorError, match="22012"):
        migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == before
    (own_folder / "versions" / "9998_half.py").unlink()
    assert migrate.check(empty_url, alone=True) == []


def test_a_mistake_in_a_migration_is_told_as_it_is(empty_url: str, own_folder: Path) -> None:
    (own_folder / "versions" / "9998_wrong.py").write_text(
        f"revision, down_revision = '9998', {migrate.head()!r}\ndef upgrade() -> None:\n    {{}}['ours']\n"
    )
    with pytest.raises(KeyError, match="ours"):
        migrate.upgrade(empty_url)


def test_a_new_migration_is_written_from_the_difference(database_url: str, own_folder: Path) -> None:
    run_sql(database_url, "ALTER TABLE notes DROP COLUMN author")
    path = migrate.revise(database_url, "give notes an author")
    assert path == own_folder / "versions" / f"{int(migrate.head()):04d}_give_notes_an_author.py"
    written = path.read_text()
    assert 'op.add_column("notes"' in written or "op.add_column('notes'" in written
    compile(written, path, "exec")


def test_a_package_without_migrations_says_so(own_folder: Path) -> None:
    for path in (own_folder / "versions").iterdir():
        path.unlink()
    with pytest.raises(OrchestratorError, match="no migration"):
        migrate.head()


def test_migrations_are_found_in_a_wheel_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "PACKAGE", tmp_path / "site-packages" / "orchestrator")
    assert migrate.folder() == tmp_path / "site-packages" / "migrations"
    shipped = tmp_path / "site-packages" / "orchestrator" / "migrations"
    shipped.mkdir(parents=True)
    assert migrate.folder() == shipped


def test_a_database_that_cannot_be_reached_is_said_in_words() -> None:
    with pytest.raises(StoreUnavailableError):
        migrate.upgrade("postgresql://u:p@127.0.0.1:1/d")
    with pytest.raises(SettingsError):
        migrate.check("mysql://u:p@127.0.0.1/d")


async def test_an_upgrade_may_be_called_where_a_loop_runs(database_url: str) -> None:
    migrate.upgrade(database_url)
