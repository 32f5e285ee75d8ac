"""Protecting and opening packets with the keys of a call (RFC 3711), by libsrtp.

pylibsrtp makes the sessions. Its methods allocate, check and raise more than they encrypt, at a hundred
packets a second and call; here its library is called with what the session has allocated already.
"""

from typing import Any, Final

import pylibsrtp
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]  # a compiled module

_OK: Final = 0
_LARGEST_DATAGRAM: Final = 1500
"""Bytes; the room that a session has."""

_LARGEST_PACKET: Final = 1300
"""Bytes; what protection adds must find room behind it."""


def functions() -> tuple[int, int]:
    """Return where libsrtp's functions are that open a packet and protect one, for `fast_path.c`."""
    return (
        int(ffi.cast("intptr_t", ffi.addressof(lib, "srtp_unprotect"))),
        int(ffi.cast("intptr_t", ffi.addressof(lib, "srtp_protect"))),
    )


class ProtectedStream:
    """One direction of a call. Used by one thread.

    Args:
        session: With the keys of that direction.

    Attributes:
        address: Where libsrtp keeps them, as long as this lives.
    """

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._session = session
        self._room: Any = session._cdata  # noqa: SLF001
        self._view: Any = session._buffer  # noqa: SLF001
        self._context: Any = session._srtp[0]  # noqa: SLF001
        self._size: Any = ffi.new("int *")
        self.address = int(ffi.cast("intptr_t", self._context))

    def protect(self, packet: bytes) -> bytes | None:
        """Return an RTP packet made ready to be sent; None if libsrtp refuses it.

        Raises:
            ValueError: It is longer than 1300 bytes.
        """
        return self._processed(lib.srtp_protect, packet, _LARGEST_PACKET)

    def unprotect(self, data: bytes) -> bytes | None:
        """Return the RTP packet in a datagram; None if it is not authentic, or repeated.

        Raises:
            ValueError: It is longer than 1500 bytes.
        """
        return self._processed(lib.srtp_unprotect, data, _LARGEST_DATAGRAM)

    def protect_report(self, packet: bytes) -> bytes | None:
        """Return an RTCP packet made ready to be sent; as `protect` does."""
        return self._processed(lib.srtp_protect_rtcp, packet, _LARGEST_PACKET)

    def unprotect_report(self, data: bytes) -> bytes | None:
        """Return the RTCP packet in a datagram; as `unprotect` does."""
        return self._processed(lib.srtp_unprotect_rtcp, data, _LARGEST_DATAGRAM)

    def _processed(self, process: Any, data: bytes, longest: int) -> bytes | None:
        size, length = self._size, len(data)
        if length > longest:
            raise ValueError(f"{length} bytes are too long to be protected or opened.")
        size[0] = length
        self._view[0:length] = data
        if process(self._context, self._room, size) != _OK:
            return None
        result: bytes = self._view[0 : size[0]]
        return result
