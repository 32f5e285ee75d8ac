import random
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.receive import GAP_WAIT, Kind, ReceiveBuffer, Step
from orchestrator.media.rtp import RtpPacket

pytestmark = pytest.mark.unit

FRAME = 960
CLOCK = 48000


def packet(number: int, *, ssrc: int = 1, first: int = 0, start: int = 0, leap: int = 0) -> RtpPacket:
    """The packet with a number, of a stream that begins with `first` and `start`; its payload says which."""
    timestamp = (start + number * FRAME + leap) & 0xFFFFFFFF
    return RtpPacket(96, False, (first + number) & 0xFFFF, timestamp, ssrc, b"%d" % number)


def push(buffer: ReceiveBuffer, number: int, now: float, *, quiet: bool = False, **stream: int) -> list[Step]:
    return buffer.push(packet(number, **stream), FRAME, quiet=quiet, now=now)


def kinds(steps: list[Step]) -> list[str]:
    return [step.kind.value + step.payload.decode() for step in steps]


def filled() -> ReceiveBuffer:
    """A buffer that has heard packets 0 and 1."""
    buffer = ReceiveBuffer(CLOCK)
    push(buffer, 0, 0.0)
    push(buffer, 1, 0.02)
    return buffer


def test_packets_in_order_pass_at_once_and_nothing_is_waited_for() -> None:
    buffer = ReceiveBuffer(CLOCK)
    for number in range(100):
        steps = push(buffer, number, number * 0.02)
        assert steps == [Step(Kind.PACKET, number * FRAME, FRAME, b"%d" % number)]
        assert buffer.deadline is None
    assert buffer.counts.delivered == 100


def test_sequence_and_timestamp_may_wrap_in_the_middle() -> None:
    buffer = ReceiveBuffer(CLOCK)
    heard = [
        step
        for number in range(10)
        for step in push(buffer, number, number * 0.02, first=0xFFFC, start=0xFFFFFFFF - 3 * FRAME)
    ]
    assert [step.position for step in heard] == [number * FRAME for number in range(10)]


def test_a_packet_that_comes_late_but_in_time_takes_its_place() -> None:
    buffer = filled()
    assert push(buffer, 3, 0.06) == []
    assert buffer.deadline == pytest.approx(0.06 + GAP_WAIT)
    assert kinds(push(buffer, 2, 0.07)) == ["packet2", "packet3"]
    assert buffer.deadline is None
    assert (buffer.counts.reordered, buffer.counts.lost) == (1, 0)


def test_a_lost_packet_is_rebuilt_from_the_next_one_after_the_wait() -> None:
    buffer = filled()
    push(buffer, 3, 0.06)
    assert buffer.poll(0.06 + GAP_WAIT - 0.001) == []
    assert buffer.poll(0.06 + GAP_WAIT) == [
        Step(Kind.RECOVER, 2 * FRAME, FRAME, b"3"),
        Step(Kind.PACKET, 3 * FRAME, FRAME, b"3"),
    ]
    assert buffer.counts.lost == 1


def test_of_two_lost_packets_the_first_is_made_up() -> None:
    buffer = filled()
    push(buffer, 4, 0.08)
    push(buffer, 5, 0.10)
    assert kinds(buffer.poll(0.12)) == ["conceal", "recover4", "packet4", "packet5"]
    assert buffer.counts.lost == 2


def test_the_more_is_missing_the_less_is_waited() -> None:
    buffer = filled()
    push(buffer, 5, 0.10)
    assert buffer.deadline == pytest.approx(0.11)
    buffer = filled()
    push(buffer, 9, 0.18)
    assert buffer.deadline == pytest.approx(0.19)


def test_a_second_gap_behind_the_first_has_a_deadline_of_its_own() -> None:
    buffer = filled()
    push(buffer, 3, 0.06)
    push(buffer, 5, 0.10)
    assert kinds(buffer.poll(0.10)) == ["recover3", "packet3"]
    assert buffer.deadline == pytest.approx(0.10 + GAP_WAIT)
    assert kinds(buffer.poll(0.14)) == ["recover5", "packet5"]


def test_a_packet_after_its_frame_was_made_up_is_dropped_as_late() -> None:
    buffer = filled()
    push(buffer, 3, 0.06)
    buffer.poll(0.10)
    assert push(buffer, 2, 0.11) == []
    assert (buffer.counts.late, buffer.counts.duplicates) == (1, 0)


def test_a_repeated_packet_is_dropped_delivered_or_waiting() -> None:
    buffer = filled()
    assert push(buffer, 1, 0.03) == []
    push(buffer, 3, 0.06)
    assert push(buffer, 3, 0.06) == []
    assert buffer.counts.duplicates == 2


def test_a_long_outage_is_made_up_for_a_moment_and_leapt_over() -> None:
    buffer = filled()
    push(buffer, 102, 2.04)
    steps = buffer.poll(2.08)
    assert kinds(steps) == ["conceal"] * 5 + ["recover102", "packet102"]
    assert steps[-1].position == 102 * FRAME
    assert steps[-2].position == 101 * FRAME
    assert buffer.counts.skipped_units == 94 * FRAME
    assert buffer.counts.lost == 100


