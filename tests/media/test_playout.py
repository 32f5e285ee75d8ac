import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orchestrator.media.phrase import Phrase
from orchestrator.media.playout import Frame, Playout
from tests.media.encoders import PlainEncoder

pytestmark = pytest.mark.unit

MS = 8
FRAME = 20 * MS


def sound(milliseconds: int, mark: bytes = b"a") -> bytes:
    return mark * (milliseconds * MS)


def phrase(milliseconds: int) -> Phrase:
    return Phrase(sound(milliseconds, b"p"), PlainEncoder(FRAME))


def drain(playout: Playout) -> list[bytes]:
    heard = []
    while (frame := playout.take(partial=True)) is not None:
        heard.append(frame.packet if frame.packet is not None else frame.audio)
    return heard


@pytest.fixture
def playout() -> Playout:
    return Playout(MS)


def test_sound_comes_out_in_frames_whatever_the_pieces_were(playout: Playout) -> None:
    pieces = [bytes(range(50)), bytes(range(50, 200)), bytes(range(200, 256)), bytes(64)]
    for piece in pieces:
        playout.add("item", piece)
    assert b"".join(drain(playout)) == b"".join(pieces)


def test_less_than_a_frame_waits_for_more_unless_the_item_is_complete(playout: Playout) -> None:
    playout.add("item", sound(10))
    assert playout.take(partial=False) is None
    playout.complete("item")
    frame = playout.take(partial=False)
    assert frame is not None
    assert (frame.audio, frame.started, frame.ended) == (sound(10), ["item"], ["item"])


def test_what_there_is_can_be_taken_when_waiting_was_in_vain(playout: Playout) -> None:
    playout.add("item", sound(10))
    frame = playout.take(partial=True)
    assert frame is not None
    assert frame.ended == []
    assert playout.played_ms("item") == 10


def test_one_frame_can_hold_the_end_of_one_item_and_the_start_of_the_next(playout: Playout) -> None:
    playout.add("first", sound(5, b"1"))
    playout.complete("first")
    playout.add("second", sound(40, b"2"))
    frame = playout.take(partial=False)
    assert frame is not None
    assert frame.audio == sound(5, b"1") + sound(15, b"2")
    assert (frame.started, frame.ended) == (["first", "second"], ["first"])
    assert (playout.played_ms("first"), playout.played_ms("second")) == (5, 15)


def test_the_ledger_says_what_left_and_the_queue_what_waits(playout: Playout) -> None:
    playout.add("item", sound(100))
    for _ in range(3):
        playout.take(partial=False)
    assert (playout.played_ms("item"), playout.queued_ms, playout.epoch_played_ms) == (60, 40, 60)
    assert playout.played_ms("never heard of") == 0


def test_an_item_that_was_all_heard_when_it_is_completed_has_ended(playout: Playout) -> None:
    playout.add("item", sound(20))
    drain(playout)
    assert playout.complete("item")
    playout.add("other", sound(20))
    assert not playout.complete("other")


def test_an_item_without_any_sound_ends_when_it_is_completed(playout: Playout) -> None:
    assert playout.add("item", b"")
    assert playout.complete("item")
    assert drain(playout) == []


def test_after_a_flush_nothing_is_left_and_the_epoch_is_new(playout: Playout) -> None:
    playout.add("heard", sound(20))
    playout.complete("heard")
    playout.add("cut", sound(60))
    playout.take(partial=False)
    playout.take(partial=False)
    assert playout.flush() == (1, {"cut": 20})
    assert playout.take(partial=True) is None
    assert (playout.queued_ms, playout.epoch_played_ms, playout.epoch) == (0, 0, 1)
    assert playout.played_ms("cut") == 20


def test_sound_of_a_flushed_item_is_refused_and_counted(playout: Playout) -> None:
    playout.add("cut", sound(60))
    playout.flush()
    assert not playout.add("cut", sound(30))
    assert not playout.complete("cut")
    assert playout.stale_ms == 30
    assert playout.add("next", sound(20))
    assert drain(playout) == [sound(20)]


def test_sound_of_an_epoch_that_is_over_is_refused(playout: Playout) -> None:
    playout.flush()
    assert not playout.add("item", sound(20), epoch=0)
    assert playout.add("item", sound(20), epoch=1)


def test_a_queue_that_is_full_drops_the_oldest_and_counts_it() -> None:
    playout = Playout(MS, limit_ms=100)
    playout.add("old", sound(60))
    playout.complete("old")
    playout.add("new", sound(80))
    assert playout.dropped_ms == 60
    frame = playout.take(partial=False)
    assert frame is not None
    assert (frame.started, frame.ended) == (["new"], ["old"])


def test_one_piece_longer_than_the_queue_is_kept_and_an_old_phrase_is_not() -> None:
    playout = Playout(MS, limit_ms=100)
    playout.add("phrase", phrase(50))
    playout.take(partial=False)
    playout.add("long", sound(500))
    assert (playout.queued_ms, playout.dropped_ms) == (500, 30)


def test_phrases_come_out_as_packets_and_are_booked_by_their_real_length(playout: Playout) -> None:
    playout.add("greeting", phrase(50))
    playout.complete("greeting")
    frames = [playout.take(partial=False) for _ in range(3)]
    assert [frame.packet for frame in frames if frame] == [sound(20, b"p")] * 2 + [sound(10, b"p")]
    assert frames[-1] is not None
    assert frames[-1].ended == ["greeting"]
    assert playout.played_ms("greeting") == 50


