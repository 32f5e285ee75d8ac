"""Frames to events and back; decodes no more than it must.

One JSON object per text frame, both directions (Realtime protocol, section 2.1). Audio deltas are the
bulk of all traffic: `event_type` reads what routing needs from the raw text, so that
their base64 is never copied through a full decode.
"""

from typing import Final

import msgspec

from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject, JsonValue

_decoder: Final = msgspec.json.Decoder(type=dict[str, object])
_encoder: Final = msgspec.json.Encoder()
_TYPE_KEY: Final = '"type":'


class InvalidFrameError(InvalidRequestError):
    """The frame is not one JSON object (section 10: `invalid_json`)."""

    code = "invalid_json"


def decode(frame: str | bytes) -> JsonObject:
    """Decode one frame to an event.

    Raises:
        InvalidFrameError: The frame is not JSON, or not an object.
    """
    try:
        return _decoder.decode(frame)  # type: ignore[return-value]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidFrameError(
            f"The frame is not one JSON object: {error}. Send one object per text frame."
        ) from error


def encode(event: JsonObject | dict[str, JsonValue]) -> str:
    """Encode one event as a text frame."""
    return _encoder.encode(event).decode()


def event_type(frame: str) -> str | None:
    """Read the `type` of an event without decoding it.

    Only the fast path: a frame that does not begin with its `type` as the first or second key answers None,
    and the caller decodes it in full.

    Args:
        frame: The raw text frame.
    """
    start = frame.find(_TYPE_KEY, 0, 96)
    if start < 0 or frame.count("{", 0, start) != 1:
        return None
    opening = frame.find('"', start + len(_TYPE_KEY), start + len(_TYPE_KEY) + 4)
    if opening < 0:
        return None
    closing = frame.find('"', opening + 1, opening + 80)
    return frame[opening + 1 : closing] if closing > 0 else None
