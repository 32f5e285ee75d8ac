"""What a reader asks the list for: query parameters in, a filter of the store out. Pure.

The address is the filter: whatever the page shows can be linked, kept and opened without scripts. A value
that cannot be understood is told beside its field, and does not matter otherwise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from orchestrator.core.records import ConversationStatus
from orchestrator.store.conversations import ConversationFilter
from orchestrator.web.wording import Wording

LONGEST: Final = 300
"""Letters of one value."""

SLOWEST_SECONDS: Final = 100_000.0

OUTCOMES: Final[Mapping[str, str]] = {
    "live": "live now",
    "idle": "caller left",
    "agent": "ended by the agent",
    "operator": "ended by an operator",
}
"""How conversations stand, by the word in the address."""

ERRORS: Final[Mapping[str, str]] = {"any": "any error", "tool": "a tool failed", "none": "no error"}
"""What went wrong, by the word in the address."""

STATUSES: Final[Mapping[str, ConversationStatus]] = {"live": "live", "idle": "idle"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The query parameters of the list, as text; empty where one is not given.

    Attributes:
        q: Words of a transcript, or of a tool's name.
        outcome: One of `OUTCOMES`.
        since, until: First and last day, UTC, as `2026-11-27`; `from` and `to` in the address.
        error: One of `ERRORS`.
        slow: Seconds that a reply was longer in coming than.
    """

    q: str = ""
    agent: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""
    error: str = ""
    slow: str = ""
    label: str = ""
    verdict: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether every conversation is asked for."""
        return not self.query

    @property
    def query(self) -> str:
        """As it stands in an address, without what is not given."""
        given = {NAMES.get(field.name, field.name): getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in given.items() if value})

    def address(self, after: str | None = None) -> str:
        """The address of the list with this filter, from a cursor on."""
        parts = [part for part in (self.query, urlencode({"after": after}) if after else "") if part]
        return "/conversations" + (f"?{'&'.join(parts)}" if parts else "")

    def problems(self, word: Wording) -> dict[str, str]:
        """What cannot be understood, by field."""
        found = {}
        if self.outcome and self.outcome not in OUTCOMES:
            found["outcome"] = word("Choose one of {}.", ", ".join(OUTCOMES))
        if self.error and self.error not in ERRORS:
            found["error"] = word("Choose one of {}.", ", ".join(ERRORS))
        for name in ("since", "until"):
            if (value := getattr(self, name)) and _day(value) is None:
                found[name] = word("Write a day as 2026-11-27.")
        if self.slow and _seconds(self.slow) is None:
            found["slow"] = word("Write seconds, such as 2.5.")
        return found

    def filter(self) -> ConversationFilter:
        """For the store."""
        since, until, slow = _day(self.since), _day(self.until), _seconds(self.slow)
        return ConversationFilter(
            text=self.q or None,
            agent=self.agent or None,
            status=STATUSES.get(self.outcome),
            ended_by=self.outcome if self.outcome in OUTCOMES and self.outcome not in STATUSES else None,
            created_from=None if since is None else since.timestamp(),
            created_before=None if until is None else (until + timedelta(days=1)).timestamp(),
            tool_error=True if self.error == "tool" else None,
            has_error={"any": True, "none": False}.get(self.error),
            slower_than_ms=None if slow is None else round(slow * 1000),
            label=self.label or None,
            verdict=self.verdict or None,
        )


NAMES: Final = {"since": "from", "until": "to"}
"""Parameters that have another name in the address: the usual one is a word of Python's."""


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """Read the query parameters of an address; those that are not ours are left out."""
    given = {field.name: parameters.get(NAMES.get(field.name, field.name), "") for field in fields(Asked)}
    return Asked(**{name: _clean(value) for name, value in given.items()})


def asked_in(query: str) -> Asked:
    """Read what a filter was kept as: `Asked.query`."""
    return read_asked(dict(parse_qsl(query)))


def _clean(value: str) -> str:
    return "".join(letter for letter in value if letter.isprintable()).strip()[:LONGEST]


def _day(value: str) -> datetime | None:
    try:
        day = date.fromisoformat(value)
        # The last day of the calendar has no day after it.
        return (
            datetime(day.year, day.month, day.day, tzinfo=UTC) if date(1970, 1, 1) <= day < date.max else None
        )
    except ValueError:
        return None


def _seconds(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= SLOWEST_SECONDS else None
