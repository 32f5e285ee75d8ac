"""The fast path of sound, from and to the socket: `fast_path.c`, where it was compiled.

Nearly every packet is the next of its source and needs no decision. A beat of those is read, opened, booked
and decoded in one call, and a frame is encoded, protected and sent in one. Everything else is for Python,
which does all of it where there was no compiler, at a higher price.
"""

import functools
import logging
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, Self

import cffi  # type: ignore[import-untyped]  # ships no types

from orchestrator.media import libopus, srtp
from orchestrator.media.errors import CodecError
from orchestrator.media.wire import SoundEncoder

LIBRARY: Final = Path(__file__).with_name("libfast_path.so")

ffi: Final = cffi.FFI()
ffi.cdef(Path(__file__).with_name("fast_path.h").read_text())

_DATAGRAM, _OPENED, _SOUND, _UNDECODABLE = range(4)
"""`enum arrival_kind`."""

_ARRIVAL: Final = struct.Struct("7i")
"""`struct arrival`."""

_BURST: Final = 64
_ROOM: Final = 1504
_SOUND_BYTES: Final = _BURST * 2880 * 2
_FRAME_ROOM: Final = 8192
"""As in `fast_path.c`."""

_IPV4_LENGTH: Final = 16
"""Bytes of a `sockaddr_in`."""

_logger: Final = logging.getLogger(__name__)

Address = tuple[str, int]

SendNext = Callable[[], int]
"""Sends the next frame of what was lent. Returns its bytes of payload, or an error of libopus, which is
negative: the encoder refused it, or none is left."""


@functools.cache
def load() -> Any | None:
    """Return the library; None, and one line in the log, where it was not compiled."""
    try:
        library = ffi.dlopen(str(LIBRARY))
    except OSError:
        _logger.warning(
            "The fast path of sound was not compiled; calls take more processor time. Mend: install a C "
            "compiler (Debian: gcc, libc6-dev), and the package anew."
        )
        return None
    library.fast_path_use(*map(_pointer, (*srtp.functions(), *libopus.functions())))
    return library


def _pointer(address: int) -> Any:
    return ffi.cast("void *", address)


class OutboundPath:
    """One caller's sound on its way out.

    Args:
        library: As loaded.
        udp_socket: What is sent from.
        keys: Of our side.
        ssrc: Our source.
    """

    def __init__(
        self, library: Any, udp_socket: socket.socket, keys: srtp.ProtectedStream, ssrc: int
    ) -> None:
        self._library = library
        self._keys = keys
        self._target: Address | None = None
        self._lent: Any = None
        values = {"keys": _pointer(keys.address), "ssrc": ssrc, "udp_socket": udp_socket.fileno()}
        self._path: Any = ffi.new("struct outbound_path *", values)
        self._send_next: SendNext = functools.partial(library.fast_path_send_next, self._path)

    @property
    def unsent(self) -> bool:
        """Whether the latest packet was refused by the system."""
        return bool(self._path.unsent)

    def send(
        self,
        target: Address,
        encoder: SoundEncoder | None,
        sound: bytes,
        second: int,
        sequence: int,
        timestamp: int,
    ) -> int:
        """Encode and send a frame; see `Peer.send_sound`.

        Args:
            target: Where to; the same object as long as it is the same address.
            encoder: What to encode it with; None for a payload.
            sound: The frame, or the payload.
            second: Byte of the header: marker and payload type.
            sequence: Of the packet.
            timestamp: Of the packet.

        Raises:
            CodecError: The encoder refused the frame.
        """
        if target is not self._target:
            self._resolve(target)
        opus = ffi.NULL
        if encoder is not None:
            if not encoder.address:
                sound = encoder.encode(sound)
            else:
                opus = _pointer(encoder.address)
                if len(sound) < encoder.frame_bytes:
                    sound = encoder.padded(sound)
        size: int = self._library.fast_path_send(
            self._path, opus, sound, len(sound), second, sequence, timestamp
        )
        if size < 0:
            raise CodecError(f"Opus refused a frame of {len(sound)} bytes: {libopus.error_text(size)}.")
        return size

    def lend(
        self,
        target: Address,
        encoder: SoundEncoder,
        sound: bytes,
        second: int,
        sequence: int,
        timestamp: int,
        units: int,
    ) -> SendNext | None:
        """Take frames that are to be sent one by one, in place of those that were lent before.

        Args:
            target: As for `send`; of all of them.
            encoder: What to encode them with; it must stay open until the last is sent.
            sound: Whole frames.
            second: Byte of the header, of all of them.
            sequence: Of the packet before them.
            timestamp: Of the packet before them.
            units: Of the clock, in a frame.

        Returns:
            What sends the next; None, and they were not taken, where they are encoded in Python.
        """
        if not encoder.address and not encoder.is_identity:
            return None
        if target is not self._target:
            self._resolve(target)
        loan = self._path.loan
        self._lent = ffi.from_buffer(sound)
        loan.sound, loan.encoder = self._lent, _pointer(encoder.address)
        loan.frames, loan.frame_bytes = len(sound) // encoder.frame_bytes, encoder.frame_bytes
        loan.frame_units, loan.second = units, second
        loan.octets = loan.unsent = 0
        loan.sequence, loan.timestamp = sequence, timestamp
        return self._send_next

    def settled(self) -> tuple[int, int]:
        """Return bytes of payload of what was lent and sent, and how many packets the system refused."""
        loan = self._path.loan
        return loan.octets, loan.unsent

    def _resolve(self, target: Address) -> None:
        self._library.fast_path_resolve(ffi.addressof(self._path.target), target[0].encode(), target[1])
        self._target = target


