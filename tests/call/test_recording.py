"""Calls are recorded as they pass, and kept with their rows in a real Postgres."""

import asyncio
import binascii
import itertools
import json
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from orchestrator.call import recording as module
from orchestrator.call.recording import RecordingDesk, RecordingShelf
from orchestrator.core.errors import NotFoundError, StoreUnavailableError
from orchestrator.core.json_value import JsonObject
from orchestrator.media.recording.storage import FolderStorage
from orchestrator.store.conversations import erase_conversation
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.reading import RecordingRow
from orchestrator.store.recordings import get_recording, insert_recording, peaks_location
from tests.databases import patient_database
from tests.media.recording.decoding import decoded, loud, tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

PCM: JsonObject = {"type": "audio/pcm", "rate": 24000}


class Studio:
    """A conversation whose calls are recorded."""

    def __init__(self, shelf: RecordingShelf | None) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        names, moments = itertools.count(1), itertools.count(0, 0.5)
        # Every look at the clock is half a second later, so that recordings have a length at once.
        clock = moments.__next__
        self.desk = RecordingDesk("conv_1", shelf, self._start, lambda word: f"{word}_{next(names)}", clock)

    def _start(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        self._tasks.append(asyncio.get_running_loop().create_task(work))
        return self._tasks[-1]

    async def kept(self) -> None:
        """All recordings have come to their end."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._tasks)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = patient_database(database_url)
    async with opened.transaction() as connection:
        await create_conversation(connection, "conv_1", agent="desk", created_at=1.0)
    yield opened
    await opened.close()


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> RecordingShelf:
    return RecordingShelf(
        database=database, storage=FolderStorage(tmp_path / "kept"), spool=tmp_path / "spool", days=7
    )


def sound() -> bytes:
    return tone(1, 300).tobytes()


async def row_of(database: Database, recording_id: str = "rec_1") -> RecordingRow:
    async with database.read() as connection:
        return await get_recording(connection, "conv_1", recording_id)


async def test_what_both_sides_say_is_kept_with_a_row(
    database: Database, shelf: RecordingShelf, tmp_path: Path
) -> None:
    studio = Studio(shelf)
    studio.desk.begin("rtc_1")
    states = [studio.desk.on]
    studio.desk.heard(binascii.b2a_base64(sound()).decode(), PCM)
    studio.desk.spoken(sound, PCM)
    studio.desk.end()
    states.append(studio.desk.on)
    await studio.kept()
    assert states == [True, False]
    row = await row_of(database)
    assert (row.call_id, row.media_type, row.channels) == ("rtc_1", "audio/ogg", 2)
    assert row.expires_at is not None
    assert row.expires_at - row.started_at == pytest.approx(7 * 86_400)
    path = tmp_path / "kept" / row.location
    caller, agent = decoded(path)
    assert min(abs(caller).max(), abs(agent).max()) > 0.1
    assert path.stat().st_size == row.size
    peaks = json.loads((tmp_path / "kept" / peaks_location(row.location)).read_text())
    assert len(peaks["channels"][0]) == pytest.approx(row.duration_ms / 100, abs=1)
    assert not list((tmp_path / "spool").iterdir())


async def test_each_stretch_is_a_recording_of_its_own(database: Database, shelf: RecordingShelf) -> None:
    studio = Studio(shelf)
    for _ in range(2):
        studio.desk.begin("rtc_1")
        studio.desk.spoken(sound, PCM)
    studio.desk.end()
    await studio.kept()
    assert {(await row_of(database, name)).call_id for name in ("rec_1", "rec_2")} == {"rtc_1"}


async def test_nothing_is_taken_while_nothing_is_recorded(shelf: RecordingShelf) -> None:
    def never() -> bytes:
        raise AssertionError("nobody wants it")

    desk = Studio(shelf).desk
    desk.heard("", PCM)
    desk.spoken(never, PCM)
    desk.move("cut")
    desk.align(20, 20)
    desk.end()


async def test_what_leaves_late_is_recorded_where_it_is_heard(
    database: Database, shelf: RecordingShelf, tmp_path: Path
) -> None:
    studio = Studio(shelf)
    studio.desk.begin("rtc_1")
    studio.desk.spoken(sound, PCM)
    studio.desk.align(1000, 4000)
    for _ in range(8):
        studio.desk.align(0, 0)
    studio.desk.end()
    await studio.kept()
    _, agent = decoded(tmp_path / "kept" / (await row_of(database)).location)
    assert [began for began, _ in loud(agent)] == [4.0]


async def test_without_a_place_to_keep_them_nothing_is_recorded() -> None:
    desk = Studio(None).desk
    desk.begin("rtc_1")
    assert not desk.on


async def test_what_is_no_sound_is_left_to_the_engine_to_refuse(shelf: RecordingShelf) -> None:
    studio = Studio(shelf)
    studio.desk.begin("rtc_1")
    studio.desk.heard("a", PCM)
    studio.desk.heard("AAAA", {"type": "audio/opus"})
    studio.desk.end()
    await studio.kept()


async def test_a_conversation_that_was_erased_meanwhile_keeps_no_sound(
    database: Database, shelf: RecordingShelf, tmp_path: Path
) -> None:
    studio = Studio(shelf)
    studio.desk.begin("rtc_1")
    studio.desk.spoken(sound, PCM)
    async with database.transaction() as connection:
        await erase_conversation(connection, "conv_1")
    studio.desk.end()
    await studio.kept()
    assert not [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]


async def test_a_row_waits_for_postgres(
    database: Database, shelf: RecordingShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, failures = insert_recording, iter([True, True, False])

    async def away_at_first(*arguments: object) -> None:
        if next(failures):
            raise StoreUnavailableError("away")
        await insert(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(module, "insert_recording", away_at_first)
    studio = Studio(shelf)
    studio.desk.begin("rtc_1")
    studio.desk.spoken(sound, PCM)
    studio.desk.end()
    await studio.kept()
    assert (await row_of(database)).id == "rec_1"


async def test_a_recording_that_cannot_be_kept_is_told_and_harms_nothing_else(
    database: Database, shelf: RecordingShelf, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("in the way")
    studio = Studio(shelf)
    studio.desk.begin("rtc_1")
    studio.desk.spoken(sound, PCM)
    studio.desk.end()
    with capture_logs() as lines:
        await studio.kept()
    (line,) = [line for line in lines if line["log_level"] == "error"]
    assert (line["event"], line["recording"]) == ("recording not kept", "rec_1")
    assert line["spool"].endswith("rec_1.ogg")
    with pytest.raises(NotFoundError):
        await row_of(database)
