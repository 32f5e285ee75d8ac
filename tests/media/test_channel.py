import asyncio
import contextlib
import random
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import google_crc32c
import pytest
from aiortc import RTCDataChannel, RTCDtlsTransport, RTCSctpTransport
from aiortc.rtcdatachannel import RTCDataChannelParameters
from aiortc.rtcsctptransport import (
    WEBRTC_BINARY,
    WEBRTC_DCEP,
    WEBRTC_STRING,
    WEBRTC_STRING_EMPTY,
    DataChunk,
    ForwardTsnChunk,
    SackChunk,
    serialize_packet,
)
from OpenSSL import SSL

from orchestrator.media.channel import LABEL, EventChannel
from orchestrator.media.errors import EventTooLargeError
from tests.media.signals import Signals
from tests.patience import PATIENCE

pytestmark = pytest.mark.media


class Wire:
    """What stands in for DTLS: messages go to the other side, in order, each in a turn of its own."""

    def __init__(self, role: str) -> None:
        self.state = "connected"
        self._role = role
        self.other: Wire | None = None
        self.receiver: Any = None
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.refusal: Exception | None = None

    def _register_data_receiver(self, receiver: Any) -> None:
        self.receiver = receiver

    def _unregister_data_receiver(self, receiver: Any) -> None:
        del receiver
        self.receiver = None

    async def _send_data(self, data: bytes) -> None:
        if self.state != "connected":
            raise ConnectionError("not connected")
        if self.refusal is not None:
            raise self.refusal
        if self.other is not None:
            self.other.queue.put_nowait(data)

    async def carry(self) -> None:
        while True:
            data = await self.queue.get()
            if self.receiver is not None:
                # The stock side asserts over our answers to openings that it never meant.
                faults = (AssertionError,) if self._role == "server" else ()
                with contextlib.suppress(*faults):
                    await self.receiver._handle_data(data)


