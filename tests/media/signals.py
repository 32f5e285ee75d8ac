"""Waiting for what a test expects, with a deadline and without sleeps."""

import asyncio
from collections.abc import Callable

from tests.patience import PATIENCE


class Signals:
    """Whoever changes something pokes; whoever waits looks again."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def poke(self) -> None:
        self._changed.set()

    async def until(self, condition: Callable[[], object], deadline: float = PATIENCE) -> None:
        async with asyncio.timeout(deadline):
            while not condition():
                self._changed.clear()
                await self._changed.wait()
