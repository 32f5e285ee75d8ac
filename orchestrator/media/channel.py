"""The data channel on which events travel: aiortc's SCTP, made safe against its peer (RFC 8831, RFC 8832).

aiortc asserts where a client errs, and an assertion ends the call; over some errors it loops for ever. Here
what a client sends wrongly is counted and dropped, and what it may make us keep in memory is bounded.
"""

import collections
import struct
from collections.abc import Callable
from typing import Final

from aiortc import RTCDataChannel, RTCDtlsTransport, RTCSctpTransport
from aiortc.rtcsctptransport import (
    WEBRTC_BINARY,
    WEBRTC_BINARY_EMPTY,
    WEBRTC_DCEP,
    WEBRTC_STRING,
    WEBRTC_STRING_EMPTY,
    Chunk,
    DataChunk,
    ForwardTsnChunk,
    RTCSctpCapabilities,
    SackChunk,
)
from OpenSSL import SSL

from orchestrator.media.answer import LARGEST_MESSAGE
from orchestrator.media.errors import EventTooLargeError
from orchestrator.media.sctp_peek import parameters_end

LABEL: Final = "oai-events"

_MOST_STREAMS: Final = 256
_MOST_CHANNELS: Final = 8
_MOST_UNORDERED: Final = 1024
"""Chunks that may lie beyond a missing one; a full receive window has some 900."""

_MOST_BUFFERED: Final = 4 * 1024 * 1024
"""Bytes of events that wait for a client that does not take them."""

_MOST_EARLY: Final = 1000
"""Events that wait for the channel to open."""

_CLIENT_FAULTS: Final = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    struct.error,
)
"""What aiortc raises over SCTP that breaks the rules."""


class EventChannel(RTCSctpTransport):
    """SCTP of one call, with the one data channel that matters.

    Args:
        transport: DTLS of the call.
        on_event: Called with each text message of the channel.
        on_open: Called when the client has opened the channel.
    """

    def __init__(
        self, transport: RTCDtlsTransport, *, on_event: Callable[[str], None], on_open: Callable[[], None]
    ) -> None:
        super().__init__(transport)
        self.refused = 0
        self.unsent = 0
        self._inbound_streams_max = _MOST_STREAMS
        self._on_event = on_event
        self._on_open = on_open
        self._event_channel: RTCDataChannel | None = None
        self._early: collections.deque[str] = collections.deque()
        self._largest = 0
        self.on("datachannel", self._opened)

    async def connect(self, port: int, largest_message: int) -> None:
        """Begin the association with the client's port; the client opens the channel when it is up."""
        self._largest = largest_message
        await self.start(RTCSctpCapabilities(maxMessageSize=largest_message), port)

    @property
    def open(self) -> bool:
        """Whether events can be sent at once."""
        channel = self._event_channel
        return channel is not None and channel.readyState == "open" and self.transport.state == "connected"

    def send_event(self, text: str) -> bool:
        """Send an event, or keep it until the channel opens; return whether it was taken.

        It is not when the client has closed the channel, or takes nothing.

        Raises:
            EventTooLargeError: It is longer than the client takes.
        """
        size = len(text.encode())
        if self._largest and size > self._largest:
            raise EventTooLargeError(
                f"The event has {size} bytes and the client takes {self._largest} (a=max-message-size)."
            )
        channel = self._event_channel
        if channel is None and len(self._early) < _MOST_EARLY:
            self._early.append(text)
        elif channel is not None and self.open and channel.bufferedAmount + size <= _MOST_BUFFERED:
            channel.send(text)
        else:
            self.unsent += 1
            return False
        return True

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label != LABEL or self._event_channel is not None:
            channel.close()
            return
        self._event_channel = channel
        while self._early:
            channel.send(self._early.popleft())
        self._on_open()

    async def _handle_data(self, data: bytes) -> None:
        if not parameters_end(data):
            self.refused += 1
            return
        try:
            await super()._handle_data(data)
        except _CLIENT_FAULTS:
            self.refused += 1

    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        """Drop a chunk that would exceed the window we told of, as if it were lost (RFC 9260 section 6.2)."""
        if (
            len(chunk.user_data) > self._advertised_rwnd
            or len(self._sack_misordered) > _MOST_UNORDERED
            or chunk.stream_id >= _MOST_STREAMS
        ):
            self.refused += 1
            return
        await super()._receive_data_chunk(chunk)

    async def _receive_forward_tsn_chunk(self, chunk: ForwardTsnChunk) -> None:
        if any(stream_id >= _MOST_STREAMS for stream_id, _ in chunk.streams):
            self.refused += 1
            return
        await super()._receive_forward_tsn_chunk(chunk)

    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        """Drop an acknowledgement of more than was sent: aiortc would count through all of it."""
        if sum(max(0, last - first + 1) for first, last in chunk.gaps) > len(self._sent_queue):
            self.refused += 1
            return
        await super()._receive_sack_chunk(chunk)

    async def _receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        """Take one message; only text of the channel goes further."""
        if pp_id == WEBRTC_DCEP:
            await self._receive_control(stream_id, data)
        elif pp_id in (WEBRTC_STRING, WEBRTC_STRING_EMPTY) and self._is_event_channel(stream_id):
            self._receive_text(b"" if pp_id == WEBRTC_STRING_EMPTY else data)
        elif pp_id in (WEBRTC_BINARY, WEBRTC_BINARY_EMPTY) or pp_id == WEBRTC_STRING:
            self.refused += 1

    async def _receive_control(self, stream_id: int, data: bytes) -> None:
        opens = data[:1] == b"\x03"
        if opens and (stream_id in self._data_channels or len(self._data_channels) >= _MOST_CHANNELS):
            self.refused += 1
            return
        try:
            await super()._receive(stream_id, WEBRTC_DCEP, data)
        except _CLIENT_FAULTS:
            self.refused += 1

    def _receive_text(self, data: bytes) -> None:
        if len(data) > LARGEST_MESSAGE:
            self.refused += 1
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.refused += 1
            return
        self._on_event(text)

    def _is_event_channel(self, stream_id: int) -> bool:
        return self._event_channel is not None and self._event_channel.id == stream_id

    async def _send_chunk(self, chunk: Chunk) -> None:
        try:
            await super()._send_chunk(chunk)
        except (ConnectionError, SSL.Error):
            # Timers of a call that is ending; whoever needs to know sees the transport's state. OpenSSL has
            # an error of its own for what comes after our goodbye.
            self.unsent += 1