class Listener(Protocol):
    """One caller's sound, as the fast path sees it.

    Attributes:
        payload_type: Of the codec.
        is_opus: Whether that is Opus; of G.711 a byte is one unit of the clock.
    """

    payload_type: int
    is_opus: bool

    @property
    def decoder_address(self) -> int:
        """Where libopus keeps the decoder, of 24 kHz; 0 to have payloads in place of sound."""
        ...

    @property
    def envelope(self) -> tuple[bytes, bytes] | None:
        """What its sound is put between, where it is wanted as frames too."""
        ...

    @property
    def order(self) -> Any:
        """`struct stream_order`."""
        ...

    @property
    def reception_state(self) -> Any:
        """`struct reception`."""
        ...

    def arrived(self, piece: bytes, position: int) -> None:
        """Take sound, or a payload, and its position: milliseconds since the first packet."""
        ...

    def forward(self, sound: bytes) -> Callable[[bytes], None] | None:
        """Return what writes the frame that a sound came with; None where `arrived` is to have it."""
        ...

    def undecoded(self, milliseconds: int, position: int) -> None:
        """Take note of a packet of which there is no sound."""
        ...


class InboundPath:
    """The packets of one caller that are due, until `close`.

    Args:
        port: Where they come in.
        keys: Of the caller.
        listener: Takes them; its decoder must outlive this.
        on_opened: Takes an RTP packet that was opened and is not for here, and its loop time.
    """

    def __init__(
        self,
        port: "FastPort",
        keys: srtp.ProtectedStream,
        listener: Listener,
        on_opened: Callable[[bytes, float], None],
    ) -> None:
        self.listener = listener
        self.on_opened = on_opened
        self._port = port
        self._source: Address | None = None
        # C follows pointers to these: they live as long as this.
        self._kept: tuple[Any, ...] = keys, listener.order, listener.reception_state
        self.struct: Any = ffi.new(
            "struct inbound_path *",
            {
                "order": listener.order,
                "reception": listener.reception_state,
                "keys": _pointer(keys.address),
                "decoder": _pointer(listener.decoder_address),
                "payload_type": listener.payload_type,
                "is_opus": listener.is_opus,
            },
        )
        if listener.envelope is not None:
            before, behind = map(ffi.from_buffer, listener.envelope)
            self._kept += before, behind
            values = {"before": before, "behind": behind}
            sizes = {"before_size": len(before), "behind_size": len(behind)}
            self.struct.envelope = values | sizes
        port.add(self)

    @property
    def last_arrival(self) -> float:
        """Loop time of the latest packet of the caller."""
        last: float = self.struct.reception.last_arrival
        return last

    def comes_from(self, source: Address) -> None:
        """Learn where authentic packets of the caller come from; until then all are left to Python."""
        if source != self._source:
            self._source = source
            self._port.resolve(ffi.addressof(self.struct.source), source)

    def close(self) -> None:
        """Leave all further packets to Python; safe to call again."""
        self._port.remove(self)


