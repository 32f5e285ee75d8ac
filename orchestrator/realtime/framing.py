"""A text message as one WebSocket frame (RFC 6455 section 5.2).

The library makes frames too, through seven calls each; caller audio is fifty of them a second and call.
"""

import os
import struct
from typing import Final

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # compiled where that is there

_FINAL_TEXT: Final = 0x81
_MASKED: Final = 0x80
_SHORT: Final = struct.Struct("!BB")
_MEDIUM: Final = struct.Struct("!BBH")
_LONG: Final = struct.Struct("!BBQ")
_LONGEST_SHORT: Final = 125
_LONGEST_MEDIUM: Final = 0xFFFF


def text_frame(text: str, *, masked: bool) -> bytes:
    """Return the frame of a message.

    Args:
        text: The message.
        masked: As a client must, and a server must not (section 5.3).
    """
    payload = text.encode()
    size, mask = len(payload), _MASKED if masked else 0
    if size <= _LONGEST_SHORT:
        header = _SHORT.pack(_FINAL_TEXT, mask | size)
    elif size <= _LONGEST_MEDIUM:
        header = _MEDIUM.pack(_FINAL_TEXT, mask | 126, size)
    else:
        header = _LONG.pack(_FINAL_TEXT, mask | 127, size)
    if not masked:
        return header + payload
    key = os.urandom(4)
    return b"".join((header, key, apply_mask(payload, key)))
