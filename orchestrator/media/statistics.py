"""What is measured on a call: loss, jitter, round trip (RFC 3550 appendix A.3 and A.8), drops."""

import math
from typing import Any, Final

from orchestrator.media.fast_path import ffi
from orchestrator.media.rtcp import ReceptionReport, SenderReport, middle
from orchestrator.media.rtp import RtpPacket, timestamp_difference

_LOSS_ON: Final = 0.01
"""Fraction of packets lost by the listener above which error correction pays."""

_LOSS_OFF: Final = 0.003
_LOSS_WEIGHT: Final = 0.3
"""Of the newest report; so one lost packet alone changes nothing."""

_CLEAN_SECONDS: Final = 30.0
_FRACTION_UNIT: Final = 256
_DELAY_UNIT: Final = 65536
_SEQUENCES: Final = 1 << 16
_REPORTS_KEPT: Final = 8
_ROUND_TRIP_LIMIT: Final = 10.0
"""Seconds; a report that implies more is not believed."""


class ReceptionStatistics:
    """Loss and jitter of one incoming stream, counted at arrival.

    Args:
        clock_rate: Of the RTP timestamps, in Hz.
    """

    def __init__(self, clock_rate: int) -> None:
        # Shared with fast_path.c, which counts what `packet` is not told.
        self.state: Any = ffi.new("struct reception *", {"clock_rate": clock_rate})
        self._clock_rate = clock_rate
        self._expected_before = 0
        self._received_before = 0
        self._begin(0, 0, 0)
        self._last_sender_report = (0, 0.0)

    @property
    def received(self) -> int:
        """How many packets have come, of any source."""
        received: int = self.state.received
        return received

    def packet(self, packet: RtpPacket, arrival: float) -> None:
        """Count one packet, which came at `arrival` monotonic seconds."""
        state = self.state
        if packet.ssrc != state.ssrc or not state.received:
            self._begin(packet.ssrc, packet.sequence, packet.timestamp)
            state.last_arrival = arrival
        ahead = (packet.sequence - state.highest) % _SEQUENCES
        if ahead < _SEQUENCES // 2:
            state.highest += ahead
        state.received += 1
        state.received_here += 1
        if packet.timestamp != state.last_timestamp:
            elapsed = (arrival - state.last_arrival) * self._clock_rate
            transit = abs(elapsed - timestamp_difference(packet.timestamp, state.last_timestamp))
            state.jitter += (min(transit, self._clock_rate) - state.jitter) / 16
            state.last_timestamp = packet.timestamp
        state.last_arrival = arrival

    def sender_report(self, report: SenderReport, arrival: float) -> None:
        """Remember a sender report, so that the sender can reckon the round trip from ours."""
        self._last_sender_report = (middle(report.ntp), arrival)

    @property
    def expected(self) -> int:
        """How many packets of the present source should have come."""
        state = self.state
        return state.highest - self._base + 1 if state.received_here else 0

    @property
    def lost(self) -> int:
        """How many packets of the present source have not come; negative with duplicates."""
        return self.expected - int(self.state.received_here)

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter, in milliseconds."""
        jitter: float = self.state.jitter
        return jitter / self._clock_rate * 1000

    def report(self, now: float) -> ReceptionReport | None:
        """Return what to tell the sender; each call ends an interval. None before the first packet."""
        state = self.state
        if not state.received:
            return None
        expected = self.expected - self._expected_before
        lost = expected - (state.received_here - self._received_before)
        self._expected_before, self._received_before = self.expected, state.received_here
        fraction = min(255, lost * _FRACTION_UNIT // expected) if lost > 0 and expected > 0 else 0
        seen, arrival = self._last_sender_report
        delay = round((now - arrival) * _DELAY_UNIT) if seen else 0
        return ReceptionReport(
            state.ssrc, fraction, self.lost, state.highest, round(state.jitter), seen, delay
        )

    def _begin(self, ssrc: int, sequence: int, timestamp: int) -> None:
        state = self.state
        # One wrap ahead, so that an early packet that comes late does not go below zero.
        self._base = state.highest = sequence + _SEQUENCES
        state.received_here = self._expected_before = self._received_before = 0
        state.ssrc, state.last_timestamp = ssrc, timestamp


class DeliveryStatistics:
    """What the listener's reports say of our outgoing stream.

    Args:
        clock_rate: Of the RTP timestamps, in Hz.
    """

    def __init__(self, clock_rate: int) -> None:
        self.packets = 0
        self.octets = 0
        self.lost = 0
        self.fraction_lost = 0.0
        self.jitter_ms = 0.0
        self._clock_rate = clock_rate
        self.round_trip: float | None = None
        self._sent_reports: dict[int, float] = {}

    def sent(self, packets: int, octets: int) -> None:
        """Count so many packets sent, with so many bytes of payload in all."""
        self.packets += packets
        self.octets += octets

    def sent_report(self, ntp: int, now: float) -> None:
        """Remember when a sender report left (`now` in monotonic seconds)."""
        while len(self._sent_reports) >= _REPORTS_KEPT:
            del self._sent_reports[next(iter(self._sent_reports))]
        self._sent_reports[middle(ntp)] = now

    def reception_report(self, report: ReceptionReport, now: float) -> None:
        """Take the listener's report on our stream."""
        self.lost = report.packets_lost
        self.fraction_lost = report.fraction_lost / _FRACTION_UNIT
        self.jitter_ms = report.jitter / self._clock_rate * 1000
        sent = self._sent_reports.get(report.last_report)
        if sent is None:
            return
        trip = now - sent - report.delay / _DELAY_UNIT
        if 0 <= trip < _ROUND_TRIP_LIMIT:
            self.round_trip = trip if self.round_trip is None else 0.75 * self.round_trip + 0.25 * trip


class CorrectionPolicy:
    """Decides from the listener's reports whether to send with in-band error correction. Pure."""

    def __init__(self) -> None:
        self.on = False
        self._loss = 0.0
        self._clean_since: float | None = None

    @property
    def expected_loss(self) -> int:
        """Percent of packets that the encoder should expect to be lost."""
        return max(5, min(25, math.ceil(self._loss * 100)))

    def report(self, fraction_lost: float, now: float) -> bool:
        """Take the fraction lost of one report, at `now` seconds; return whether `on` has changed."""
        self._loss += _LOSS_WEIGHT * (fraction_lost - self._loss)
        if self._loss >= _LOSS_OFF:
            self._clean_since = None
        elif self._clean_since is None:
            self._clean_since = now
        before = self.on
        if self._loss > _LOSS_ON:
            self.on = True
        elif self._clean_since is not None and now - self._clean_since >= _CLEAN_SECONDS:
            self.on = False
        return self.on is not before
