"""How figures, times and money are written on pages. Pure: what is shown goes in, words come out.

What is written differently in another language takes a `language`, one of `NOTATIONS`, which templates need
not give.

Wall clock is UTC here, since a server does not know where its reader sits; `static/times.js` writes the
reader's own.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from orchestrator.web.wording import ENGLISH

HUES: Final = 12
"""How many hues of agents the style sheet has: `hue-0` to `hue-11`."""

KNOWN_AGENTS: Final = 256
"""Agents whose name is made once for all rows that show it."""

NOTHING: Final = "\u2013"
THIN_SPACE: Final = "\u2009"
HARD_SPACE: Final = "\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How a language writes figures and days.

    Attributes:
        point: What is before the tenths.
        thousands: What sets thousands of a count apart.
        money_thousands: The same of an amount of money.
        money: An amount, with `{}` for the figure.
        day, short_day, moment, whole_moment: For `strftime`.
    """

    point: str
    thousands: str
    money_thousands: str
    money: str
    day: str
    short_day: str
    moment: str
    whole_moment: str


NOTATIONS: Final[Mapping[str, Notation]] = {
    ENGLISH: Notation(
        point=".",
        thousands=THIN_SPACE,
        money_thousands=",",
        money="${}",
        day="%Y-%m-%d",
        short_day="%m-%d",
        moment="%d %b %H:%M",
        whole_moment="%Y-%m-%d %H:%M:%S UTC",
    ),
    "de": Notation(
        point=",",
        thousands=".",
        money_thousands=".",
        money=f"{{}}{HARD_SPACE}$",
        day="%d.%m.%Y",
        short_day="%d.%m.",
        moment="%d.%m., %H:%M",
        whole_moment="%d.%m.%Y, %H:%M:%S UTC",
    ),
}


@lru_cache(KNOWN_AGENTS)
def hue(name: str) -> int:
    """The hue of an agent: stable, from its name alone."""
    return zlib.crc32(name.encode()) % HUES


@lru_cache(KNOWN_AGENTS)
def agent(name: str) -> Markup:
    """The name of an agent, with a dot of its hue."""
    return Markup(  # noqa: S704 - escaped
        f'<span class="agent hue-{hue(name)}"><svg class="dot" viewBox="0 0 8 8" width="8" height="8" '
        f'aria-hidden="true"><circle cx="4" cy="4" r="4"/></svg>{escape(name)}</span>'
    )


def clock(seconds: float | None) -> str:
    """A place in a call, such as `1:05` or `1:02:05`."""
    if seconds is None:
        return NOTHING
    whole = int(max(seconds, 0))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def since(at: float | None, start: float) -> str:
    """A moment as a place in the call that began at `start`; both in seconds since the Unix epoch."""
    return NOTHING if at is None else clock(at - start)


def duration(seconds: float | None, language: str = ENGLISH) -> str:
    """A length in words, such as `12 s`, `3 min 05 s` or `2 h 10 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s".replace(".", NOTATIONS[language].point)
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole // 60 % 60:02} min"


def milliseconds(value: float | None, language: str = ENGLISH) -> str:
    """A wait, such as `840 ms` or `1.2 s`."""
    if value is None:
        return NOTHING
    if value < 999.5:
        return f"{round(value)} ms"
    return f"{value / 1000:.1f} s".replace(".", NOTATIONS[language].point)


def money(amount: Decimal | None, language: str = ENGLISH) -> str:
    """US dollars: cents where there are some, else as many places as show two figures."""
    if amount is None:
        return NOTHING
    notation = NOTATIONS[language]
    if not amount:
        return notation.money.format(0)
    places = 2 if abs(amount) >= 1 else min(max(2, 1 - amount.adjusted()), 6)
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, cents = f"{abs(rounded):,f}".partition(".")
    figure = f"{whole.replace(',', notation.money_thousands)}{notation.point}{cents}"
    return f"{'-' if rounded < 0 else ''}{notation.money.format(figure)}"


def count(number: float | None, language: str = ENGLISH) -> str:
    """A number with thousands set apart."""
    if number is None:
        return NOTHING
    notation = NOTATIONS[language]
    whole, point, rest = f"{number:,}".partition(".")
    whole = whole.replace(",", notation.thousands)
    return f"{whole}{notation.point}{rest}" if point else whole


def percent(part: float, whole: float) -> str:
    """A share, such as `12 %`; a dash where there is nothing to have a share of."""
    return f"{100 * part / whole:.0f}{THIN_SPACE}%" if whole else NOTHING


def moment(seconds: float | None, start: float | None = None, language: str = ENGLISH) -> Markup:
    """A moment as a `time` element, with the wall clock to the second on hover.

    Args:
        seconds: Since the Unix epoch.
        start: Of the call: the moment is then shown as a place in it.
        language: Of the page.
    """
    if seconds is None:
        return escape(NOTHING)
    at, notation = datetime.fromtimestamp(seconds, UTC), NOTATIONS[language]
    shown = f"{at:{notation.moment}}" if start is None else since(seconds, start)
    exact, kind = at.isoformat(timespec="milliseconds"), "wall" if start is None else "place"
    return Markup(  # noqa: S704 - figures alone, and there is one in every row
        f'<time datetime="{exact}" title="{at:{notation.whole_moment}}" data-time="{kind}">{shown}</time>'
    )


def wall(seconds: float, language: str = ENGLISH) -> str:
    """A moment in seconds since the Unix epoch, such as `27 Nov 09:20`."""
    return f"{datetime.fromtimestamp(seconds, UTC):{NOTATIONS[language].moment}}"


def day(text: str, language: str = ENGLISH) -> str:
    """A day that is given as `2026-11-27`."""
    return f"{date.fromisoformat(text):{NOTATIONS[language].day}}"


def short_day(text: str, language: str = ENGLISH) -> str:
    """A day that is given as `2026-11-27`, without its year."""
    return f"{date.fromisoformat(text):{NOTATIONS[language].short_day}}"


FILTERS: Final = {
    function.__name__: function
    for function in (
        hue,
        agent,
        clock,
        since,
        duration,
        milliseconds,
        money,
        count,
        percent,
        moment,
        wall,
        day,
        short_day,
    )
}
"""What templates write with."""
