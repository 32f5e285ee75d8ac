"""RTP headers, read and written with one `struct` call each (RFC 3550 section 5.1).

aiortc's packet class costs several times as much for fields that nobody reads here; header extensions are
never negotiated, and are skipped when they come all the same.
"""

import struct
from typing import Final, NamedTuple

HEADER: Final = struct.Struct("!BBHII")

VERSION: Final = 0x80
"""First byte of a header without sources, extension and padding."""

FIRST_RTCP: Final = 192
LAST_RTCP: Final = 223
"""What the second byte is between in RTCP, on one port with RTP (RFC 5761 section 4)."""

_EXTENSION: Final = struct.Struct("!HH")
_SEQUENCES: Final = 1 << 16
_HALF_SEQUENCES: Final = 1 << 15
_TIMESTAMPS: Final = 1 << 32
_HALF_TIMESTAMPS: Final = 1 << 31


class RtpPacket(NamedTuple):
    """One received packet."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def is_rtcp(datagram: bytes) -> bool:
    """Tell RTCP from RTP on one port (RFC 5761 section 4)."""
    return FIRST_RTCP <= datagram[1] <= LAST_RTCP


def parse(data: bytes) -> RtpPacket | None:
    """Read one packet; None if it is malformed."""
    if len(data) < HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first & 0xC0 != VERSION:
        return None
    start, end = HEADER.size, len(data)
    if first != VERSION:
        bounds = _payload_bounds(first, data)
        if bounds is None:
            return None
        start, end = bounds
    return RtpPacket(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, data[start:end])


def _payload_bounds(first: int, data: bytes) -> tuple[int, int] | None:
    """Return where the payload starts and ends behind sources, extension and padding."""
    start, end = HEADER.size + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + _EXTENSION.size:
            return None
        _, words = _EXTENSION.unpack_from(data, start)
        start += _EXTENSION.size + 4 * words
    if first & 0x20:
        if not data[-1]:
            return None
        end -= data[-1]
    return (start, end) if start <= end else None


def build(packet: RtpPacket) -> bytes:
    """Write one packet."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    return HEADER.pack(VERSION, second, packet.sequence, packet.timestamp, packet.ssrc) + packet.payload


def sequence_difference(new: int, old: int) -> int:
    """Return how far `new` lies ahead of `old` on the 16-bit circle; negative if behind."""
    return (new - old + _HALF_SEQUENCES) % _SEQUENCES - _HALF_SEQUENCES


def timestamp_difference(new: int, old: int) -> int:
    """Return how far `new` lies ahead of `old` on the 32-bit circle; negative if behind."""
    return (new - old + _HALF_TIMESTAMPS) % _TIMESTAMPS - _HALF_TIMESTAMPS