class FastPort:
    """One UDP socket, read a beat at a time.

    Args:
        library: As loaded.
        udp_socket: Bound and not blocking; stays its owner's.
    """

    def __init__(self, library: Any, udp_socket: socket.socket) -> None:
        self._library = library
        self._socket = udp_socket
        self._paths: dict[int, InboundPath] = {}
        port = library.fast_port_open(udp_socket.fileno())
        if port == ffi.NULL:
            raise MemoryError
        self._port: Any = ffi.gc(port, library.fast_port_close)
        self._arrivals: Any = memoryview(
            ffi.buffer(library.fast_port_arrivals(port), _BURST * ffi.sizeof("struct arrival"))
        )
        self._sound: Any = ffi.buffer(library.fast_port_sound(port), _SOUND_BYTES)
        self._frames: Any = ffi.buffer(library.fast_port_frames(port), _BURST * _FRAME_ROOM)
        self._datagrams: Any = ffi.buffer(library.fast_port_datagrams(port), _BURST * _ROOM)
        self._sources: Any = library.fast_port_sources(port)

    @classmethod
    def of(cls, udp_socket: socket.socket) -> Self | None:
        """Return the fast path of a socket; None where it was not compiled."""
        library = load()
        return None if library is None else cls(library, udp_socket)

    def outbound(self, keys: srtp.ProtectedStream, ssrc: int) -> OutboundPath:
        """Return the way out for one caller's sound, with the keys and the source of our side."""
        return OutboundPath(self._library, self._socket, keys, ssrc)

    def add(self, path: InboundPath) -> None:
        """Let packets take a path; beyond 4,096 of them, what comes is left to Python."""
        index = self._library.fast_port_add(self._port, path.struct)
        if index >= 0:
            self._paths[index] = path

    def remove(self, path: InboundPath) -> None:
        """Let no more packets take a path; nothing happens if none do."""
        for index, present in list(self._paths.items()):
            if present is path:
                self._library.fast_port_remove(self._port, index)
                del self._paths[index]

    def resolve(self, struct: Any, address: Address) -> None:
        """Write an address into an `endpoint_address`."""
        self._library.fast_path_resolve(struct, address[0].encode(), address[1])

    def receive(self, now: float) -> tuple[int, list[tuple[bytes, Address]]]:
        """Read what waits, 64 datagrams at the most, and hand on what is due.

        Args:
            now: Loop time.

        Returns:
            How many were read, and those of them that are for Python, in order.
        """
        count = self._library.fast_port_receive(self._port, now)
        left: list[tuple[bytes, Address]] = []
        writes: list[tuple[Callable[[bytes], None], bytes]] = []
        arrivals = _ARRIVAL.iter_unpack(self._arrivals[: count * _ARRIVAL.size])
        for number, (kind, index, offset, size, position, frame, frame_size) in enumerate(arrivals):
            if kind == _SOUND:
                listener, sound = self._paths[index].listener, self._sound[offset : offset + size]
                write = listener.forward(sound) if frame_size else None
                if write is not None:
                    writes.append((write, self._frames[frame : frame + frame_size]))
                    continue
            _write(writes)
            if kind == _SOUND:
                listener.arrived(sound, position)
            elif kind == _DATAGRAM:
                left.append((self._datagrams[offset : offset + size], self._source(number)))
            elif kind == _OPENED:
                self._paths[index].on_opened(self._datagrams[offset : offset + size], now)
            else:
                self._paths[index].listener.undecoded(size, position)
        _write(writes)
        return count, left

    def _source(self, number: int) -> Address:
        """Return where a datagram came from: port and address of a `sockaddr_in` or `sockaddr_in6`."""
        source = self._sources[number]
        raw = bytes(source.bytes)
        host = (
            socket.inet_ntop(socket.AF_INET, raw[4:8])
            if source.length == _IPV4_LENGTH
            else socket.inet_ntop(socket.AF_INET6, raw[8:24])
        )
        return host, int.from_bytes(raw[2:4], "big")


def _write(writes: list[tuple[Callable[[bytes], None], bytes]]) -> None:
    """Write frames, one right after the other: whoever reads them is woken once for all of them."""
    for write, frame in writes:
        write(frame)
    writes.clear()
