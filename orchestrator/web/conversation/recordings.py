"""`/conversations/{id}/recordings/{recording}`: the sound of a call, and its peaks for drawing.

A recording's `location` is a path below the data folder; its `data` may hold `peaks`: a list of values from 0
to 1 for each channel, the caller's first, evenly spaced over the whole.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import anyio
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response, Stream

from orchestrator.api.services import Services
from orchestrator.core.errors import ForbiddenError, NotFoundError
from orchestrator.core.json_value import JsonValue
from orchestrator.store.details import ConversationDetails, load_records
from orchestrator.store.reading import RecordingRow
from orchestrator.web.rendering import NO_STORE, AnyRequest
from orchestrator.web.review.clock import Clock
from orchestrator.web.viewer import Viewer

CHUNK: Final = 64 * 1024
RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
"""One range (RFC 9110, section 14.1.2); of several, or of others, the whole is sent, as the RFC allows."""

MOST_PEAKS: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecording:
    """A recording on the clock."""

    id: str
    begins_ms: int
    duration_ms: int
    has_peaks: bool


def shown_recordings(details: ConversationDetails, clock: Clock) -> tuple[ShownRecording, ...]:
    """The recordings of a conversation, in order of time."""
    return tuple(
        ShownRecording(
            id=row.id,
            begins_ms=clock.ms(row.started_at),
            duration_ms=row.duration_ms,
            has_peaks=bool(peaks_of(row.data.get("peaks"))),
        )
        for row in details.recordings
    )


def may_hear(services: Services, viewer: Viewer) -> bool:
    """Whether somebody may hear callers: administrators, and reviewers unless the settings say otherwise."""
    return viewer.may_change or services.settings.reviewers_hear


@get("/conversations/{conversation_id:str}/recordings/{recording_id:str}", opt={"uncompressed": True})
async def sound(
    request: AnyRequest,
    conversation_id: FromPath[str],
    recording_id: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Stream | Response[None]:
    """Send the sound of a call, or the part of it that a player asks for."""
    row = await _found(services, viewer, conversation_id, recording_id)
    path = anyio.Path(located(services.settings.data_dir, row.location))
    if not await path.is_file():
        raise NotFoundError(f"The sound of {recording_id} is not there any more.", param="recording_id")
    size = (await path.stat()).st_size
    part = wanted(request.headers.get("range"), size)
    headers = {**NO_STORE, "accept-ranges": "bytes", "x-content-type-options": "nosniff"}
    if part is None:
        return Response(None, status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    first, last = part
    headers["content-length"] = str(last - first + 1)
    whole = (first, last) == (0, size - 1) and "range" not in request.headers
    if not whole:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    return Stream(
        _read(path, first, last),
        status_code=200 if whole else 206,
        media_type=row.media_type,
        headers=headers,
    )


@get("/conversations/{conversation_id:str}/recordings/{recording_id:str}/peaks")
async def peaks(
    conversation_id: FromPath[str],
    recording_id: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[dict[str, Any]]:
    """Tell how loud a recording is, for drawing it."""
    row = await _found(services, viewer, conversation_id, recording_id)
    return Response({"channels": peaks_of(row.data.get("peaks"))}, headers=NO_STORE)


async def _found(services: Services, viewer: Viewer, conversation_id: str, recording_id: str) -> RecordingRow:
    if not may_hear(services, viewer):
        raise ForbiddenError("The sound of calls is not for reviewers here.")
    async with services.database.read() as connection:
        rows = await load_records(connection, conversation_id, RecordingRow)
    found = next((row for row in rows if row.id == recording_id), None)
    if found is None:
        raise NotFoundError(f"There is no recording {recording_id}.", param="recording_id")
    return found


def located(folder: Path, location: str) -> Path:
    """The file of a recording.

    Args:
        folder: Of the node's data.
        location: Below it, or the address of a file in it.

    Raises:
        NotFoundError: It leads out of the folder.
    """
    root = folder.resolve()
    path = (root / location.removeprefix("file://")).resolve()
    if not path.is_relative_to(root):
        raise NotFoundError("This recording is kept elsewhere.", param="recording_id")
    return path


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """The first and the last byte that a `Range` header asks for; None where there are no such bytes."""
    asked = RANGE.fullmatch(header or "")
    if asked is None or asked.group(0) == "bytes=-":
        return (0, size - 1)
    begin, end = asked.groups()
    if not begin:
        length = min(int(end), size)
        return (size - length, size - 1) if length else None
    first, last = int(begin), min(int(end), size - 1) if end else size - 1
    return (first, last) if first <= last and first < size else None


def peaks_of(value: JsonValue) -> list[list[float]]:
    """Peaks as they may be drawn; nothing of what cannot be."""
    if not isinstance(value, list):
        return []
    channels = [channel for channel in value if isinstance(channel, list)]
    return [_drawable(channel) for channel in channels[:2]]


def _drawable(channel: Sequence[JsonValue]) -> list[float]:
    step = max(1, len(channel) // MOST_PEAKS)
    numbers = [float(each) if isinstance(each, int | float) else 0.0 for each in channel]
    return [min(max(*numbers[place : place + step], 0.0), 1.0) for place in range(0, len(numbers), step)]


async def _read(path: anyio.Path, first: int, last: int) -> AsyncIterator[bytes]:
    left = last - first + 1
    async with await path.open("rb") as file:
        await file.seek(first)
        while left > 0 and (chunk := await file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


HANDLERS: Final = (sound, peaks)
