"""Rows of recordings: kept, found, expired, removed."""

from dataclasses import replace

import pytest

from orchestrator.core.errors import NotFoundError
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.reading import RecordingRow
from orchestrator.store.recordings import (
    delete_recording,
    expired_recordings,
    get_recording,
    insert_recording,
    peaks_location,
    places,
)

pytestmark = pytest.mark.db

ROW = RecordingRow(
    id="rec_1",
    call_id="rtc_1",
    location="2026/11/27/rec_1.ogg",
    media_type="audio/ogg",
    channels=2,
    size=1000,
    started_at=100.5,
    duration_ms=4000,
    expires_at=200.0,
    data={"dropped_ms": 20},
)


@pytest.fixture
async def conversation(database: Database) -> str:
    async with database.transaction() as connection:
        await create_conversation(connection, "conv_1", agent="desk", created_at=1.0)
        await insert_recording(connection, "conv_1", ROW)
    return "conv_1"


async def test_a_recording_is_found_as_it_was_kept(database: Database, conversation: str) -> None:
    async with database.read() as connection:
        assert await get_recording(connection, conversation, "rec_1") == ROW
        with pytest.raises(NotFoundError):
            await get_recording(connection, conversation, "rec_2")


async def test_nothing_is_kept_of_a_conversation_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFoundError):
        async with database.transaction() as connection:
            await insert_recording(connection, "conv_none", ROW)


async def test_what_is_over_is_told_and_removed(database: Database, conversation: str) -> None:
    async with database.transaction() as connection:
        await insert_recording(connection, conversation, replace(ROW, id="rec_2", expires_at=None))
        assert await expired_recordings(connection, 199.0) == []
        assert await expired_recordings(connection, 201.0) == [(conversation, "rec_1", ROW.location)]
        assert await delete_recording(connection, conversation, "rec_1")
        assert not await delete_recording(connection, conversation, "rec_1")


def test_the_peaks_are_beside_the_sound() -> None:
    assert peaks_location("2026/rec_1.ogg") == "2026/rec_1.peaks.json"
    assert places(["a.ogg", "b.ogg"]) == ["a.ogg", "a.peaks.json", "b.ogg", "b.peaks.json"]