def test_time_in_which_nothing_was_sent_is_leapt_over() -> None:
    buffer = filled()
    steps = push(buffer, 2, 5.0, leap=48000)
    assert steps == [Step(Kind.PACKET, 2 * FRAME + 48000, FRAME, b"2")]
    assert buffer.counts.skipped_units == 48000


def test_a_timestamp_that_steps_back_does_not_move_the_position_back() -> None:
    buffer = filled()
    assert push(buffer, 2, 0.04, leap=-5000)[0].position == 2 * FRAME
    assert push(buffer, 3, 0.06, leap=-5000)[0].position == 3 * FRAME


def test_announced_silence_is_filled_in_as_time_passes() -> None:
    buffer = filled()
    push(buffer, 2, 0.04, quiet=True)
    assert buffer.deadline == pytest.approx(0.08)
    assert [step.position for step in buffer.poll(0.125)] == [3 * FRAME, 4 * FRAME, 5 * FRAME]
    assert buffer.deadline == pytest.approx(0.14)


def test_silence_ends_with_the_next_packet_and_the_rest_is_filled() -> None:
    buffer = filled()
    push(buffer, 2, 0.04, quiet=True)
    buffer.poll(0.10)
    steps = push(buffer, 3, 0.44, leap=19 * FRAME)
    assert kinds(steps) == ["silence", "packet3"]
    assert steps[-1].position == 22 * FRAME
    assert buffer.deadline is None


def test_silence_without_news_is_filled_for_a_second_at_most() -> None:
    buffer = filled()
    push(buffer, 2, 0.04, quiet=True)
    assert 45 <= len(buffer.poll(60.0)) <= 50
    assert buffer.deadline is None


def test_a_new_source_takes_over_at_once_after_what_waited() -> None:
    buffer = filled()
    push(buffer, 3, 0.06)
    steps = push(buffer, 0, 0.07, ssrc=2, first=500, start=999)
    assert kinds(steps) == ["recover3", "packet3", "packet0"]
    assert steps[-1].position >= 4 * FRAME
    assert buffer.counts.restarts == 1
    assert buffer.deadline is None


def test_the_source_that_was_left_is_not_heard_again_until_the_new_one_falls_silent() -> None:
    buffer = filled()
    push(buffer, 0, 0.04, ssrc=2)
    assert push(buffer, 2, 0.05) == []
    assert buffer.counts.strays == 1
    assert kinds(push(buffer, 3, 2.0)) == ["packet3"]


def test_a_sequence_far_away_is_believed_when_two_packets_agree() -> None:
    buffer = filled()
    push(buffer, 3, 0.06)
    assert push(buffer, 20000, 0.07) == []
    assert kinds(push(buffer, 20001, 0.09)) == ["recover3", "packet3", "packet20001"]
    assert (buffer.counts.strays, buffer.counts.restarts) == (1, 1)
    assert kinds(push(buffer, 20002, 0.11)) == ["packet20002"]


def test_one_stray_packet_changes_nothing() -> None:
    buffer = filled()
    assert push(buffer, 20000, 0.05) == []
    assert kinds(push(buffer, 2, 0.06)) == ["packet2"]


def test_a_flood_behind_a_gap_does_not_wait_for_the_deadline() -> None:
    buffer = filled()
    heard = [step for number in range(3, 60) for step in push(buffer, number, 0.05)]
    assert kinds(heard)[:2] == ["recover3", "packet3"]


def test_a_packet_without_sound_keeps_its_place_in_the_sequence() -> None:
    buffer = ReceiveBuffer(CLOCK)
    assert buffer.push(packet(0), 0, quiet=False, now=0.0)[0].duration == 0
    buffer.push(packet(2), FRAME, quiet=False, now=0.04)
    assert [step.kind for step in buffer.poll(0.1)] == [Kind.RECOVER, Kind.PACKET]


class Arrival(NamedTuple):
    time: float
    number: int


def arrivals(seed: int, loss: float, jitter: float, repeats: float, count: int = 300) -> list[Arrival]:
    """When which packet comes: some never, some late, some twice."""
    chance = random.Random(seed)
    coming = []
    for number in range(count):
        if number and chance.random() < loss:
            continue
        coming.append(Arrival(number * 0.02 + chance.random() * jitter, number))
        if chance.random() < repeats:
            coming.append(Arrival(number * 0.02 + chance.random() * jitter, number))
    coming[0] = Arrival(0.0, coming[0].number)
    return sorted(coming)


def take(buffer: ReceiveBuffer, number: int, now: float) -> list[Step]:
    """Let a packet come the short way, where it is one for that."""
    position = buffer.pass_on(packet(number), FRAME, now)
    if position is None:
        return push(buffer, number, now)
    return [Step(Kind.PACKET, position, FRAME, packet(number).payload)]


