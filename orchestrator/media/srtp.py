"""Protecting and opening packets with the keys of a call (RFC 3711), by libsrtp.

pylibsrtp makes the sessions. Its methods allocate, check and raise more than they encrypt, at a hundred
packets a second and call; here its library is called with what the session has allocated already.
"""

from typing import Any, Final

import pylibsrtp
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]  # a compiled module

_OK: Final = 0
_LARGEST_PACKET: Final = 1300
"""Bytes; what protection adds must find room behind it in the session's 1500."""


class ProtectedStream:
    """One direction of a call. Used by one thread.

    Args:
        session: With the keys of that direction.
    """

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._session = session
        self._room: Any = session._cdata  # noqa: SLF001
        self._view: Any = session._buffer  # noqa: SLF001
        self._context: Any = session._srtp[0]  # noqa: SLF001
        self._size: Any = ffi.new("int *")

    def protect(self, packet: bytes) -> bytes | None:
        """Return an RTP packet made ready to be sent; None if libsrtp refuses it.

        Raises:
            ValueError: It is longer than 1300 bytes.
        """
        return self._processed(lib.srtp_protect, _checked(packet))

    def unprotect(self, data: bytes) -> bytes | None:
        """Return the RTP packet in a datagram; None if it is not authentic, or repeated.

        Raises:
            ValueError: It is longer than 1500 bytes.
        """
        return self._processed(lib.srtp_unprotect, data)

    def protect_report(self, packet: bytes) -> bytes | None:
        """Return an RTCP packet made ready to be sent; as `protect` does."""
        return self._processed(lib.srtp_protect_rtcp, _checked(packet))

    def unprotect_report(self, data: bytes) -> bytes | None:
        """Return the RTCP packet in a datagram; as `unprotect` does."""
        return self._processed(lib.srtp_unprotect_rtcp, data)

    def _processed(self, process: Any, data: bytes) -> bytes | None:
        size, length = self._size, len(data)
        size[0] = length
        self._view[0:length] = data
        if process(self._context, self._room, size) != _OK:
            return None
        result: bytes = self._view[0 : size[0]]
        return result


def _checked(packet: bytes) -> bytes:
    if len(packet) > _LARGEST_PACKET:
        raise ValueError(f"A packet of {len(packet)} bytes is too long to be protected.")
    return packet
