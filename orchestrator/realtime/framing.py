"""A text message as one WebSocket frame (RFC 6455 section 5.2).

The library makes frames too, through seven calls each; caller audio is fifty of them a second and call.
"""

import os
import struct
from collections.abc import Iterator
from typing import Final

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # compiled where that is there

_FINAL_TEXT: Final = 0x81
_MASKED: Final = 0x80
_SHORT: Final = struct.Struct("!BB")
_MEDIUM: Final = struct.Struct("!BBH")
_LONG: Final = struct.Struct("!BBQ")
_LONGEST_SHORT: Final = 125
_LONGEST_MEDIUM: Final = 0xFFFF
_MEDIUM_FOLLOWS: Final = 126
_LONG_FOLLOWS: Final = 127
_SHORTEST: Final = 2
_KEY_BYTES: Final = 4
_KEY_BLOCK: Final = 1024


def _mask_keys() -> Iterator[bytes]:
    """Yield keys that nobody can foresee (section 5.3), many for each question to the system."""
    while True:
        block = os.urandom(_KEY_BLOCK)
        for at in range(0, _KEY_BLOCK, _KEY_BYTES):
            yield block[at : at + _KEY_BYTES]


_keys: Final = _mask_keys()


def text_frame(text: str | bytes, *, masked: bool) -> bytes:
    """Return the frame of a message.

    Args:
        text: The message, or its UTF-8.
        masked: As a client must, and a server must not (section 5.3).
    """
    payload = text.encode() if isinstance(text, str) else text
    size, mask = len(payload), _MASKED if masked else 0
    if size <= _LONGEST_SHORT:
        header = _SHORT.pack(_FINAL_TEXT, mask | size)
    elif size <= _LONGEST_MEDIUM:
        header = _MEDIUM.pack(_FINAL_TEXT, mask | _MEDIUM_FOLLOWS, size)
    else:
        header = _LONG.pack(_FINAL_TEXT, mask | _LONG_FOLLOWS, size)
    if not masked:
        return header + payload
    key = next(_keys)
    return b"".join((header, key, apply_mask(payload, key)))


def leading_text(data: bytes, begin: int, *, masked: bool) -> tuple[str, int] | None:
    """Return the message of the whole frame at a place, and where that ends; None for anything else.

    Args:
        data: What was read.
        begin: Where a frame begins.
        masked: As a client must, and a server must not.
    """
    have = len(data) - begin
    if have < _SHORTEST or data[begin] != _FINAL_TEXT:
        return None
    size, at = data[begin + 1] ^ (_MASKED if masked else 0), begin + 2
    if size == _MEDIUM_FOLLOWS:
        size, at = int.from_bytes(data[at : at + 2]), at + 2
    elif size > _LONGEST_SHORT:
        return None
    if masked:
        at += _KEY_BYTES
    end = at + size
    if end > len(data):
        return None
    payload = apply_mask(data[at:end], data[at - _KEY_BYTES : at]) if masked else data[at:end]
    try:
        return payload.decode(), end
    except UnicodeDecodeError:
        return None