def play(
    coming: list[Arrival],
    gap_wait: float = GAP_WAIT,
    come: Callable[[ReceiveBuffer, int, float], list[Step]] = push,
) -> tuple[ReceiveBuffer, list[tuple[float, Step]]]:
    """Let packets come, with polls in between as the deadline asks; return what is heard, and when."""
    buffer = ReceiveBuffer(CLOCK, gap_wait=gap_wait)
    heard = []
    for time, number in coming:
        while buffer.deadline is not None and buffer.deadline <= time:
            due = buffer.deadline
            heard += [(due, step) for step in buffer.poll(due)]
        heard += [(time, step) for step in come(buffer, number, time)]
    while buffer.deadline is not None:
        due = buffer.deadline
        heard += [(due, step) for step in buffer.poll(due)]
    return buffer, heard


networks = st.tuples(st.integers(0, 10**6), st.floats(0, 0.4), st.floats(0, 0.1), st.floats(0, 0.2))


@given(networks)
def test_whatever_the_network_does_sound_comes_once_in_order_without_overlap(
    network: tuple[int, float, float, float],
) -> None:
    _, heard = play(arrivals(*network))
    numbers = [int(step.payload) for _, step in heard if step.kind is Kind.PACKET]
    assert numbers == sorted(set(numbers))
    end = 0
    for _, step in heard:
        assert step.position >= end
        end = step.position + step.duration


@given(networks)
def test_whatever_the_network_does_every_packet_is_accounted_for(
    network: tuple[int, float, float, float],
) -> None:
    coming = arrivals(*network)
    buffer, heard = play(coming)
    counts = buffer.counts
    assert counts.delivered == sum(step.kind is Kind.PACKET for _, step in heard)
    assert counts.delivered + counts.late + counts.duplicates + counts.strays == len(coming)
    last = max(number for _, number in coming)
    assert counts.delivered + counts.lost == last + 1


def test_only_the_packet_that_is_due_goes_the_short_way() -> None:
    buffer = filled()
    assert buffer.pass_on(packet(2), FRAME, 0.04) == 2 * FRAME
    for other in (packet(4), packet(2), packet(3, ssrc=2), packet(3, leap=FRAME)):
        assert buffer.pass_on(other, FRAME, 0.06) is None
    assert push(buffer, 4, 0.08) == []
    assert buffer.pass_on(packet(3), FRAME, 0.08) is None
    assert kinds(push(buffer, 3, 0.08)) == ["packet3", "packet4"]


def test_the_packet_after_announced_silence_does_not_go_the_short_way() -> None:
    buffer = filled()
    push(buffer, 2, 0.04, quiet=True)
    assert buffer.pass_on(packet(3), FRAME, 0.06) is None


@given(networks)
def test_the_short_way_leads_to_the_same(network: tuple[int, float, float, float]) -> None:
    coming = arrivals(*network)
    one, heard = play(coming)
    other, heard_the_short_way = play(coming, come=take)
    assert heard_the_short_way == heard
    assert other.counts == one.counts


@given(networks)
def test_nothing_waits_longer_than_the_wait(network: tuple[int, float, float, float]) -> None:
    coming = arrivals(*network)
    came = {number: time for time, number in reversed(coming)}
    _, heard = play(coming)
    for time, step in heard:
        if step.kind is Kind.PACKET:
            assert time - came[int(step.payload)] <= GAP_WAIT + 1e-9


@given(st.integers(0, 10**6))
def test_without_loss_nothing_waits_at_all(seed: int) -> None:
    coming = arrivals(seed, 0.0, 0.019, 0.0)
    buffer, heard = play(coming)
    assert [time for time, _ in heard] == [time for time, _ in coming]
    assert buffer.counts.lost == 0


@pytest.mark.parametrize(("loss", "least"), [(0.01, 0.999), (0.03, 0.995), (0.05, 0.98), (0.10, 0.96)])
def test_lost_sound_is_made_up_for_and_is_never_older_than_80_ms(loss: float, least: float) -> None:
    coming = arrivals(11, loss, 0.005, 0.0, count=5000)
    _, heard = play(coming)
    sound = sum(step.duration for _, step in heard)
    assert sound >= least * 5000 * FRAME
    ages = sorted(time - (step.position + step.duration) / CLOCK + 0.02 for time, step in heard)
    assert ages[len(ages) * 999 // 1000] <= 0.08
    assert ages[len(ages) // 2] <= 0.006


@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(1, 3), st.integers(0, 5760)
        ),
        max_size=60,
    )
)
def test_no_packets_whatever_break_it(chaos: list[tuple[int, int, int, int]]) -> None:
    buffer = ReceiveBuffer(CLOCK)
    for index, (sequence, timestamp, ssrc, duration) in enumerate(chaos):
        now = index * 0.01
        end = RtpPacket(96, False, sequence, timestamp, ssrc, b"x" * (duration % 5))
        steps = buffer.poll(now) + buffer.push(end, duration, quiet=duration % 7 == 0, now=now)
        assert sum(step.duration for step in steps if step.kind is not Kind.PACKET) <= 60 * 48000 * 2
    assert len(buffer._waiting) <= 51