class Association:
    """Our channel and a stock client's SCTP, joined."""

    def __init__(self) -> None:
        self.signals = Signals()
        self.events: list[str] = []
        self.opened = 0
        self.heard: list[str | bytes] = []
        self.wires = [Wire("client"), Wire("server")]
        self.wires[0].other, self.wires[1].other = self.wires[1], self.wires[0]
        self.ours = EventChannel(
            cast(RTCDtlsTransport, self.wires[0]), on_event=self._event, on_open=self._open
        )
        self.theirs = RTCSctpTransport(cast(RTCDtlsTransport, self.wires[1]))
        self.carrying = [asyncio.ensure_future(wire.carry()) for wire in self.wires]

    async def connect(self, largest: int = 65536) -> None:
        await self.ours.connect(5000, largest)
        await self.theirs.start(None, 5000)
        await self.signals_until(lambda: self.theirs.state == "connected" == self.ours.state)

    async def open_channel(self, label: str = LABEL) -> RTCDataChannel:
        channel = RTCDataChannel(self.theirs, RTCDataChannelParameters(label=label))
        channel.on("message", self._heard)
        await self.signals_until(lambda: channel.readyState == "open")
        return channel

    async def signals_until(self, condition: Callable[[], object]) -> None:
        """The stock side tells nothing of some changes: look again with every turn of the loop."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0)

    async def close(self) -> None:
        await self.theirs.stop()
        await self.ours.stop()
        for task in self.carrying:
            task.cancel()
        await asyncio.wait(self.carrying)

    async def raw(self, stream_id: int, kind: int, data: bytes) -> None:
        """Send a message that the stock client would not."""
        await self.theirs._send(stream_id, kind, data)

    async def settled(self) -> None:
        await self.signals_until(lambda: not self.theirs._sent_queue and not self.theirs._outbound_queue)

    def _event(self, text: str) -> None:
        self.events.append(text)

    def _open(self) -> None:
        self.opened += 1

    def _heard(self, message: str | bytes) -> None:
        self.heard.append(message)


@pytest.fixture
async def joined() -> AsyncIterator[Association]:
    association = Association()
    await association.connect()
    yield association
    await association.close()


async def test_events_pass_both_ways_once_the_client_has_opened_the_channel(joined: Association) -> None:
    channel = await joined.open_channel()
    assert (joined.opened, joined.ours.open) == (1, True)
    channel.send("to us")
    channel.send("")
    assert joined.ours.send_event("to them")
    await joined.signals_until(lambda: len(joined.events) == 2 and joined.heard)
    assert (joined.events, joined.heard) == (["to us", ""], ["to them"])


async def test_events_before_the_channel_wait_in_order_and_bounded(joined: Association) -> None:
    taken = [joined.ours.send_event(f"event {number}") for number in range(1005)]
    assert taken == [True] * 1000 + [False] * 5
    await joined.open_channel()
    await joined.signals_until(lambda: len(joined.heard) == 1000)
    assert joined.heard[:2] == ["event 0", "event 1"]
    assert joined.ours.unsent == 5


async def test_long_events_pass_in_pieces(joined: Association) -> None:
    channel = await joined.open_channel()
    channel.send("x" * 60000)
    await joined.signals_until(lambda: joined.events)
    assert joined.events == ["x" * 60000]


async def test_an_event_longer_than_the_client_takes_is_an_error(joined: Association) -> None:
    await joined.open_channel()
    with pytest.raises(EventTooLargeError, match=r"65537 bytes.*65536"):
        joined.ours.send_event("x" * 65537)


async def test_events_do_not_pile_up_for_a_client_that_takes_nothing(joined: Association) -> None:
    await joined.open_channel()
    joined.wires[0].other = None
    taken = sum(joined.ours.send_event("x" * 60000) for _ in range(200))
    assert taken == 4 * 1024 * 1024 // 60000
    assert joined.ours.unsent == 200 - taken


async def test_after_the_connection_is_gone_events_are_refused(joined: Association) -> None:
    await joined.open_channel()
    joined.wires[0].state = "closed"
    assert not joined.ours.send_event("nobody hears")
    await joined.ours._send_chunk(SackChunk())
    assert joined.ours.unsent == 2


async def test_what_is_sent_while_openssl_says_goodbye_is_counted_and_dropped(joined: Association) -> None:
    await joined.open_channel()
    joined.wires[0].refusal = SSL.Error([("SSL routines", "", "protocol is shutdown")])
    await joined.ours._send_chunk(SackChunk())
    assert joined.ours.unsent == 1


async def test_other_channels_are_closed(joined: Association) -> None:
    other = RTCDataChannel(joined.theirs, RTCDataChannelParameters(label="chat"))
    await joined.signals_until(lambda: other.readyState == "closed")
    assert joined.opened == 0
    await joined.open_channel()
    second = RTCDataChannel(joined.theirs, RTCDataChannelParameters(label=LABEL))
    await joined.signals_until(lambda: second.readyState == "closed")
    assert joined.opened == 1


async def test_what_is_no_text_of_the_channel_is_counted_and_dropped(joined: Association) -> None:
    channel = await joined.open_channel()
    assert channel.id is not None
    await joined.raw(channel.id, WEBRTC_STRING, b"\xff\xfe not text")
    await joined.raw(channel.id, WEBRTC_BINARY, b"bytes")
    await joined.raw(7, WEBRTC_STRING, b"elsewhere")
    await joined.raw(channel.id, WEBRTC_STRING, b"x" * 262145)
    await joined.raw(channel.id, 99, b"unknown")
    await joined.raw(channel.id, WEBRTC_STRING_EMPTY, b"\0")
    await joined.settled()
    assert joined.events == [""]
    assert joined.ours.refused == 4


async def test_bad_openings_are_counted_and_harm_nothing(joined: Association) -> None:
    channel = await joined.open_channel()
    assert channel.id is not None
    opening = struct.pack("!BBHLHH", 3, 0, 0, 0, 2, 0)
    await joined.raw(channel.id, WEBRTC_DCEP, opening + b"xx")
    await joined.raw(9, WEBRTC_DCEP, opening + b"\xff\xff")
    await joined.raw(11, WEBRTC_DCEP, b"\x02")
    await joined.raw(13, WEBRTC_DCEP, b"\x09")
    for stream_id in range(20, 40):
        await joined.raw(stream_id, WEBRTC_DCEP, opening + b"ab")
    channel.send("still here")
    await joined.signals_until(lambda: joined.events)
    assert joined.events == ["still here"]
    assert joined.ours.refused >= 3


async def test_ten_thousand_messages_of_noise_harm_nothing(joined: Association) -> None:
    channel = await joined.open_channel()
    assert channel.id is not None
    chance = random.Random(3)
    kinds = [WEBRTC_STRING, WEBRTC_BINARY, WEBRTC_DCEP, WEBRTC_STRING_EMPTY, 0, 4711]
    for number in range(10_000):
        noise = chance.randbytes(chance.choice([1, 3, 12, 40, 300]))
        await joined.raw(chance.choice([channel.id, 2, 5, 60]), chance.choice(kinds), noise)
        if number % 50 == 0:
            await joined.settled()
    joined.events.clear()
    channel.send("still here")
    await joined.signals_until(lambda: "still here" in joined.events)
    assert joined.ours.open


def packet(association: Association, chunk: Any) -> bytes:
    return serialize_packet(5000, 5000, association.ours._local_verification_tag, chunk)


async def test_sctp_that_breaks_the_rules_harms_nothing(joined: Association) -> None:
    channel = await joined.open_channel()
    chance = random.Random(4)
    good = [
        packet(joined, DataChunk()),
        packet(joined, SackChunk.__new__(SackChunk).__class__(body=bytes(12))),
    ]
    for _ in range(2000):
        data = bytearray(chance.choice(good))
        data[12 + chance.randrange(len(data) - 12)] = chance.randrange(256)
        data[12] = chance.choice([0, 1, 2, 3, 4, 9, 10, 11, 14, 130, 192])
        whole = bytes(data[:8]) + bytes(4) + bytes(data[12:])
        checksum = struct.pack("<L", _crc(whole))
        await joined.ours._handle_data(whole[:8] + checksum + whole[12:])
    await joined.ours._handle_data(chance.randbytes(40))
    assert joined.ours.transport.state == "connected"
    del channel


async def test_a_hostile_acknowledgement_is_not_counted_through(joined: Association) -> None:
    sack = SackChunk()
    sack.cumulative_tsn = joined.ours._last_sacked_tsn
    sack.gaps = [(1, 65535)] * 250
    await joined.ours._receive_sack_chunk(sack)
    assert joined.ours.refused == 1


async def test_streams_beyond_the_agreed_number_are_refused(joined: Association) -> None:
    forward = ForwardTsnChunk()
    forward.cumulative_tsn = ((joined.ours._last_received_tsn or 0) + 5) % 2**32
    forward.streams = [(60000, 1)]
    await joined.ours._receive_forward_tsn_chunk(forward)
    data = DataChunk()
    data.tsn, data.stream_id, data.user_data = 1, 60000, b"x"
    await joined.ours._receive_data_chunk(data)
    assert joined.ours.refused == 2
    assert joined.ours._inbound_streams == {}


async def test_pieces_without_an_end_fill_the_window_and_no_more(joined: Association) -> None:
    first = (joined.ours._last_received_tsn or 0) + 1
    for number in range(2000):
        piece = DataChunk(flags=2 if number == 0 else 0)
        piece.tsn, piece.stream_id, piece.user_data = (first + number) % 2**32, 1, bytes(1100)
        await joined.ours._receive_data_chunk(piece)
    held = sum(len(chunk.user_data) for chunk in joined.ours._inbound_streams[1].reassembly)
    assert held <= 1024 * 1024
    assert joined.ours.refused > 0


async def test_a_driver_is_called_for_text_alone(joined: Association) -> None:
    channel = await joined.open_channel()
    channel.send(b"bytes")
    channel.send("text")
    await joined.signals_until(lambda: joined.events)
    assert joined.events == ["text"]


def _crc(data: bytes) -> int:
    return int(google_crc32c.value(data))
