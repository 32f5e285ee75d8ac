"""Virtual time: an event loop on which waiting costs nothing.

When no task can run, the clock jumps to the next timer. A conversation of thirty seconds, a deadline of ten
and a session of an hour take milliseconds, and come out the same every time.

For pure asyncio code: queues, events, timers, `MemoryTransport`. The loop does not see what a socket, a
subprocess or another thread is about to deliver, and the clock may jump ahead of it: tests with sockets use
real time.
"""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar

from orchestrator.core.errors import OrchestratorError

T = TypeVar("T")

DAY: Final = 86_400.0
PATIENCE: Final = 10.0
"""Real seconds to wait for another thread when no timer is left to jump to."""


class StalledError(OrchestratorError):
    """Every task waits for something that cannot come: no timer is left, and nothing else happens."""

    code = "stalled"


class TimeRanOutError(OrchestratorError):
    """The scenario went on for longer than its limit of virtual seconds."""

    code = "time_ran_out"


class _JumpingSelector(selectors.BaseSelector):
    """Asks the real selector without waiting, and passes the time that it was to wait instead."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = self._real.select(PATIENCE)
            if not ready:
                raise StalledError(
                    f"At {self.now:.3f} virtual seconds every task waits, and no timer is left to jump to. "
                    "Feed what they wait for, or give the wait a deadline."
                )
            return ready
        self.now += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, selector: _JumpingSelector) -> None:
        super().__init__(selector)
        self._virtual = selector

    def time(self) -> float:
        return self._virtual.now


class VirtualTime:
    """A clock that jumps, and the runs that share it.

    Args:
        start: What `clock` says at first, in seconds since the Unix epoch.
    """

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._start = start
        self._passed = 0.0
        self._selector: _JumpingSelector | None = None

    @property
    def passed(self) -> float:
        """Virtual seconds since the beginning."""
        return self._passed + (self._selector.now if self._selector is not None else 0.0)

    def clock(self) -> float:
        """The wall clock, to be handed to code that asks for one."""
        return self._start + self.passed

    def run(self, main: Coroutine[Any, Any, T], *, limit: float | None = DAY) -> T:
        """Run a coroutine on a loop of its own, in virtual time.

        Args:
            main: The scenario.
            limit: Virtual seconds that it may take; None for no limit, where a scenario without any timer
                is to be found stalled at once.

        Raises:
            StalledError: Every task waits for something that cannot come.
            TimeRanOutError: The scenario took longer than its limit.
        """
        self._selector = selector = _JumpingSelector()
        try:
            with asyncio.Runner(loop_factory=lambda: _VirtualLoop(selector)) as runner:
                return runner.run(_limited(main, limit))
        finally:
            self._passed += selector.now
            self._selector = None


async def _limited(main: Coroutine[Any, Any, T], limit: float | None) -> T:
    try:
        async with asyncio.timeout(limit) as deadline:
            return await main
    except TimeoutError:
        if not deadline.expired():
            raise
        raise TimeRanOutError(f"The scenario still ran after {limit:g} virtual seconds.") from None
