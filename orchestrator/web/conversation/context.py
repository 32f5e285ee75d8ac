"""What the templates of the conversation page are told beside its view."""

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.api.admin.export import Format
from orchestrator.web.rendering import TEMPLATES
from orchestrator.web.review.clock import Clock
from orchestrator.web.review.latency import STAGES
from orchestrator.web.review.rows import Row
from orchestrator.web.review.view import ReviewView
from orchestrator.web.wording import ENGLISH

EXPORTS: Final[tuple[tuple[Format, str], ...]] = (
    ("json", "JSON"),
    ("jsonl", "JSONL"),
    ("txt", "Text"),
    ("vtt", "WebVTT"),
)
OUTCOMES: Final[Mapping[str, str]] = {
    "running": "is running",
    "waiting": "waits",
    "client": "waits for the client",
    "completed": "done",
    "failed": "failed",
    "timed_out": "timed out",
    "cancelled": "cancelled",
    "invalid": "wrong arguments",
    "declined": "declined",
}
PURPOSES: Final[Mapping[str, str]] = {
    "reconnect": "The engine was lost; the conversation went on in a new session",
    "rollover": "The session was about to expire; the conversation went on in a new one",
    "failover": "A node was lost; another one went on with the conversation",
}
"""Why a session took over from another, in words."""


def row_html(row: Row, language: str = ENGLISH) -> str:
    """A row by itself, exactly as the page has it in a language."""
    module: Any = TEMPLATES[language].get_template("review/row.html").module
    return str(module.lines((row,), OUTCOMES, PURPOSES))


def part_context(view: ReviewView, at_ms: int) -> dict[str, Any]:
    """What the template of any other part is told.

    Args:
        view: Of the conversation.
        at_ms: Where the playhead is.
    """
    return {
        "view": view,
        "at_ms": at_ms,
        "outcomes": OUTCOMES,
        "purposes": PURPOSES,
        "stages": STAGES,
    }


def playhead(clock: Clock, seconds: float | None) -> int:
    """Where the playhead is when a page is opened: at the place that its address names, else at the end.

    Args:
        clock: Of the conversation.
        seconds: As the address says, None where it says none.
    """
    return clock.length_ms if seconds is None else min(max(round(seconds * 1000), 0), clock.length_ms)
