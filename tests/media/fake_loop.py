"""A loop whose time stands still until a test moves it: enough of one for timers and readers."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Any, cast


class FakeTimer:
    """A timer of the fake loop."""

    def __init__(self, when: float, callback: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._when = when
        self.callback = callback
        self.arguments = arguments
        self.cancelled = False

    def when(self) -> float:
        return self._when

    def cancel(self) -> None:
        self.cancelled = True


class FakeLoop:
    """Time and timers; `advance` runs what is due, in order, at its own time."""

    def __init__(self, start: float = 100.0) -> None:
        self._now = start
        self._timers: list[tuple[float, int, FakeTimer]] = []
        self._order = itertools.count()
        self.readers: dict[object, Callable[[], None]] = {}

    def time(self) -> float:
        return self._now

    def call_at(self, when: float, callback: Callable[..., None], *arguments: Any) -> FakeTimer:
        timer = FakeTimer(when, callback, arguments)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def call_later(self, delay: float, callback: Callable[..., None], *arguments: Any) -> FakeTimer:
        return self.call_at(self._now + delay, callback, *arguments)

    def add_reader(self, source: object, callback: Callable[[], None]) -> None:
        self.readers[source] = callback

    def remove_reader(self, source: object) -> bool:
        return self.readers.pop(source, None) is not None

    @property
    def pending(self) -> int:
        return sum(not timer.cancelled for _, _, timer in self._timers)

    def advance(self, seconds: float, *, stalled: bool = False) -> None:
        """Let time pass. A stalled loop runs nothing until the end, then everything that is due."""
        end = self._now + seconds
        if stalled:
            self._now = end
        while self._timers and self._timers[0][0] <= end + 1e-12:
            when, _, timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            self._now = max(self._now, when)
            timer.callback(*timer.arguments)
        self._now = max(self._now, end)

    def as_loop(self) -> asyncio.AbstractEventLoop:
        return cast(asyncio.AbstractEventLoop, self)
