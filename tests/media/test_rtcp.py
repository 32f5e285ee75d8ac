import pytest
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media import rtcp
from orchestrator.media.rtcp import Goodbye, ReceptionReport, SenderReport

pytestmark = pytest.mark.unit

words = st.integers(0, 0xFFFFFFFF)
reports = st.builds(
    ReceptionReport,
    ssrc=words,
    fraction_lost=st.integers(0, 255),
    packets_lost=st.integers(-0x800000, 0x7FFFFF),
    highest_sequence=words,
    jitter=words,
    last_report=words,
    delay=words,
)
senders = st.builds(
    SenderReport,
    ssrc=words,
    ntp=st.integers(0, 2**64 - 1),
    timestamp=words,
    packets=words,
    octets=words,
)
names = st.binary(min_size=1, max_size=40)


@given(senders, names, st.lists(reports, max_size=3))
def test_what_a_sender_reports_is_read(
    sender: SenderReport, name: bytes, said: list[ReceptionReport]
) -> None:
    assert rtcp.parse(rtcp.build_report(sender.ssrc, name, sender, said)) == [sender, *said]


@given(words, names, st.lists(reports, max_size=3))
def test_what_a_receiver_reports_is_read(ssrc: int, name: bytes, said: list[ReceptionReport]) -> None:
    assert rtcp.parse(rtcp.build_report(ssrc, name, None, said)) == said


@given(senders, names, st.lists(reports, min_size=1, max_size=2))
def test_another_implementation_reads_it(
    sender: SenderReport, name: bytes, said: list[ReceptionReport]
) -> None:
    first, second = RtcpPacket.parse(rtcp.build_report(sender.ssrc, name, sender, said))
    assert isinstance(first, RtcpSrPacket)
    assert isinstance(second, RtcpSdesPacket)
    assert first.sender_info.ntp_timestamp == sender.ntp
    assert [report.packets_lost for report in first.reports] == [report.packets_lost for report in said]
    assert second.chunks[0].items == [(1, name)]


def test_a_goodbye_is_a_report_with_a_goodbye() -> None:
    data = rtcp.build_goodbye(77, b"name")
    first, _, last = RtcpPacket.parse(data)
    assert isinstance(first, RtcpRrPacket)
    assert isinstance(last, RtcpByePacket)
    assert rtcp.parse(data) == [Goodbye(77)]


def test_counts_beyond_24_bits_stay_at_the_edge() -> None:
    far = ReceptionReport(1, 0, 10**9, 0, 0, 0, 0)
    near = ReceptionReport(1, 0, -(10**9), 0, 0, 0, 0)
    read = rtcp.parse(rtcp.build_report(1, b"x", None, [far, near]))
    assert [report.packets_lost for report in read if isinstance(report, ReceptionReport)] == [
        0x7FFFFF,
        -0x800000,
    ]


@given(st.binary(max_size=120))
def test_no_datagram_whatever_raises(data: bytes) -> None:
    rtcp.parse(data)


@given(st.integers(0, 31), st.sampled_from([200, 201, 203]), st.binary(max_size=80))
def test_nor_one_that_promises_more_than_it_holds(count: int, kind: int, body: bytes) -> None:
    body = body[: len(body) // 4 * 4]
    rtcp.parse(bytes((0x80 | count, kind)) + (len(body) // 4).to_bytes(2, "big") + body)


def test_the_middle_of_the_ntp_time_counts_65536ths() -> None:
    first, second = rtcp.ntp_time(1_700_000_000.0), rtcp.ntp_time(1_700_000_000.5)
    assert rtcp.middle(second) - rtcp.middle(first) == 32768
