"""`orchestrator jobs` on a real Postgres."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from orchestrator.store.database import Database
from tests.cli.conftest import Run
from tests.jobs.conftest import DAY, NOW, Shelf

pytestmark = pytest.mark.db


@pytest.fixture
def stored(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Two conversations, one of them forty days old, with a recording."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    kept = tmp_path / "data" / "recordings"
    kept.mkdir(parents=True)
    for name in ("rec_1.ogg", "rec_1.peaks.json"):
        (kept / name).write_bytes(b"sound")

    async def fill() -> None:
        database = Database(database_url)
        shelf, age = Shelf(database), (time.time() - NOW) / DAY
        await shelf.put("conv_old", 40 - age, label="forget")
        await shelf.put("conv_new", -age)
        await shelf.record("conv_old", "rec_1.ogg")
        await database.close()

    asyncio.run(fill())
    return run


def listed(run: Run) -> list[str]:
    page = json.loads(run("conversations", "list", "--json").stdout)
    return [conversation["id"] for conversation in page["conversations"]]


def recordings(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "data" / "recordings").iterdir())


def test_recordings_have_days_of_their_own(stored: Run, tmp_path: Path) -> None:
    done = stored("jobs", "retention", ORCHESTRATOR_RECORDING_DAYS="1")
    assert "0 conversations are erased, 0 recordings" in done.stderr  # it was made when all were kept
    assert recordings(tmp_path) == ["rec_1.ogg", "rec_1.peaks.json"]


def test_retention_erases_what_is_old_with_its_recordings(stored: Run, tmp_path: Path) -> None:
    done = stored("jobs", "retention", ORCHESTRATOR_RETENTION_DAYS="30")
    assert "1 conversations are erased, 1 recordings" in done.stderr
    assert listed(stored) == ["conv_new"]
    assert recordings(tmp_path) == []


def test_a_dry_run_tells_and_erases_nothing(stored: Run, tmp_path: Path) -> None:
    done = stored("jobs", "retention", "--dry-run", ORCHESTRATOR_RETENTION_DAYS="30")
    assert (done.stdout.strip(), listed(stored)) == ("conv_old", ["conv_new", "conv_old"])
    assert recordings(tmp_path) == ["rec_1.ogg", "rec_1.peaks.json"]


def test_without_a_time_to_keep_nothing_is_erased(stored: Run) -> None:
    refused = stored("jobs", "retention")
    assert refused.exit_code == 2
    assert "ORCHESTRATOR_RETENTION_DAYS is not set" in refused.stderr


def test_erasing_on_request_asks_first(stored: Run) -> None:
    declined = stored("jobs", "erase", "--label", "forget", typed="n\n")
    assert "Erase 1 conversations for good?" in declined.stderr
    assert len(listed(stored)) == 2
    done = json.loads(stored("jobs", "erase", "--label", "forget", "--yes", "--json").stdout)
    assert done["erased"]["conversations"] == ["conv_old"]
    assert listed(stored) == ["conv_new"]


def test_conversations_are_chosen_by_day(stored: Run) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 20 * DAY))
    found = stored("jobs", "erase", "--before", day, "--dry-run")
    assert found.stdout.strip() == "conv_old"


def test_nobody_erases_everything_by_mistake(stored: Run) -> None:
    refused = stored("jobs", "erase", "--yes")
    assert refused.exit_code == 2
    assert "Say which" in refused.stderr


def test_the_missing_extra_is_told_with_the_mend(stored: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orchestrator.jobs.worker", None)
    refused = stored("jobs", "run")
    assert refused.exit_code == 2
    assert "orchestrator[jobs]" in refused.stderr
