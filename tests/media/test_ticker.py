import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.ticker import FRAME, PHASES, Ticker
from tests.media.fake_loop import FakeLoop

pytestmark = pytest.mark.unit


class Member:
    """Notes when it was called, and when it was due."""

    def __init__(self, loop: FakeLoop, ticks: int = 10**9) -> None:
        self.called: list[float] = []
        self.due: list[float] = []
        self.errors: list[Exception] = []
        self._loop = loop
        self._left = ticks

    def tick(self, due: float, now: float) -> bool:
        self.called.append(now)
        assert now == self._loop.time()
        self.due.append(due)
        self._left -= 1
        return self._left > 0

    def fail(self, error: Exception) -> None:
        self.errors.append(error)


class Broken(Member):
    def tick(self, due: float, now: float) -> bool:
        raise RuntimeError("broken")


@pytest.fixture
def loop() -> FakeLoop:
    return FakeLoop()


@pytest.fixture
def ticker(loop: FakeLoop) -> Ticker:
    return Ticker(loop.as_loop())


def test_a_member_is_called_every_20_ms_beginning_at_once(loop: FakeLoop, ticker: Ticker) -> None:
    loop.advance(0.0131)
    member = Member(loop)
    ticker.join(member, 0.0)
    began = loop.time()
    loop.advance(1.0)
    assert member.called[0] - began <= 0.002
    assert 50 <= len(member.called) <= 51
    gaps = [b - a for a, b in itertools.pairwise(member.called[1:])]
    assert gaps == pytest.approx([FRAME] * len(gaps))


def test_without_members_nothing_wakes(loop: FakeLoop, ticker: Ticker) -> None:
    member = Member(loop, ticks=3)
    ticker.join(member, 0.0)
    loop.advance(1.0)
    assert len(member.called) == 3
    assert (ticker.members, loop.pending) == (0, 0)


def test_a_member_in_a_hurry_is_called_exactly_half_a_round_later(loop: FakeLoop, ticker: Ticker) -> None:
    class Hurried(Member):
        def tick(self, due: float, now: float) -> bool:
            if super().tick(due, now):
                ticker.join(self, due + FRAME / 2, hurried=True)
            return False

    member = Hurried(loop, ticks=500)
    ticker.join(member, 0.0)
    loop.advance(6.0)
    gaps = [b - a for a, b in itertools.pairwise(member.due)]
    assert gaps == pytest.approx([FRAME / 2] * 499)


