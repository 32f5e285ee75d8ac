import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap
from aiortc.rtp import RtpPacket as TheirPacket
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media import rtp
from orchestrator.media.rtp import RtpPacket, sequence_difference, timestamp_difference

pytestmark = pytest.mark.unit

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    marker=st.booleans(),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=300),
)


@given(packets)
def test_what_is_written_is_read(packet: RtpPacket) -> None:
    assert rtp.parse(rtp.build(packet)) == packet


@given(packets)
def test_another_implementation_reads_what_is_written(packet: RtpPacket) -> None:
    theirs = TheirPacket.parse(rtp.build(packet))
    assert (theirs.payload_type, bool(theirs.marker), theirs.sequence_number) == packet[:3]
    assert (theirs.timestamp, theirs.ssrc, theirs.payload) == packet[3:]


@given(packets, st.lists(st.integers(0, 2**32 - 1), max_size=15), st.integers(0, 20), st.booleans())
def test_sources_extensions_and_padding_are_stepped_over(
    packet: RtpPacket, sources: list[int], padding: int, extended: bool
) -> None:
    theirs = TheirPacket(
        packet.payload_type,
        int(packet.marker),
        packet.sequence,
        packet.timestamp,
        packet.ssrc,
        packet.payload,
    )
    theirs.csrc, theirs.padding_size = sources, padding
    known = HeaderExtensionsMap()
    if extended:
        mid = RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:sdes:mid")
        known.configure(RTCRtpParameters(headerExtensions=[mid]))
        theirs.extensions = HeaderExtensions(mid="0")
    assert rtp.parse(theirs.serialize(known)) == packet


@given(st.binary(max_size=60))
def test_no_datagram_whatever_raises(data: bytes) -> None:
    rtp.parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(11),
        bytes(12),
        b"\x90" + bytes(11),
        b"\x90" + bytes(13) + b"\xff\xff",
        b"\xa0" + bytes(12),
        b"\xa0" + bytes(11) + b"\x09",
        b"\x8f" + bytes(20),
    ],
    ids=[
        "empty",
        "short",
        "version",
        "no extension",
        "long extension",
        "no padding",
        "all padding",
        "sources",
    ],
)
def test_malformed_packets_are_none(data: bytes) -> None:
    assert rtp.parse(data) is None


def test_reports_are_told_from_sound() -> None:
    assert rtp.is_rtcp(b"\x80\xc8")
    assert rtp.is_rtcp(b"\x80\xcd")
    assert not rtp.is_rtcp(b"\x80\x60")
    assert not rtp.is_rtcp(b"\x80\xe0")


@given(st.integers(0, 0xFFFF), st.integers(-0x8000, 0x7FFF))
def test_sequences_differ_by_the_shorter_way(old: int, step: int) -> None:
    assert sequence_difference((old + step) & 0xFFFF, old) == step


@given(st.integers(0, 0xFFFFFFFF), st.integers(-0x80000000, 0x7FFFFFFF))
def test_timestamps_differ_by_the_shorter_way(old: int, step: int) -> None:
    assert timestamp_difference((old + step) & 0xFFFFFFFF, old) == step
