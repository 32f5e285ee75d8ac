import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media import rtcp
from orchestrator.media.rtcp import ReceptionReport, SenderReport
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.statistics import CorrectionPolicy, DeliveryStatistics, ReceptionStatistics

pytestmark = pytest.mark.unit

CLOCK = 48000


def packet(sequence: int, *, timestamp: int | None = None, ssrc: int = 1) -> RtpPacket:
    stamp = sequence * 960 if timestamp is None else timestamp
    return RtpPacket(96, False, sequence & 0xFFFF, stamp & 0xFFFFFFFF, ssrc, b"x")


def received(sequences: list[int], *, first: float = 0.0) -> ReceptionStatistics:
    statistics = ReceptionStatistics(CLOCK)
    for sequence in sequences:
        statistics.packet(packet(sequence), first + sequence * 0.02)
    return statistics


def test_before_the_first_packet_there_is_nothing_to_report() -> None:
    assert ReceptionStatistics(CLOCK).report(1.0) is None
    assert ReceptionStatistics(CLOCK).lost == 0


def test_loss_is_what_should_have_come_less_what_came() -> None:
    statistics = received([0, 1, 2, 4, 5, 8])
    assert (statistics.expected, statistics.lost) == (9, 3)


def test_a_wrap_of_the_sequence_is_no_loss() -> None:
    statistics = received([65533, 65534, 65535, 65536, 65537])
    assert (statistics.expected, statistics.lost) == (5, 0)
    report = statistics.report(0.0)
    assert report is not None
    assert report.highest_sequence == 65537 + 65536


def test_the_fraction_lost_is_of_the_interval_since_the_last_report() -> None:
    statistics = received([0, 1, 2, 4])
    first = statistics.report(1.0)
    for sequence in range(5, 15):
        statistics.packet(packet(sequence), sequence * 0.02)
    second = statistics.report(2.0)
    assert first is not None
    assert second is not None
    assert (first.fraction_lost, first.packets_lost) == (256 // 5, 1)
    assert (second.fraction_lost, second.packets_lost) == (0, 1)


def test_repeated_packets_never_make_a_negative_fraction() -> None:
    report = received([0, 1, 1, 1, 2]).report(1.0)
    assert report is not None
    assert (report.fraction_lost, report.packets_lost) == (0, -2)


def test_even_arrivals_have_no_jitter_and_uneven_ones_have() -> None:
    assert received(list(range(100))).jitter_ms == pytest.approx(0, abs=1e-6)
    uneven = ReceptionStatistics(CLOCK)
    for sequence in range(400):
        uneven.packet(packet(sequence), sequence * 0.02 + (0.01 if sequence % 2 else 0.0))
    assert uneven.jitter_ms == pytest.approx(10, rel=0.01)


def test_packets_of_one_moment_leave_the_jitter_alone() -> None:
    statistics = received([0, 1, 2])
    statistics.packet(packet(3, timestamp=2 * 960), 7.0)
    assert statistics.jitter_ms == pytest.approx(0, abs=1e-6)


def test_a_new_source_is_counted_anew() -> None:
    statistics = received([0, 1, 5])
    statistics.packet(packet(900, ssrc=2), 0.2)
    statistics.packet(packet(901, ssrc=2), 0.22)
    report = statistics.report(1.0)
    assert report is not None
    assert (report.ssrc, report.packets_lost) == (2, 0)
    assert statistics.received == 5


def test_the_delay_since_the_senders_report_is_told() -> None:
    statistics = received([0])
    statistics.sender_report(SenderReport(1, 0x0001_2345_6789_0000, 0, 1, 1), 10.0)
    report = statistics.report(10.5)
    assert report is not None
    assert (report.last_report, report.delay) == (0x2345_6789, 32768)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=80, unique=True))
def test_in_any_order_expected_and_received_agree(sequences: list[int]) -> None:
    statistics = received(sequences)
    assert statistics.received == len(sequences)
    assert statistics.lost == max(sequences) - sequences[0] + 1 - len(sequences)


def test_the_round_trip_is_what_is_left_when_the_listeners_delay_is_taken_off() -> None:
    delivery = DeliveryStatistics(CLOCK)
    ntp = rtcp.ntp_time(1000.0)
    delivery.sent_report(ntp, 5.0)
    delivery.reception_report(ReceptionReport(1, 0, 3, 0, 48, rtcp.middle(ntp), 65536 // 2), 5.6)
    assert delivery.round_trip == pytest.approx(0.1, abs=0.001)
    delivery.reception_report(ReceptionReport(1, 0, 3, 0, 48, rtcp.middle(ntp), 65536 // 2), 5.7)
    assert delivery.round_trip == pytest.approx(0.125, abs=0.001)
    assert (delivery.lost, delivery.jitter_ms) == (3, 1.0)


def test_a_report_on_no_report_of_ours_gives_no_round_trip() -> None:
    delivery = DeliveryStatistics(CLOCK)
    delivery.reception_report(ReceptionReport(1, 128, 3, 0, 48, 0, 0), 5.0)
    assert (delivery.fraction_lost, delivery.round_trip) == (0.5, None)


@pytest.mark.parametrize("delay", [65536 * 9, 0])
def test_a_round_trip_that_cannot_be_is_not_believed(delay: int) -> None:
    delivery = DeliveryStatistics(CLOCK)
    ntp = rtcp.ntp_time(1000.0)
    delivery.sent_report(ntp, 5.0)
    delivery.reception_report(ReceptionReport(1, 0, 0, 0, 0, rtcp.middle(ntp), delay), 5.6 if delay else 50.0)
    assert delivery.round_trip is None


def test_only_the_latest_reports_are_remembered() -> None:
    delivery = DeliveryStatistics(CLOCK)
    for second in range(100):
        delivery.sent_report(rtcp.ntp_time(second), float(second))
    assert len(delivery._sent_reports) == 8


def test_what_is_sent_is_counted() -> None:
    delivery = DeliveryStatistics(CLOCK)
    delivery.sent(1, 100)
    delivery.sent(1, 60)
    assert (delivery.packets, delivery.octets) == (2, 160)


def test_one_lost_packet_does_not_turn_error_correction_on_and_steady_loss_does() -> None:
    policy = CorrectionPolicy()
    assert not policy.report(0.02, 0.0)
    assert not policy.report(0.0, 1.0)
    for second in range(2, 5):
        policy.report(0.03, float(second))
    assert policy.on
    assert policy.expected_loss == 5


def test_it_turns_off_after_half_a_minute_without_loss() -> None:
    policy = CorrectionPolicy()
    for second in range(5):
        policy.report(0.1, float(second))
    changes = [second for second in range(5, 100) if policy.report(0.0, float(second))]
    assert not policy.on
    assert len(changes) == 1
    assert changes[0] >= 35


def test_loss_in_between_begins_the_half_minute_anew() -> None:
    policy = CorrectionPolicy()
    for second in range(60):
        policy.report(0.1 if second % 20 == 0 or second < 5 else 0.0, float(second))
    assert policy.on


def test_the_expected_loss_stays_within_bounds() -> None:
    policy = CorrectionPolicy()
    for second in range(50):
        policy.report(0.9, float(second))
    assert policy.expected_loss == 25
