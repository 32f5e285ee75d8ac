"""How figures, times and money are written on pages. Pure: what is shown goes in, words come out.

Wall clock is UTC here, since a server does not know where its reader sits; `static/times.js` writes the
reader's own.
"""

import zlib
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from markupsafe import Markup, escape

HUES: Final = 12
"""How many hues of agents the style sheet has: `hue-0` to `hue-11`."""

NOTHING: Final = "\u2013"
THIN_SPACE: Final = "\u2009"


def hue(name: str) -> int:
    """The hue of an agent: stable, from its name alone."""
    return zlib.crc32(name.encode()) % HUES


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


def duration(seconds: float | None) -> str:
    """A length in words, such as `12 s`, `3 min 05 s` or `2 h 10 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole // 60 % 60:02} min"


def milliseconds(value: float | None) -> str:
    """A wait, such as `840 ms` or `1.2 s`."""
    if value is None:
        return NOTHING
    return f"{round(value)} ms" if value < 999.5 else f"{value / 1000:.1f} s"


def money(amount: Decimal | None) -> str:
    """US dollars: cents where there are some, else as many places as show two figures."""
    if amount is None:
        return NOTHING
    if not amount:
        return "$0"
    places = 2 if abs(amount) >= 1 else min(max(2, 1 - amount.adjusted()), 6)
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{'-' if rounded < 0 else ''}${abs(rounded):,f}"


def count(number: float | None) -> str:
    """A number with thousands set apart."""
    return NOTHING if number is None else f"{number:,}".replace(",", THIN_SPACE)


def percent(part: float, whole: float) -> str:
    """A share, such as `12 %`; a dash where there is nothing to have a share of."""
    return f"{100 * part / whole:.0f}{THIN_SPACE}%" if whole else NOTHING


def moment(seconds: float | None, start: float | None = None) -> Markup:
    """A moment as a `time` element, with the wall clock to the second on hover.

    Args:
        seconds: Since the Unix epoch.
        start: Of the call: the moment is then shown as a place in it.
    """
    if seconds is None:
        return escape(NOTHING)
    at = datetime.fromtimestamp(seconds, UTC)
    shown = wall(seconds) if start is None else since(seconds, start)
    exact, kind = at.isoformat(timespec="milliseconds"), "wall" if start is None else "place"
    return Markup(  # noqa: S704 - figures alone, and there is one in every row
        f'<time datetime="{exact}" title="{at:%Y-%m-%d %H:%M:%S} UTC" data-time="{kind}">{shown}</time>'
    )


def wall(seconds: float) -> str:
    """A moment in seconds since the Unix epoch, such as `27 Nov 09:20`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%d %b %H:%M}"


FILTERS: Final = {
    function.__name__: function
    for function in (hue, agent, clock, since, duration, milliseconds, money, count, percent, moment, wall)
}
