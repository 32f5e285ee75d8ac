"""Frames that are lent are sent, booked and told of as frames that are not."""

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.media.phrase import CachedSound
from orchestrator.media.playout import QUEUE_LIMIT_MS
from orchestrator.media.send import TAIL_FRAMES
from orchestrator.media.snapshot import take_snapshot
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.sending import Line, sound
from tests.media.sound import speech

pytestmark = pytest.mark.media


def test_nearly_all_frames_of_a_long_reply_are_lent() -> None:
    line = Line()
    line.sender.add("item", sound(2000))
    line.loop.advance(1.9)
    assert line.sent_of_loans > 0.9 * len(line.packets)


def test_what_a_flush_tells_includes_the_frames_that_were_lent_and_sent() -> None:
    line = Line()
    line.sender.add("item", sound(2000))
    line.loop.advance(0.5)
    sent = len(line.packets)
    assert line.sender.flush().played_ms == {"item": 20 * sent}
    line.loop.advance(1)
    assert line.said() == sound(20 * sent) + sound(20, b"\xff") * TAIL_FRAMES


def test_a_queue_that_runs_over_drops_what_was_not_sent() -> None:
    line = Line()
    line.sender.add("item", sound(QUEUE_LIMIT_MS - 10, b"a"))
    line.loop.advance(0.2)
    sent = len(line.packets)
    line.sender.add("item", sound(QUEUE_LIMIT_MS, b"b"))
    line.loop.advance(0.1)
    assert line.said() == sound(20 * sent, b"a") + sound(20 * (len(line.packets) - sent), b"b")


def test_the_encoder_may_be_changed_while_frames_are_lent() -> None:
    plain, lending = (Line(WireCodec.OPUS, AudioFormat.PCM, lends=lends) for lends in (False, True))
    for line in (plain, lending):
        line.sender.add("item", speech(2.0))
        line.loop.advance(1.0)
        line.sender.correct_errors(on=True, expected_loss=10)
        line.loop.advance(1.0)
    assert lending.sent_of_loans > 80
    assert lending.packets == plain.packets


def test_a_reply_that_is_taken_over_in_the_middle_of_a_loan_is_heard_once() -> None:
    before, after = Line(), Line()
    said = b"".join(bytes([number]) * 160 for number in range(50))
    before.sender.add("item", said)
    before.loop.advance(0.4)
    given_up = before.sender.surrender(WireCodec.PCMU, AudioFormat.PCMU)
    assert given_up is not None
    after.sender.take_up(given_up)
    after.sender.complete("item")
    after.loop.advance(2)
    assert (before.said() + after.said()).startswith(said)


def test_after_a_frame_that_left_late_the_next_waits_for_5_ms() -> None:
    line = Line()
    line.sender.add("item", sound(2000))
    line.loop.advance(0.1)
    due, sent = line.packets[-1][0] + 0.02, line.sent_of_loans
    assert line.sender.tick(due, due + 0.018)
    assert line.sender.tick(due + 0.02, due + 0.02)
    assert line.sent_of_loans == sent + 1
    assert line.sender.tick(due + 0.02, due + 0.024)
    assert line.sent_of_loans == sent + 2


STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from("abc"), st.integers(1, 900)),
    st.tuples(st.just("phrase"), st.sampled_from("abc"), st.integers(1, 100)),
    st.tuples(st.just("complete"), st.sampled_from("abc"), st.just(0)),
    st.tuples(st.just("pass"), st.just(""), st.integers(1, 300)),
    st.tuples(st.just("stall"), st.just(""), st.integers(1, 300)),
    st.tuples(st.sampled_from(["flush", "pause", "resume", "report"]), st.just(""), st.just(0)),
)


def performed(line: Line, step: tuple[str, str, int], epoch: int) -> object:
    """Do it; what was answered."""
    (what, item, amount), sender = step, line.sender
    item_id = f"{item}{epoch}"
    if what == "add":
        return sender.add(item_id, speech(amount / 1000))
    if what == "phrase":
        return sender.add(item_id, CachedSound(speech(amount / 1000)))
    if what == "report":
        return sender.sender_report(line.loop.time(), 1)
    if what == "complete":
        sender.complete(item_id)
    elif what in {"pass", "stall"}:
        line.loop.advance(amount / 1000, stalled=what == "stall")
    else:
        return getattr(sender, what)()
    return None


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=60, deadline=None)
def test_whatever_is_done_a_line_that_lends_does_what_one_does_that_does_not(
    steps: list[tuple[str, str, int]],
) -> None:
    plain, lending = (Line(WireCodec.OPUS, AudioFormat.PCM, lends=lends) for lends in (False, True))
    epoch = 0
    for step in steps:
        assert performed(lending, step, epoch) == performed(plain, step, epoch)
        epoch += step[0] == "flush"
    for line in (plain, lending):
        line.loop.advance(1)
    assert lending.packets == plain.packets
    assert (lending.happened, lending.paced) == (plain.happened, plain.paced)
    measured = [
        asdict(take_snapshot(WireCodec.OPUS, None, None, line.sender, line.loop.time()))
        for line in (plain, lending)
    ]
    assert measured[0] == measured[1]