def test_a_member_in_a_hurry_is_not_driven_from_the_beat_by_a_stall(loop: FakeLoop, ticker: Ticker) -> None:
    class Hurried(Member):
        def tick(self, due: float, now: float) -> bool:
            super().tick(due, now)
            ticker.join(self, due + FRAME / 2, hurried=True)
            return False

    ticker.join(Member(loop), 0.0)
    ticker.join(Hurried(loop), 0.0)
    for stall in (0.013, 0.017, 0.015, 0.0192):
        loop.advance(stall, stalled=True)
        first, *others = [number for number, phase in enumerate(ticker._phases) if phase]
        assert others in ([], [first + PHASES // 2])
        loop.advance(0.05)


def test_a_member_that_left_is_not_called(loop: FakeLoop, ticker: Ticker) -> None:
    member = Member(loop)
    ticker.join(member, 0.0)
    loop.advance(0.1)
    ticker.leave(member)
    ticker.leave(member)
    calls = len(member.called)
    loop.advance(0.1)
    assert len(member.called) == calls


def test_many_members_are_spread_over_the_phases(loop: FakeLoop, ticker: Ticker) -> None:
    for _ in range(100):
        ticker.join(Member(loop), 0.0)
    crowds = [len(phase) for phase in ticker._phases]
    assert max(crowds) <= 2 * 100 / PHASES


def test_few_members_share_a_phase_so_that_the_process_wakes_less(loop: FakeLoop, ticker: Ticker) -> None:
    for _ in range(4):
        ticker.join(Member(loop), 0.0)
    assert sorted(len(phase) for phase in ticker._phases)[-2:] == [0, 4]


@given(st.lists(st.tuples(st.floats(0, 0.05), st.integers(1, 20)), min_size=1, max_size=16))
def test_however_few_members_come_the_process_wakes_twice_a_round(members: list[tuple[float, int]]) -> None:
    loop = FakeLoop()
    ticker = Ticker(loop.as_loop())
    for pause, ticks in members:
        loop.advance(pause)
        ticker.join(Member(loop, ticks), 0.0)
        first, *others = [number for number, phase in enumerate(ticker._phases) if phase]
        assert others in ([], [first + PHASES // 2])


def test_a_stalled_loop_leaves_rounds_out_and_makes_no_burst(loop: FakeLoop, ticker: Ticker) -> None:
    member = Member(loop)
    ticker.join(member, 0.0)
    loop.advance(0.1)
    before = len(member.called)
    loop.advance(0.2, stalled=True)
    assert len(member.called) - before == 1
    loop.advance(0.2)
    assert 10 <= len(member.called) - before - 1 <= 11


def test_the_phase_is_kept_after_a_stall(loop: FakeLoop, ticker: Ticker) -> None:
    member = Member(loop)
    ticker.join(member, 0.0)
    loop.advance(0.1)
    loop.advance(0.137, stalled=True)
    loop.advance(0.1)
    phases = {round((due - member.due[0]) / FRAME, 6) % 1 for due in member.due}
    assert phases == {0}


def test_a_member_that_breaks_hears_of_it_and_the_others_go_on(loop: FakeLoop, ticker: Ticker) -> None:
    broken, sound = Broken(loop), Member(loop)
    ticker.join(broken, 0.0)
    ticker.join(sound, 0.0)
    loop.advance(0.2)
    assert [str(error) for error in broken.errors] == ["broken"]
    assert len(sound.called) == 10
    assert ticker.members == 1


def test_members_may_join_and_leave_while_they_are_called(loop: FakeLoop, ticker: Ticker) -> None:
    late = Member(loop)

    class Swapping(Member):
        def tick(self, due: float, now: float) -> bool:
            ticker.leave(self)
            ticker.join(late, due + FRAME)
            return False

    ticker.join(Swapping(loop), 0.0)
    loop.advance(0.1)
    assert len(late.called) >= 3
    assert ticker.members == 1


def test_closing_forgets_everyone(loop: FakeLoop, ticker: Ticker) -> None:
    member = Member(loop)
    ticker.join(member, 0.0)
    ticker.close()
    ticker.close()
    loop.advance(1.0)
    assert member.called == []
    assert loop.pending == 0


class Watcher:
    """Notes when it looked; finds something so many times."""

    def __init__(self, finds: int) -> None:
        self.looked: list[float] = []
        self._finds = finds

    def look(self, now: float) -> bool:
        self.looked.append(now)
        return len(self.looked) <= self._finds


def test_a_watcher_looks_every_10_ms_until_it_finds_nothing(loop: FakeLoop, ticker: Ticker) -> None:
    watcher = Watcher(finds=9)
    ticker.watch(watcher)
    loop.advance(1)
    assert len(watcher.looked) == 10
    assert [b - a for a, b in itertools.pairwise(watcher.looked)] == pytest.approx([FRAME / 2] * 9)
    assert loop.pending == 0


def test_a_watcher_looks_whenever_the_process_wakes_for_members_and_before_them(
    loop: FakeLoop, ticker: Ticker
) -> None:
    member, watcher = Member(loop), Watcher(finds=10**9)
    ticker.join(member, 0.0)
    loop.advance(0.1)
    ticker.watch(watcher)
    before = len(member.called)
    loop.advance(1.0)
    assert set(member.called[before:]) <= set(watcher.looked)
    assert max(b - a for a, b in itertools.pairwise(watcher.looked)) <= FRAME / 2 + 1e-6
    assert len(watcher.looked) <= 2 * (len(member.called) - before) + 1


@given(st.lists(st.tuples(st.floats(0, 0.05), st.integers(1, 20)), min_size=1, max_size=30))
def test_however_members_come_each_is_called_on_its_beat(members: list[tuple[float, int]]) -> None:
    loop = FakeLoop()
    ticker = Ticker(loop.as_loop())
    joined = []
    for pause, ticks in members:
        loop.advance(pause)
        member = Member(loop, ticks)
        ticker.join(member, 0.0)
        joined.append((loop.time(), member, ticks))
    loop.advance(1.0)
    for began, member, ticks in joined:
        assert len(member.called) == ticks
        assert member.called[0] - began <= FRAME
        assert all(b - a >= FRAME - 0.0021 for a, b in itertools.pairwise(member.called))
    assert loop.pending == 0
