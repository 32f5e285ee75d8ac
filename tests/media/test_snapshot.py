import asyncio
import dataclasses

import pytest

from orchestrator.media.dtls import Certificate
from orchestrator.media.ice import host_candidates
from orchestrator.media.inbound import InboundAudio
from orchestrator.media.offer import read_offer
from orchestrator.media.peer import Peer, PeerEvents
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.snapshot import CallStatistics, take_snapshot
from orchestrator.media.udp_port import open_port
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.fake_loop import FakeLoop
from tests.media.offers import CHROMIUM
from tests.media.sending import Line

pytestmark = pytest.mark.media


def test_parts_that_a_call_lacks_count_nothing() -> None:
    assert take_snapshot(None, None, None, None, 0.0) == CallStatistics(codec="")


def test_what_the_parts_counted_is_taken_together() -> None:
    loop = FakeLoop()
    inbound = InboundAudio(
        loop.as_loop(), WireCodec.PCMU, 0, AudioFormat.PCMU, lambda *_: None, lambda _: None
    )
    for number in (0, 1, 1, 3, 2):
        inbound.packet(RtpPacket(0, False, number, number * 160, 1, b"x" * 160), loop.time())
    line = Line()
    line.sender.add("item", bytes(160))
    line.loop.advance(0.01)
    line.sender.delivery.round_trip = 0.05
    taken = take_snapshot(WireCodec.PCMU, None, inbound, line.sender, loop.time())
    assert taken.codec == "pcmu"
    assert (taken.packets_received, taken.packets_duplicated, taken.packets_reordered) == (5, 1, 1)
    assert (taken.packets_sent, taken.round_trip_ms) == (1, 50)


async def test_the_connection_counts_what_it_refused_and_how_long_it_heard_nothing() -> None:
    port = open_port(asyncio.get_running_loop())
    events = PeerEvents(*[lambda *_: None] * 5)
    offer = read_offer(CHROMIUM, tuple(WireCodec))
    hosts = host_candidates(["127.0.0.1"], port.address[1])
    peer = Peer(port, Certificate.generateCertificate(), offer, hosts, events)
    peer.media_datagram(b"\x80\x60" + bytes(30), ("192.0.2.1", 4000), 0.0)
    taken = take_snapshot(WireCodec.OPUS, peer, None, None, peer.last_seen + 3)
    assert (taken.packets_refused, taken.events_refused, taken.silent_seconds) == (1, 0, 3)
    await peer.close()
    port.close()


def test_a_snapshot_can_be_stored_as_plain_values() -> None:
    plain = dataclasses.asdict(CallStatistics(codec="opus"))
    assert all(value is None or isinstance(value, str | int | float) for value in plain.values())
