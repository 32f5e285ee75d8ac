"""How places and lengths of the one clock are written on pages: filters of templates, pure."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from orchestrator.web.review.clock import clock_text, length_text


def place(ms: int) -> str:
    """A place on the clock: `1:07.4`."""
    return clock_text(ms)


def length_of_time(ms: int) -> str:
    """A length of time in words: `2.1 s`."""
    return length_text(ms)


def in_seconds(ms: int) -> str:
    """A place on the clock as an address has it: `67.4`."""
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


def share(ms: int, whole: int) -> str:
    """A length as a part of another, for attributes of SVG: `12.5%`."""
    percent = min(max(ms, 0) * 100 / whole, 100) if whole > 0 else 0
    return f"{percent:.3f}%"


def place_mark(ms: int, at: float) -> Markup:
    """A place on the clock as a `time` element, with the wall clock on hover.

    Args:
        ms: On the clock.
        at: The moment that it stands for, in seconds since the Unix epoch.
    """
    moment = datetime.fromtimestamp(at, UTC)
    exact, wall = moment.isoformat(timespec="milliseconds"), f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return Markup(  # noqa: S704 - figures alone, and there is one in every row
        f'<time datetime="{exact}" title="{wall}" data-time="place">{clock_text(ms)}</time>'
    )


REVIEW_FILTERS: Final[dict[str, Callable[..., str]]] = {
    function.__name__: function for function in (place, length_of_time, in_seconds, share, place_mark)
}
