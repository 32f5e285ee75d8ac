"""What was spent, by agent or day: dear to reckon over many responses, so kept for a while.

Everybody who looks at a page within that while is shown the same; who asks while it is reckoned waits for it,
so that many readers cost no more than one.
"""

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from orchestrator.store.database import Database
from orchestrator.store.usage import Grouping, usage_by

KEPT_SECONDS: Final = 30.0

Costs = dict[str, Decimal | None]


class RecentCosts:
    """Reckons costs, and keeps them for half a minute.

    Args:
        database: Where usage is.
        clock: Seconds, from any beginning.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._kept: dict[tuple[Grouping, float], tuple[float, Costs]] = {}
        self._reckoning = asyncio.Lock()

    async def by(self, grouping: Grouping, since: float) -> Costs:
        """What was spent since a moment, by group; None where nothing of a group has a price.

        Raises:
            StoreUnavailableError: It cannot be looked up now.
        """
        async with self._reckoning:
            now = self._clock()
            # Days pass: what was kept of other periods goes with its time.
            self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < KEPT_SECONDS}
            if (grouping, since) not in self._kept:
                async with self._database.read() as connection:
                    used = await usage_by(connection, grouping, since=since)
                self._kept[grouping, since] = (now, {each.group: each.cost for each in used})
            return self._kept[grouping, since][1]
