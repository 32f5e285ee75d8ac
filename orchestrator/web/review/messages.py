"""Messages of a conversation as rows: what was heard, what was not, and how long the words took."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.redaction import MARK
from orchestrator.core.sounds import Span, span_of
from orchestrator.web.review.clock import Clock
from orchestrator.web.review.latency import Reply
from orchestrator.web.review.rows import MessageRow, NoteView, Speaker

CHARACTERS_PER_SECOND: Final = 15.0
"""How fast people speak, roughly: for words whose length nobody measured."""

SHORTEST_MS: Final = 400
SPEAKERS: Final[dict[str | None, Speaker]] = {"user": "caller", "assistant": "agent"}


def message_row(
    item: Item,
    clock: Clock,
    *,
    reply: Reply | None = None,
    notes: tuple[NoteView, ...] = (),
    live: bool = False,
) -> MessageRow:
    """A message as a row.

    Args:
        item: Of the kind `message`.
        clock: Of the conversation.
        reply: Where these are the first words of it.
        notes: About this item.
        live: Whether the call is on, so that words may still come.
    """
    kinds = [part.kind for part in item.content]
    text, spoken = item.text, "audio" in kinds
    heard = text if item.heard is None else item.heard
    known = span_of(item)
    begins, ends = _span(item, clock, known, speaking_ms(heard), spoken=spoken)
    pending = live and item.status is ItemStatus.IN_PROGRESS
    problem = "" if pending or text.strip() or "image" in kinds else _problem(item)
    return MessageRow(
        key=f"item-{item.id}",
        sequence=item.sequence,
        at_ms=begins,
        end_ms=ends,
        at=item.created_at,
        agent=item.agent,
        live=pending,
        notes=notes,
        speaker=SPEAKERS.get(item.role, "note"),
        heard=heard.strip(),
        unheard=_unheard(item, text),
        redacted=tuple(_redacted(item, heard)) if MARK in item.data else (),
        spoken=spoken,
        measured=known is not None,
        late=item.late,
        problem=problem,
        problem_code=str(item.data.get("transcript_error") or "") if problem else "",
        origin=item.origin,
        images=kinds.count("image"),
        reply=reply,
    )


def _redacted(item: Item, heard: str) -> Iterator[tuple[int, int, str]]:
    """The marked places of the words that were heard, where these stand without the space before them."""
    before = len(heard) - len(heard.lstrip())
    places = list(accumulate((len(part.text) for part in item.content), initial=-before))
    marks = item.data.get(MARK)
    reached = 0
    for mark in marks if isinstance(marks, list) else []:
        match mark:
            case {"part": int(part), "start": int(start), "end": int(end), "kind": str(kind)} if (
                0 <= part < len(item.content)
            ):
                begin, stop = places[part] + start, places[part] + end
                if reached <= begin < stop <= len(heard.strip()):
                    yield begin, stop, kind
                    reached = stop


def _unheard(item: Item, text: str) -> str:
    """What follows the heard words; all of it where what was heard is no beginning of what was generated."""
    if item.role != "assistant" or item.heard is None or item.heard == text:
        return ""
    return text.removeprefix(item.heard).strip()


def _problem(item: Item) -> str:
    """That there are no words, in words."""
    spoken_to_us = item.role == "user" or item.data.get("transcript_error")
    return "no transcript" if spoken_to_us else "no words"


def _span(item: Item, clock: Clock, known: Span | None, length: int, *, spoken: bool) -> tuple[int, int]:
    """From when to when it was said; roughly, where nobody measured that.

    The item of a caller's speech is made when the speech has ended, that of an agent's when it begins.
    """
    if known is not None:
        return clock.ms(known.start), clock.ms(known.end)
    at = clock.ms(item.created_at)
    if item.role == "user" and spoken:
        return max(clock.span_at(item.created_at).begins_ms, at - length), at
    return at, at + length


def speaking_ms(text: str) -> int:
    """How long it takes to say something, roughly, in milliseconds."""
    return max(SHORTEST_MS, round(len(text) * 1000 / CHARACTERS_PER_SECOND))
