"""The days that figures are of. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from orchestrator.web.wording import Wording

CHOICES: Final = (1, 7, 30)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, UTC, up to and with today.

    Attributes:
        days: How many.
        first: The first of them, as the list of conversations reads it.
        since: Its beginning, in seconds since the Unix epoch.
    """

    days: int
    first: str
    since: float

    @property
    def today(self) -> float:
        """The beginning of its last day, in seconds since the Unix epoch."""
        return self.since + (self.days - 1) * 86400.0

    def words(self, word: Wording) -> str:
        """As a page says it."""
        return word("today") if self.days == 1 else word("in the last {} days", self.days)


def read_period(text: str, now: float, default: int = 7) -> Period:
    """Read the parameter `days`; what is none of the choices is the default."""
    days = next((choice for choice in CHOICES if text == str(choice)), default)
    today = datetime.fromtimestamp(now, UTC).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time(), UTC).timestamp()
    return Period(days, first.isoformat(), since)
