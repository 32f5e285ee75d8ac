"""`/conversations/{id}/recordings/{recording}`: the sound of a call, and its peaks for drawing.

Both are kept where the settings say, the peaks beside the sound: a list of values from 0 to 1 for each
channel, the caller's first, evenly spaced over the whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response, Stream

from orchestrator.api.services import Services
from orchestrator.call.recording import RecordingShelf
from orchestrator.core.errors import ForbiddenError, NotFoundError
from orchestrator.core.json_value import JsonValue
from orchestrator.store.details import ConversationDetails
from orchestrator.store.reading import RecordingRow
from orchestrator.store.recordings import get_recording, peaks_location
from orchestrator.web.rendering import NO_STORE, AnyRequest
from orchestrator.web.review.clock import Clock
from orchestrator.web.viewer import Viewer

RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
"""One range (RFC 9110, section 14.1.2); of several, or of others, the whole is sent, as the RFC allows."""

MOST_PEAKS: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecording:
    """A recording on the clock."""

    id: str
    begins_ms: int
    duration_ms: int


def shown_recordings(details: ConversationDetails, clock: Clock) -> tuple[ShownRecording, ...]:
    """The recordings of a conversation, in order of time."""
    return tuple(
        ShownRecording(
            id=row.id,
            begins_ms=clock.ms(row.started_at),
            duration_ms=row.duration_ms,
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
    row, shelf = await _found(services, viewer, conversation_id, recording_id)
    size = await shelf.storage.size(row.location)
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
        shelf.storage.read(row.location, first, last),
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
    row, shelf = await _found(services, viewer, conversation_id, recording_id)
    place = peaks_location(row.location)
    try:
        size = await shelf.storage.size(place)
        told = b"".join([piece async for piece in shelf.storage.read(place, 0, size - 1)]) if size else b""
        channels = peaks_of(msgspec.json.decode(told).get("channels"))
    except (NotFoundError, msgspec.DecodeError, AttributeError):
        channels = []
    return Response({"channels": channels}, headers=NO_STORE)


async def _found(
    services: Services, viewer: Viewer, conversation_id: str, recording_id: str
) -> tuple[RecordingRow, RecordingShelf]:
    if not may_hear(services, viewer):
        raise ForbiddenError("The sound of calls is not for reviewers here.")
    async with services.database.read() as connection:
        found = await get_recording(connection, conversation_id, recording_id)
    if services.switchboard.recordings is None:
        raise NotFoundError("This node keeps no recordings.", param="recording_id")
    return found, services.switchboard.recordings


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


HANDLERS: Final = (sound, peaks)