def test_sound_before_a_phrase_does_not_wait_to_fill_its_frame(playout: Playout) -> None:
    playout.add("said", sound(5))
    playout.add("greeting", phrase(20))
    frame = playout.take(partial=False)
    assert frame is not None
    assert frame.audio == sound(5)


def test_whether_more_may_come(playout: Playout) -> None:
    seen = [playout.expecting]
    playout.add("item", sound(20))
    seen.append(playout.expecting)
    playout.complete("item")
    seen.append(playout.expecting)
    assert seen == [False, True, False]
    assert playout.waiting


def test_the_ledger_forgets_items_of_long_ago() -> None:
    playout = Playout(MS)
    for number in range(1500):
        playout.add(f"item_{number}", sound(20))
        drain(playout)
    assert len(playout._items) == 1000
    assert playout.played_ms("item_1499") == 20
    assert playout.played_ms("item_0") == 0


def test_an_item_that_was_forgotten_while_it_waited_can_still_be_heard() -> None:
    playout = Playout(MS)
    playout.add("old", sound(20))
    for number in range(1000):
        playout.complete(f"item_{number}")
    assert drain(playout) == [sound(20)]


@given(st.lists(st.integers(1, 3 * FRAME), max_size=20))
def test_no_sound_is_lost_and_none_is_made(sizes: list[int]) -> None:
    playout = Playout(MS)
    for number, size in enumerate(sizes):
        playout.add(f"item_{number % 3}", bytes([number]) * size)
    heard = b"".join(drain(playout))
    assert heard == b"".join(bytes([number]) * size for number, size in enumerate(sizes))


def take_ahead(playout: Playout, most: int, share: float) -> int:
    """Take a share of the frames that lie ahead; how many bytes they were."""
    frames = int(share * len(playout.ahead(most)) / FRAME)
    playout.book_ahead(frames)
    return frames * FRAME


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 400)), min_size=1, max_size=12),
    st.integers(1, 6),
    st.floats(0, 1),
)
def test_what_lies_ahead_is_what_would_be_taken(
    added: list[tuple[str, int]], most: int, share: float
) -> None:
    plain, ahead = Playout(MS), Playout(MS)
    for number, (item, size) in enumerate(added):
        for playout in (plain, ahead):
            playout.add(item, bytes([number]) * size)
    while (frame := plain.take(partial=True)) is not None:
        assert ahead.take(partial=True) == frame
        sound = ahead.ahead(most)
        assert len(sound) <= most * FRAME
        frames = int(share * len(sound) / FRAME)
        for number in range(frames):
            lent = sound[number * FRAME :][:FRAME]
            assert plain.take(partial=False) == Frame(lent, None, [], [])
        ahead.book_ahead(frames)
        assert ahead.epoch_played_ms == plain.epoch_played_ms
        assert [ahead.played_ms(item) for item in "ab"] == [plain.played_ms(item) for item in "ab"]


def test_nothing_lies_ahead_of_an_item_that_has_not_begun_nor_of_a_phrase() -> None:
    playout = Playout(MS)
    assert playout.ahead(5) == b""
    playout.add("one", bytes(5 * FRAME))
    assert playout.ahead(5) == b""
    playout.take(partial=False)
    assert len(playout.ahead(5)) == 3 * FRAME  # the last is left: it may be the item's end
    assert len(playout.ahead(2)) == 2 * FRAME
    playout.flush()
    playout.add("two", phrase(200))
    playout.take(partial=False)
    assert playout.ahead(5) == b""


class PlayoutMachine(RuleBasedStateMachine):
    """Whatever is done to it: what was taken in has left, waits, was dropped, or was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.playout = Playout(MS, limit_ms=200)
        self.taken_in = self.left = self.flushed = 0
        self.epoch_items: set[str] = set()

    @rule(item=st.sampled_from("abcdef"), size=st.integers(1, 400))
    def add(self, item: str, size: int) -> None:
        name = f"{item}{self.playout.epoch}"
        assert self.playout.add(name, bytes(size))
        self.taken_in += size

    @rule(item=st.sampled_from("abc"), frames=st.integers(1, 4))
    def add_phrase(self, item: str, frames: int) -> None:
        said = phrase(frames * 20 - 7)
        assert self.playout.add(f"{item}{self.playout.epoch}", said)
        self.taken_in += said.milliseconds * MS

    @rule(item=st.sampled_from("abcdef"))
    def complete(self, item: str) -> None:
        self.playout.complete(f"{item}{self.playout.epoch}")

    @rule(partial=st.booleans())
    def take(self, partial: bool) -> None:
        before = self.playout._epoch_bytes
        if self.playout.take(partial=partial) is not None:
            self.left += self.playout._epoch_bytes - before

    @rule(most=st.integers(1, 5), share=st.floats(0, 1))
    def book_ahead(self, most: int, share: float) -> None:
        self.left += take_ahead(self.playout, most, share)

    @rule()
    def flush(self) -> None:
        self.flushed += self.playout._queued
        self.playout.flush()

    @invariant()
    def everything_is_accounted_for(self) -> None:
        waiting = self.playout._queued
        assert waiting >= 0
        assert self.taken_in == self.left + waiting + self.playout.dropped_bytes + self.flushed

    @invariant()
    def no_item_has_played_more_than_it_had(self) -> None:
        for item in self.playout._items.values():
            assert item.queued >= 0


TestPlayoutMachine = PlayoutMachine.TestCase
