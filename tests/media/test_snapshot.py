import dataclasses

import pytest

from orchestrator.media.inbound import InboundAudio
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.send import Sender
from orchestrator.media.snapshot import CallStatistics, take_snapshot
from orchestrator.media.ticker import Ticker
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.fake_loop import FakeLoop

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
    sender = Sender(
        Ticker(loop.as_loop()),
        WireCodec.PCMU,
        0,
        AudioFormat.PCMU,
        ssrc=1,
        sequence=0,
        timestamp=0,
        transmit=lambda _: None,
        on_started=lambda _: None,
        on_ended=lambda _: None,
        on_failed=lambda _: None,
    )
    sender.add("item", bytes(160))
    loop.advance(0.01)
    sender.delivery.round_trip = 0.05
    taken = take_snapshot(WireCodec.PCMU, None, inbound, sender, loop.time())
    assert taken.codec == "pcmu"
    assert (taken.packets_received, taken.packets_duplicated, taken.packets_reordered) == (5, 1, 1)
    assert (taken.packets_sent, taken.round_trip_ms) == (1, 50)


def test_a_snapshot_can_be_stored_as_plain_values() -> None:
    plain = dataclasses.asdict(CallStatistics(codec="opus"))
    assert all(value is None or isinstance(value, str | int | float) for value in plain.values())
