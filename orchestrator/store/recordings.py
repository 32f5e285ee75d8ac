"""The rows of recordings; the sound itself is kept elsewhere, under the row's `location`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import NotFoundError
from orchestrator.store import tables
from orchestrator.store.gathering import load_rows
from orchestrator.store.reading import RecordingRow

PEAKS: Final = ".peaks.json"
"""Ending of the file with a recording's peaks, in place of its own."""


async def insert_recording(connection: AsyncConnection, conversation_id: str, row: RecordingRow) -> None:
    """Keep the row of a recording whose sound is stored.

    Raises:
        NotFoundError: The conversation was erased meanwhile: erase the sound too.
    """
    values: dict[str, object] = {
        "conversation_id": conversation_id,
        "id": row.id,
        "call_id": row.call_id,
        "location": row.location,
        "media_type": row.media_type,
        "channels": row.channels,
        "size": row.size,
        "started_at": _moment(row.started_at),
        "duration_ms": row.duration_ms,
        "expires_at": None if row.expires_at is None else _moment(row.expires_at),
        "data": row.data,
    }
    await connection.execute(insert(tables.Recording).values(**values))


async def get_recording(connection: AsyncConnection, conversation_id: str, recording_id: str) -> RecordingRow:
    """One recording of a conversation.

    Raises:
        NotFoundError: There is none of this id.
    """
    rows = await load_rows(connection, conversation_id, RecordingRow)
    found = next((row for row in rows if row.id == recording_id), None)
    if found is None:
        raise NotFoundError(f"There is no recording {recording_id}.", param="recording_id")
    return found


async def expired_recordings(
    connection: AsyncConnection, now: float, limit: int = 100
) -> list[tuple[str, str, str]]:
    """Recordings whose time is over: conversation, recording, location."""
    row = tables.Recording
    query = select(row.conversation_id, row.id, row.location).where(row.expires_at < _moment(now))
    found = await connection.execute(query.order_by(row.expires_at).limit(limit))
    return [(entry[0], entry[1], entry[2]) for entry in found]


async def delete_recording(connection: AsyncConnection, conversation_id: str, recording_id: str) -> bool:
    """Remove a row; whether it was there."""
    row = tables.Recording
    gone = delete(row).where(row.conversation_id == conversation_id, row.id == recording_id)
    return (await connection.execute(gone)).rowcount > 0


def peaks_location(location: str) -> str:
    """Where the peaks of a recording are."""
    return str(PurePosixPath(location).with_suffix(PEAKS))


def places(locations: Iterable[str]) -> list[str]:
    """Everything that is stored of recordings: the sound, and the peaks."""
    return [place for location in locations for place in (location, peaks_location(location))]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
