"""When datagrams came, as the kernel tells; when a load gets to read them says more of the load."""

import asyncio
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, Final, cast

STAMPED: Final = sys.platform == "linux"
"""Whether the kernel tells; elsewhere the time of reading has to do."""

_SO_TIMESTAMPNS: Final = 35
"""SO_TIMESTAMPNS_OLD of Linux, and the type of the message that carries the time; Python names neither."""

_TIMESPEC: Final = struct.Struct("@ll")
_DATAGRAM: Final = 2048
_EXTRA: Final = socket.CMSG_SPACE(_TIMESPEC.size) if STAMPED else 0
_BUFFER: Final = 1 << 20
"""Bytes that wait while the load is busy with something else."""

FIRST_MEDIA, LAST_MEDIA = 128, 191
"""What the first byte of RTP and RTCP is between (RFC 7983 section 7)."""


def monotonic_offset() -> float:
    """Seconds to add to the kernel's times for those of `time.monotonic`; setting the clock changes it."""
    before = time.monotonic()
    real = time.time()
    return (before + time.monotonic()) / 2 - real


class Arrivals:
    """The datagrams of a socket, read when they are asked for instead of by the event loop.

    Nothing wakes for a packet, so that one costs the load little. Only on asyncio's own loop.

    Args:
        protocol: Of the socket; gets what is no media.
        take: Called with media, its sender's address, and when it came, by the monotonic clock.

    Attributes:
        offset: Of that clock from the kernel's.
    """

    def __init__(self, protocol: Any, take: Callable[[bytes, Any, float], None]) -> None:
        self._protocol = protocol
        self._take = take
        self.offset = monotonic_offset()
        self._transport = protocol.transport
        self._socket: socket.socket = self._transport.get_extra_info("socket").dup()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        # There is no public way to have a datagram transport stop reading.
        self._loop = cast("Any", asyncio.get_running_loop())
        self._loop._remove_reader(self._transport._sock_fd)  # noqa: SLF001

    def read(self) -> None:
        """Hand over all that came since the last time."""
        receive, take, offset = self._socket.recvmsg, self._take, self.offset
        while True:
            try:
                data, extra, _, address = receive(_DATAGRAM, _EXTRA)
            except BlockingIOError:
                return
            if data and FIRST_MEDIA <= data[0] <= LAST_MEDIA:
                take(data, address, stamp(extra) + offset)
            else:
                self._protocol.datagram_received(data, address)

    def close(self) -> None:
        """Give the socket back to the event loop."""
        self._socket.close()
        if not self._transport.is_closing():
            self._loop._add_reader(self._transport._sock_fd, self._transport._read_ready)  # noqa: SLF001


def stamp(extra: list[tuple[int, int, bytes]]) -> float:
    """Return the kernel's time of a datagram, in seconds of the real-time clock; now, if it tells none."""
    for level, kind, value in extra:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            return float(seconds + nanoseconds / 1e9)
    return time.time()
