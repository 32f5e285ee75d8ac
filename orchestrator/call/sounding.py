"""Until when the caller hears what there is: from when sound began, and how much of it there is."""

import asyncio
from collections.abc import Callable


class Sounding:
    """The sound of replies on its way to one caller, whoever plays it.

    A client that plays by itself is taken to play at once and without pauses.

    Args:
        made_ms: How much sound of an item there is, in milliseconds.
        clock: Seconds.
    """

    def __init__(self, made_ms: Callable[[str], int], clock: Callable[[], float]) -> None:
        self._made_ms = made_ms
        self._clock = clock
        self._began: dict[str, float] = {}
        self._paused_at: float | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def began(self, item_id: str) -> None:
        """The first sound of an item is on its way."""
        if not self.goes_on:
            self._began.clear()
        self._began[item_id] = self._clock()

    def cut(self) -> None:
        """Nothing more is heard of what there was."""
        self._began.clear()

    def pause(self) -> None:
        """What there is is held back."""
        if self._paused_at is None:
            self._paused_at = self._clock()

    def resume(self) -> None:
        """It goes on."""
        paused_at, self._paused_at = self._paused_at, None
        if paused_at is not None:
            late = self._clock() - paused_at
            self._began = {item_id: began + late for item_id, began in self._began.items()}

    @property
    def goes_on(self) -> bool:
        """Whether sound is being heard, or about to be."""
        return self.left > 0

    @property
    def left(self) -> float:
        """For how many seconds."""
        end = 0.0
        for item_id, began in self._began.items():
            end = max(end, began) + self._made_ms(item_id) / 1000
        return max(0.0, end - (self._paused_at or self._clock()))

    def watch(self, then: Callable[[], None]) -> None:
        """Call back once all is heard, in place of whom was to be called before."""
        self.stop()
        self._alarm = asyncio.get_running_loop().call_later(self.left, self._look, then)

    def stop(self) -> None:
        """Call nobody back."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _look(self, then: Callable[[], None]) -> None:
        if self.goes_on:
            self.watch(then)
        else:
            self._alarm = None
            then()
