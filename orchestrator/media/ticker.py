"""One clock that paces the packets of all calls: a 20 ms round in ten phases of 2 ms.

With every call on one instant, the last of sixty is served 37 ms late; spread over phases, 8 ms. A stalled
loop never causes a burst: rounds that were missed are left out. While much is received, it is looked for on
the same beat: each time that the process wakes costs more than a packet does.
"""

import asyncio
import math
from typing import Final, Protocol

FRAME: Final = 0.02
"""Seconds between two packets of a call."""

PHASES: Final = 10
_STEP: Final = FRAME / PHASES
_ROUNDING: Final = 0.01
"""Steps by which a time that is meant to be a beat may lie beyond it, as sums of frames do."""

_MEMBER_COST: Final = 0.001
"""Seconds that a new member rather waits than share a phase with one more; ten times what a packet takes."""

_COMPANY: Final = 16
"""Members that a phase takes before others are opened, if it comes soon: waking costs more than sending."""

_LOOK_STEPS: Final = 5
"""Steps between two looks of a watcher at the most: twice a round, however few the members are."""

_SOON: Final = 5
"""Steps, half a round: within so many comes a phase with company, or the one half a round away from it. That
one is opened before any other: the watcher looks then in any case, so the process wakes no more often."""


class Ticking(Protocol):
    """Something that wants to act once a frame."""

    def tick(self, due: float, now: float) -> bool:
        """Act, or not if it is too early; return whether to be called again in 20 ms.

        Args:
            due: When the call was due, in loop time.
            now: When it comes: a little later, or up to a frame later after a stall.
        """
        ...

    def fail(self, error: Exception) -> None:
        """Hear that `tick` raised; it is not called again."""
        ...


class Watching(Protocol):
    """Something that wants to look, again and again, for what has come."""

    def look(self, now: float) -> bool:
        """Look for what has come until loop time `now`; return whether to be called again soon."""
        ...


class Ticker:
    """Calls its members once a frame, each in its phase; idle while it has none.

    Args:
        loop: Whose clock and timers are used.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._origin = loop.time()
        self._phases: list[list[Ticking]] = [[] for _ in range(PHASES)]
        self._watcher: Watching | None = None
        self._done_step = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_step = 0

    @property
    def members(self) -> int:
        """How many are being called."""
        return sum(map(len, self._phases))

    def join(self, member: Ticking, not_before: float, *, hurried: bool = False) -> None:
        """Call `member` from the next fitting instant on.

        Args:
            member: Not a member now.
            not_before: Loop time from which its first call is wanted, at most a frame ahead. An earlier
                call can happen, and is for the member to pass over.
            hurried: Whether it waits for no company. If `not_before` has passed, it does all the same: what
                a stall has scattered would else wake the process for each.
        """
        current = self._catch_up()
        wanted = math.ceil((not_before - self._origin) / _STEP - _ROUNDING)
        first = max(self._done_step + 1, current)
        step = wanted if hurried and wanted >= first else self._choose(max(first, wanted))
        self._phases[step % PHASES].append(member)
        self._arm(step)

    def watch(self, watcher: Watching) -> None:
        """Call `watcher` whenever the process wakes for members, before them, and 10 ms later at the latest.

        Args:
            watcher: The only one; it stays until its `look` returns False.
        """
        self._watcher = watcher
        self._arm(self._catch_up() + _LOOK_STEPS)

    def leave(self, member: Ticking) -> None:
        """Call `member` no more; nothing happens if it is none."""
        for phase in self._phases:
            if member in phase:
                phase.remove(member)

    def close(self) -> None:
        """Forget all members and stop the timer."""
        for phase in self._phases:
            phase.clear()
        self._watcher = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _catch_up(self) -> int:
        """Return the present step; rounds that lie behind it are not made up for."""
        current = math.floor((self._loop.time() - self._origin) / _STEP)
        self._done_step = max(self._done_step, current - PHASES)
        return current

    def _choose(self, earliest: int) -> int:
        soon = range(earliest, earliest + _SOON)
        for step in soon:
            if 0 < len(self._phases[step % PHASES]) < _COMPANY:
                return step
        for step in soon:
            if not self._phases[step % PHASES] and self._phases[(step + _LOOK_STEPS) % PHASES]:
                return step
        return min(range(earliest, earliest + PHASES), key=self._cost)

    def _cost(self, step: int) -> float:
        return step * _STEP + len(self._phases[step % PHASES]) * _MEMBER_COST

    def _arm(self, step: int) -> None:
        """Wake at a step, unless an earlier wake is set."""
        if self._timer is not None:
            if self._timer_step <= step:
                return
            self._timer.cancel()
        self._timer_step = step
        self._timer = self._loop.call_at(self._origin + step * _STEP, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._loop.time()
        # Half a step of grace: timers may fire a little early, by the clock's resolution.
        current = math.floor((now - self._origin) / _STEP + 0.5)
        if self._watcher is not None and not self._watcher.look(now):
            self._watcher = None
        for step in range(max(self._done_step + 1, current - PHASES + 1), current + 1):
            self._run(self._phases[step % PHASES], self._origin + step * _STEP, now)
        self._done_step = max(self._done_step, current)
        following = self._done_step + 1
        latest = following + PHASES if self._watcher is None else current + _LOOK_STEPS
        for step in range(following, latest):
            if self._phases[step % PHASES]:
                self._arm(step)
                return
        if self._watcher is not None:
            self._arm(latest)

    def _run(self, phase: list[Ticking], due: float, now: float) -> None:
        for member in phase.copy():
            try:
                stays = member.tick(due, now)
            except Exception as error:  # noqa: BLE001 - one call's fault must not silence the others
                stays = False
                member.fail(error)
            if not stays and member in phase:
                phase.remove(member)
