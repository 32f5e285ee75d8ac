"""One UDP socket for all calls.

A datagram's first byte tells its protocol (RFC 7983 section 7). STUN requests are told apart by the username
fragment, and STUN responses by their transaction; a source address belongs to a call only once a request from
it has proved that it knows the call's password. Everything else goes by that address. What cannot be placed
is counted and dropped, as cheaply as possible and without an answer, so that forged sources gain nothing.

A datagram is read as it comes. While one follows the other within milliseconds, they are read on the beat of
the ticker instead, some at a time, 5 ms later on average where calls are few, less where they are many:
waking the process for each costs several times what the datagram itself does.
"""

import asyncio
import dataclasses
import socket
import struct
from typing import Final, Protocol

from aioice import stun

from orchestrator.media.errors import MediaError
from orchestrator.media.fast_path import FastPort
from orchestrator.media.stun_peek import BINDING_REQUEST, BINDING_RESPONSES, username_fragment
from orchestrator.media.ticker import Ticker

Address = tuple[str, int]

LARGEST_DATAGRAM: Final = 1500
"""Bytes; longer ones are none of ours, and libsrtp's buffer holds no more."""

_BURST: Final = 64
"""Datagrams that are read before other work gets its turn."""

_BUSY_SECONDS: Final = 0.005
_BUSY_WAKES: Final = 16
"""A port is busy once so many more wakes came that soon after another than later; a handshake has fewer."""

_CALM_SECONDS: Final = 0.02
"""A port is busy no more when nothing has come for so long."""

_MOST_ADDRESSES: Final = 16
"""Source addresses of one call; a network has few, and each costs memory."""

_BUFFER_BYTES: Final = 4 * 1024 * 1024
_ROUTINE_ERRORS: Final = (ValueError, KeyError, struct.error)
"""What aioice raises over malformed STUN."""


class Endpoint(Protocol):
    """One call, as the port sees it."""

    username_fragment: str
    password: bytes

    def stun_request(self, message: stun.Message, address: Address) -> None:
        """Take a request that proved to know the password."""
        ...

    def dtls_datagram(self, data: bytes) -> None:
        """Take a DTLS datagram; whether it is authentic is not known."""
        ...

    def media_datagram(self, data: bytes, address: Address, now: float) -> bool:
        """Take an RTP or RTCP datagram that came from there at loop time `now`; whether it was authentic."""
        ...


@dataclasses.dataclass(slots=True)
class PortCounts:
    """Datagrams of one port since it was opened.

    Attributes:
        received: All.
        sent: All.
        unsent: Refused by the system: the send buffer was full, or there was no route.
        junk: Of no known protocol, too short, or too long.
        malformed_stun: Not readable.
        unknown_user: STUN requests for no present call.
        forged_stun: STUN with a wrong password or an unknown transaction.
        unknown_address: DTLS or media from an address that proved nothing.
        refused_media: Media that failed authentication, or were repeated.
    """

    received: int = 0
    sent: int = 0
    unsent: int = 0
    junk: int = 0
    malformed_stun: int = 0
    unknown_user: int = 0
    forged_stun: int = 0
    unknown_address: int = 0
    refused_media: int = 0


