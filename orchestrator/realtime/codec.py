"""Frames to events and back; decodes no more than it must.

One JSON object per text frame, both directions (Realtime protocol, section 2.1). Audio deltas are the
bulk of all traffic: `event_type` reads what routing needs from the raw text, and `audio_piece` the little
that is wanted of a delta, so that it never passes through a full decode.
"""

from typing import Final

import msgspec

from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject, JsonValue

_TYPE_KEY: Final = '"type":'


class AudioPiece(msgspec.Struct):
    """Which item a piece of audio belongs to (section 7, `C`), and its base64."""

    item_id: str = ""
    response_id: str = ""
    content_index: int = 0
    delta: str = ""


_decoder: Final = msgspec.json.Decoder(type=dict[str, object])
_piece_decoder: Final = msgspec.json.Decoder(type=AudioPiece)
_encoder: Final = msgspec.json.Encoder()


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
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidFrameError(
            f"The frame is not one JSON object: {error}. Send one object per text frame."
        ) from error


def encode(event: JsonObject | dict[str, JsonValue]) -> str:
    """Encode one event as a text frame.

    Half of a surrogate pair, which no frame can carry, becomes the replacement character.
    """
    try:
        return _encoder.encode(event).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_well_formed(event)).decode()


def _well_formed(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_well_formed(entry) for entry in value]
    if isinstance(value, dict):
        return {str(_well_formed(key)): _well_formed(entry) for key, entry in value.items()}
    return value


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
    after = start + len(_TYPE_KEY)
    opening = frame.find('"', after, after + 4)
    if opening < 0 or frame[after:opening].strip():
        return None
    closing = frame.find('"', opening + 1, opening + 80)
    name = frame[opening + 1 : closing]
    return name if closing > 0 and "\\" not in name else None


def audio_piece(frame: str) -> AudioPiece:
    """Read what is wanted of an audio delta.

    Raises:
        InvalidFrameError: The frame is not a JSON object with fields of the right types.
    """
    try:
        return _piece_decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidFrameError(f"The frame is not an audio delta: {error}.") from error
