"""What was spent, and how long callers waited: dear to reckon over many responses, so kept for a while.

Everybody who looks at a page within that while is shown the same; who asks while it is reckoned waits for it,
so that many readers cost no more than one. Days that are over hardly change any more, and are kept longer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from decimal import Decimal
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.database import Database
from orchestrator.store.overview import DayWaits, load_waits
from orchestrator.store.usage import Grouping, usage_by
from orchestrator.web.period import Period

KEPT_SECONDS: Final = 30.0
OVER_SECONDS: Final = 600.0
"""How long the figures of days that are over are kept: a price may be mended, a conversation erased."""

Costs = dict[str, Decimal | None]
Found = TypeVar("Found")


class RecentFigures:
    """Reckons figures, and keeps them.

    Args:
        database: Where usage is.
        clock: Seconds, from any beginning.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, object]] = {}
        self._reckoning = asyncio.Lock()

    async def costs(self, grouping: Grouping, since: float) -> Costs:
        """What was spent since a moment, by group; None where nothing of a group has a price.

        Raises:
            StoreUnavailableError: It cannot be looked up now.
        """
        return await self._found(
            ("costs", grouping, since), KEPT_SECONDS, lambda reading: _costs(reading, grouping, since)
        )

    async def costs_by_day(self, period: Period) -> Costs:
        """What was spent on each day of a period.

        Raises:
            StoreUnavailableError: It cannot be looked up now.
        """
        return await self._by_day(
            "costs", period, lambda reading, since, until: _costs(reading, "day", since, until)
        )

    async def waits(self, period: Period) -> dict[str, DayWaits]:
        """How long callers waited on each day of a period.

        Raises:
            StoreUnavailableError: It cannot be looked up now.
        """
        return await self._by_day("waits", period, load_waits)

    async def _by_day(
        self,
        name: str,
        period: Period,
        reckon: Callable[[AsyncConnection, float, float | None], Awaitable[dict[str, Found]]],
    ) -> dict[str, Found]:
        today = period.today
        found = await self._found(
            (name, "today", today), KEPT_SECONDS, lambda reading: reckon(reading, today, None)
        )
        if period.since == today:
            return found
        over = await self._found(
            (name, period.since, today), OVER_SECONDS, lambda reading: reckon(reading, period.since, today)
        )
        return over | found

    async def _found(
        self, key: Hashable, seconds: float, reckon: Callable[[AsyncConnection], Awaitable[Found]]
    ) -> Found:
        async with self._reckoning:
            now = self._clock()
            # Days pass: what was kept of other periods goes with its time.
            self._kept = {name: kept for name, kept in self._kept.items() if now < kept[0]}
            if key not in self._kept:
                async with self._database.read() as connection:
                    self._kept[key] = (now + seconds, await reckon(connection))
            return self._kept[key][1]  # type: ignore[return-value]  # a key is of one kind of figure


async def _costs(
    connection: AsyncConnection, grouping: Grouping, since: float, until: float | None = None
) -> Costs:
    used = await usage_by(connection, grouping, since=since, until=until)
    return {each.group: each.cost for each in used}
