"""How places and lengths of the one clock are written on pages: filters of templates, pure.

Some write several attributes of an element at once. A long call has a thousand such elements, and a template
takes ten times as long to put an element together from single values.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from orchestrator.web.escaping import escaped
from orchestrator.web.formats import NOTATIONS, hue, milliseconds
from orchestrator.web.review.clock import clock_text, length_text
from orchestrator.web.review.latency import STAGES, Reply
from orchestrator.web.review.rows import Row
from orchestrator.web.wording import ENGLISH, WORDINGS

NOTE: Final = {language: word("Note") for language, word in WORDINGS.items()}
STAGE_NAMES: Final = {
    language: {stage: word(stage) for stage in STAGES} for language, word in WORDINGS.items()
}
"""What stages of a reply are called, by language; there is no need to escape them."""

AMOUNT: Final = re.compile(r"-?\d+\.\d\d")

PLAIN: Final = re.compile(r"[\w./~-]*", re.ASCII)
"""What `quote` leaves as it is, which is every id of ours: to see that takes a quarter of its time."""

STAGE_LOOKS: Final = {name: f"stage stage-{name.replace(' ', '-')}" for name in STAGES}


def place(ms: int, language: str = ENGLISH) -> str:
    """A place on the clock: `1:07.4`."""
    return clock_text(ms, language)


def length_of_time(ms: int, language: str = ENGLISH) -> str:
    """A length of time in words: `2.1 s`."""
    return length_text(ms, language)


def amount(text: str, language: str = ENGLISH) -> str:
    """An amount of money as a state has it, such as `12.50`; any other text as it stands."""
    return text.replace(".", NOTATIONS[language].point) if AMOUNT.fullmatch(text) else text


def in_seconds(ms: int) -> str:
    """A place on the clock as an address has it: `67.4`."""
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


def share(ms: int, whole: int) -> str:
    """A length as a part of another, for attributes of SVG: `12.5%`."""
    percent = min(max(ms, 0) * 100 / whole, 100) if whole > 0 else 0
    return f"{percent:.3f}%"


def leads_to(ms: int) -> Markup:
    """The attributes of a link to a place on the clock."""
    return Markup(f'href="?t={in_seconds(ms)}" data-seek="{ms}"')  # noqa: S704 - figures alone


def across(from_ms: int, until_ms: int, whole: int) -> Markup:
    """Where a stretch of time is in a picture of the whole: attributes of SVG."""
    return Markup(_stretch(from_ms, until_ms, whole))  # noqa: S704 - figures alone


def _stretch(from_ms: int, until_ms: int, whole: int) -> str:
    return f'x="{share(from_ms, whole)}" width="{share(until_ms - from_ms, whole)}"'


def line_marks(row: Row) -> Markup:
    """The attributes of the element of a row: its name, its looks, and its place on the clock."""
    live = " in-progress" if row.live else ""
    looks = f"line line-{row.kind}{live} hue-{hue(row.agent)}"
    return Markup(  # noqa: S704 - escaped
        f'id="{escaped(row.key)}" class="{looks}" data-at="{row.at_ms}" data-end="{row.end_ms}"'
    )


def line_place(row: Row, language: str = ENGLISH) -> Markup:
    """Where on the clock a row begins, as a link to it, with the wall clock on hover."""
    link = f"?t={in_seconds(row.at_ms)}#{_quoted(row.key)}"
    exact = datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds")
    wall = f"{exact[:10]} {exact[11:19]} UTC"
    return Markup(  # noqa: S704 - quoted
        f'<a class="at" href="{link}" data-seek="{row.at_ms}">'
        f'<time datetime="{exact}" title="{wall}" data-time="place">'
        f"{clock_text(row.at_ms, language)}</time></a>"
    )


def _quoted(text: str) -> str:
    return text if PLAIN.fullmatch(text) else quote(text)


def note_link(item_id: str, language: str = ENGLISH) -> Markup:
    """A link that begins a note about an item."""
    return Markup(  # noqa: S704 - quoted and escaped
        f'<a class="quiet-link note-link" href="?note={_quoted(item_id)}#write-note"'
        f' data-note="{escaped(item_id)}">{NOTE[language]}</a>'
    )


def stages(reply: Reply, whole: int, *, until_heard: bool = False, language: str = ENGLISH) -> Markup:
    """The stages of a reply as stretches of a bar.

    Args:
        reply: Which one.
        whole: How many milliseconds the bar is long.
        until_heard: Whether the bar ends where the reply is first heard.
        language: Of their names.
    """
    shown = reply.stages
    if until_heard:
        end = reply.from_ms + (reply.wait_ms or 0)
        shown = tuple(stage for stage in shown if stage.name != "playout" and stage.from_ms < end)
    start, names = reply.from_ms, STAGE_NAMES[language]
    return Markup(  # noqa: S704 - figures, and names of ours
        "".join(
            f'<rect class="{STAGE_LOOKS[stage.name]}" height="100%"'
            f" {_stretch(stage.from_ms - start, stage.until_ms - start, whole)}>"
            f"<title>{names[stage.name]}: {milliseconds(stage.length_ms, language)}"
            "</title></rect>"
            for stage in shown
        )
    )


def stages_in_words(reply: Reply, language: str = ENGLISH) -> str:
    """The stages of a reply: `think 340 ms, voice 120 ms`."""
    names = STAGE_NAMES[language]
    return ", ".join(
        f"{names[stage.name]} {milliseconds(stage.length_ms, language)}" for stage in reply.stages
    )


REVIEW_FILTERS: Final[dict[str, Callable[..., str]]] = {
    function.__name__: function
    for function in (
        place,
        length_of_time,
        amount,
        in_seconds,
        share,
        leads_to,
        across,
        line_marks,
        line_place,
        note_link,
        stages,
        stages_in_words,
    )
}
