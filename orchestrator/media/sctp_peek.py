"""A look at an SCTP packet before aiortc reads it (RFC 9260 section 3.2.1).

aiortc steps from parameter to parameter by the length each one tells, and never ends at one that tells 0.
"""

from typing import Final

_COMMON_HEADER: Final = 12
_TLV_HEADER: Final = 4
_FIXED_PART: Final = {1: 16, 2: 16, 4: 0, 5: 0, 6: 0, 9: 0, 130: 0}
"""Bytes before the parameters, for the chunks that have some: INIT, INIT ACK, HEARTBEAT and its
acknowledgement, ABORT, ERROR, RE-CONFIG."""


def parameters_end(packet: bytes) -> bool:
    """Return whether every parameter of every chunk tells a length that leads on."""
    at = _COMMON_HEADER
    while at + _TLV_HEADER <= len(packet):
        length = int.from_bytes(packet[at + 2 : at + 4], "big")
        if length < _TLV_HEADER or at + length > len(packet):
            return True  # aiortc refuses the whole packet over this
        fixed = _FIXED_PART.get(packet[at])
        if fixed is not None and not _lead_on(packet[at + _TLV_HEADER + fixed : at + length]):
            return False
        at += length + -length % 4
    return True


def _lead_on(parameters: bytes) -> bool:
    at = 0
    while at + _TLV_HEADER <= len(parameters):
        length = int.from_bytes(parameters[at + 2 : at + 4], "big")
        if length < _TLV_HEADER:
            return False
        at += length + -length % 4
    return True
