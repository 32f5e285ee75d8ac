"""The few RTCP packets of a call: reports, source description, goodbye (RFC 3550 section 6).

Reading is lenient, as section 6.1 asks: what is not understood is stepped over, and what is malformed ends
the reading.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_HEADER: Final = struct.Struct("!BBH")
_SENDER: Final = struct.Struct("!IQIII")
_REPORT: Final = struct.Struct("!IIIIII")
_SSRC: Final = struct.Struct("!I")
_VERSION: Final = 0x80
_SENDER_REPORT: Final = 200
_RECEIVER_REPORT: Final = 201
_SOURCE_DESCRIPTION: Final = 202
_GOODBYE: Final = 203
_CNAME_ITEM: Final = 1
_NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970."""


class ReceptionReport(NamedTuple):
    """What one side says of the packets it received from one source (section 6.4.1).

    Attributes:
        ssrc: The source that is reported on.
        fraction_lost: Lost since the last report, in 256ths.
        packets_lost: Lost since the start; negative when duplicates outweigh losses.
        highest_sequence: Extended by the count of wraps.
        jitter: In units of the stream's clock.
        last_report: Middle 32 bits of the NTP time of the last sender report seen, 0 for none.
        delay: Since that sender report, in 65536ths of a second.
    """

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    delay: int


class SenderReport(NamedTuple):
    """What a sender says of itself, without the reports it carries (section 6.4.1)."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int


class Goodbye(NamedTuple):
    """A source leaves (section 6.6)."""

    ssrc: int


def ntp_time(seconds: float) -> int:
    """Return a Unix time in seconds as a 64-bit NTP timestamp (section 4)."""
    return int((seconds + _NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle(ntp: int) -> int:
    """Return the middle 32 bits of an NTP timestamp, as reports carry it."""
    return (ntp >> 16) & 0xFFFFFFFF


def build_report(
    ssrc: int, cname: bytes, sender: SenderReport | None, reports: list[ReceptionReport]
) -> bytes:
    """Write a compound packet: a sender report, or without `sender` a receiver report, then the name.

    Args:
        ssrc: Our own source.
        cname: Our canonical name, at most 255 bytes (section 6.5.1).
        sender: What we sent; None while nothing was sent.
        reports: At most 31.
    """
    blocks = b"".join(_pack_report(report) for report in reports)
    if sender is None:
        body = _packet(_RECEIVER_REPORT, len(reports), _SSRC.pack(ssrc) + blocks)
    else:
        body = _packet(_SENDER_REPORT, len(reports), _SENDER.pack(*sender) + blocks)
    return body + _description(ssrc, cname)


def build_goodbye(ssrc: int, cname: bytes) -> bytes:
    """Write the compound packet with which a source leaves."""
    return build_report(ssrc, cname, None, []) + _packet(_GOODBYE, 1, _SSRC.pack(ssrc))


def parse(data: bytes) -> list[SenderReport | ReceptionReport | Goodbye]:
    """Read what a compound packet says, in order; empty if there is nothing to understand."""
    try:
        return [item for kind, count, body in _walk(data) for item in _items(kind, count, body)]
    except struct.error:
        return []


def _walk(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    start = 0
    while start + _HEADER.size <= len(data):
        first, kind, words = _HEADER.unpack_from(data, start)
        end = start + _HEADER.size + 4 * words
        if first & 0xC0 != _VERSION or end > len(data):
            return
        yield kind, first & 0x1F, data[start + _HEADER.size : end]
        start = end


def _items(kind: int, count: int, body: bytes) -> Iterator[SenderReport | ReceptionReport | Goodbye]:
    if kind == _SENDER_REPORT:
        yield SenderReport._make(_SENDER.unpack_from(body))
        yield from _unpack_reports(body, _SENDER.size, count)
    elif kind == _RECEIVER_REPORT:
        yield from _unpack_reports(body, _SSRC.size, count)
    elif kind == _GOODBYE:
        for index in range(count):
            yield Goodbye(*_SSRC.unpack_from(body, index * _SSRC.size))


def _unpack_reports(body: bytes, start: int, count: int) -> Iterator[ReceptionReport]:
    for index in range(count):
        ssrc, lost, highest, jitter, last, delay = _REPORT.unpack_from(body, start + index * _REPORT.size)
        signed = (lost & 0xFFFFFF) - ((lost & 0x800000) << 1)
        yield ReceptionReport(ssrc, lost >> 24, signed, highest, jitter, last, delay)


def _pack_report(report: ReceptionReport) -> bytes:
    lost = max(-0x800000, min(0x7FFFFF, report.packets_lost)) & 0xFFFFFF
    return _REPORT.pack(
        report.ssrc,
        (report.fraction_lost & 0xFF) << 24 | lost,
        report.highest_sequence & 0xFFFFFFFF,
        report.jitter & 0xFFFFFFFF,
        report.last_report,
        report.delay & 0xFFFFFFFF,
    )


def _description(ssrc: int, cname: bytes) -> bytes:
    body = _SSRC.pack(ssrc) + bytes((_CNAME_ITEM, len(cname))) + cname
    return _packet(_SOURCE_DESCRIPTION, 1, body + bytes(4 - len(body) % 4))


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(_VERSION | count, kind, len(body) // 4) + body