class UdpPort:
    """The socket, and which call each datagram is for. Make it with `open_port`.

    Args:
        loop: Reads the socket.
        udp_socket: Bound and not blocking; owned from here on.
        ticker: On whose beat it is read while it is busy; None to read as datagrams come in any case.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, udp_socket: socket.socket, ticker: Ticker | None = None
    ) -> None:
        self.counts = PortCounts()
        self.address: Address = udp_socket.getsockname()[:2]
        self.transactions: dict[bytes, stun.Transaction] = {}
        self._loop = loop
        self.fast = FastPort.of(udp_socket)
        self._socket = udp_socket
        self._ticker = ticker
        self._woken = loop.time()
        self._hurried = 0
        self._closed = False
        self._by_user: dict[str, Endpoint] = {}
        self._by_address: dict[Address, list[Endpoint]] = {}
        self._addresses: dict[str, list[Address]] = {}
        loop.add_reader(udp_socket, self._wake)

    def register(self, endpoint: Endpoint) -> None:
        """Let a call receive; its username fragment must be its own."""
        if endpoint.username_fragment in self._by_user:
            raise MediaError(f"The username fragment {endpoint.username_fragment} is in use already.")
        self._by_user[endpoint.username_fragment] = endpoint
        self._addresses[endpoint.username_fragment] = []

    def unregister(self, endpoint: Endpoint) -> None:
        """Let a call receive no more; nothing happens if it is not registered."""
        if self._by_user.get(endpoint.username_fragment) is not endpoint:
            return
        del self._by_user[endpoint.username_fragment]
        for address in self._addresses.pop(endpoint.username_fragment):
            endpoints = self._by_address[address]
            endpoints.remove(endpoint)
            if not endpoints:
                del self._by_address[address]

    def send(self, data: bytes, address: Address) -> None:
        """Send a datagram now; one that the system refuses is counted, and lost like any other."""
        try:
            self._socket.sendto(data, address)
        except OSError:
            self.count_sent(0, 1)
        else:
            self.count_sent(1, 0)

    def count_sent(self, sent: int, unsent: int) -> None:
        """Count datagrams that were sent, and those that the system refused."""
        self.counts.sent += sent
        self.counts.unsent += unsent

    def close(self) -> None:
        """Close the socket; calls must have been ended before."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._socket)
            self._socket.close()
        self._by_user.clear()
        self._by_address.clear()
        self._addresses.clear()

    def look(self, now: float) -> bool:
        """Read what has come (see `Watching`); once there is nothing, read as it comes again."""
        if self._closed:
            return False
        if self._read(now):
            self._woken = now
        if now - self._woken < _CALM_SECONDS:
            return True
        self._loop.add_reader(self._socket, self._wake)
        return False

    def _wake(self) -> None:
        now = self._loop.time()
        self._hurried = max(0, self._hurried + (1 if now - self._woken < _BUSY_SECONDS else -1))
        self._woken = now
        self._read(now)
        if self._hurried >= _BUSY_WAKES and self._ticker is not None:
            self._hurried = 0
            self._loop.remove_reader(self._socket)
            self._ticker.watch(self)

    def _read(self, now: float) -> bool:
        """Read and place what waits; return whether there was anything."""
        if self.fast is not None:
            count, left = self.fast.receive(now)
            self.counts.received += count
            for data, address in left:
                self._place(data, address, now)
            return count > 0
        for number in range(_BURST):
            try:
                data, address = self._socket.recvfrom(LARGEST_DATAGRAM + 1)
            except BlockingIOError:
                return number > 0
            except OSError:
                # A datagram of ours came back as undeliverable; it says nothing of the next one.
                continue
            self.counts.received += 1
            self._place(data, address[:2], now)
        return True

    def _place(self, data: bytes, address: Address, now: float) -> None:
        first = data[0] if 12 <= len(data) <= LARGEST_DATAGRAM else 255
        if 128 <= first <= 191:
            endpoints = self._by_address.get(address)
            if endpoints is None:
                self.counts.unknown_address += 1
                return
            for endpoint in endpoints.copy() if len(endpoints) > 1 else endpoints:
                if endpoint.media_datagram(data, address, now):
                    return
            self.counts.refused_media += 1
        elif 20 <= first <= 63:
            self._place_handshake(data, address)
        elif first <= 3:
            self._place_stun(data, address)
        else:
            self.counts.junk += 1

    def _place_handshake(self, data: bytes, address: Address) -> None:
        endpoints = self._by_address.get(address)
        if endpoints is None:
            self.counts.unknown_address += 1
            return
        for endpoint in endpoints.copy():
            endpoint.dtls_datagram(data)

    def _place_stun(self, data: bytes, address: Address) -> None:
        kind = int.from_bytes(data[:2], "big")
        if kind == BINDING_REQUEST:
            self._place_request(data, address)
        elif kind in BINDING_RESPONSES:
            self._place_response(data, address)
        else:
            self.counts.junk += 1

    def _place_request(self, data: bytes, address: Address) -> None:
        user = username_fragment(data)
        endpoint = self._by_user.get(user) if user is not None else None
        if endpoint is None:
            self.counts.unknown_user += 1
            return
        try:
            message = stun.parse_message(data)
            if not message.check_message_integrity(endpoint.password):
                self.counts.forged_stun += 1
            elif self._claim(address, endpoint):
                endpoint.stun_request(message, address)
        except _ROUTINE_ERRORS:
            self.counts.malformed_stun += 1

    def _claim(self, address: Address, endpoint: Endpoint) -> bool:
        """Let datagrams from an address reach a call, before the calls that had it until now."""
        endpoints = self._by_address.get(address, [])
        if endpoint in endpoints:
            return True
        claimed = self._addresses[endpoint.username_fragment]
        if len(claimed) >= _MOST_ADDRESSES:
            self.counts.unknown_address += 1
            return False
        claimed.append(address)
        self._by_address[address] = [endpoint, *endpoints]
        return True

    def _place_response(self, data: bytes, address: Address) -> None:
        transaction = self.transactions.get(data[8:20])
        if transaction is None:
            self.counts.forged_stun += 1
            return
        try:
            transaction.response_received(stun.parse_message(data), address)
        except _ROUTINE_ERRORS:
            self.counts.malformed_stun += 1


def open_port(
    loop: asyncio.AbstractEventLoop, host: str = "127.0.0.1", port: int = 0, *, ticker: Ticker | None = None
) -> UdpPort:
    """Open the port of a server.

    Args:
        loop: Reads the socket.
        host: Address to bind, IPv4 or IPv6; `0.0.0.0` for all of IPv4.
        port: Port number; 0 lets the system choose.
        ticker: See `UdpPort`.

    Raises:
        MediaError: The address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp_socket = socket.socket(family, socket.SOCK_DGRAM)
    try:
        udp_socket.setblocking(False)
        udp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        udp_socket.bind((host, port))
    except OSError as error:
        udp_socket.close()
        raise MediaError(
            f"The UDP port {host}:{port} cannot be opened: {error.strerror}. Choose another with "
            "ORCHESTRATOR_UDP_PORT, or end the process that has it."
        ) from error
    return UdpPort(loop, udp_socket, ticker)
