"""Messages of a conversation as rows: what was heard, what was not, and how long the words took."""

from typing import Final

from orchestrator.core.items import Item, ItemStatus
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
    spoken = any(part.kind == "audio" for part in item.content)
    begins, ends = _span(item, clock, spoken=spoken)
    pending = live and item.status is ItemStatus.IN_PROGRESS
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
        heard=item.heard_text.strip(),
        unheard=_unheard(item),
        spoken=spoken,
        late=item.late,
        problem="" if pending else _problem(item),
        origin=item.origin,
        images=sum(part.kind == "image" for part in item.content),
        reply=reply,
    )


def _unheard(item: Item) -> str:
    """What follows the heard words; all of it where what was heard is no beginning of what was generated."""
    if item.role != "assistant" or item.heard is None or item.heard == item.text:
        return ""
    return item.text.removeprefix(item.heard).strip()


def _problem(item: Item) -> str:
    if item.text.strip() or any(part.kind == "image" for part in item.content):
        return ""
    failed = item.data.get("transcript_error")
    if failed:
        return f"no transcript: {failed}"
    return "no transcript" if item.role == "user" else "no words"


def _span(item: Item, clock: Clock, *, spoken: bool) -> tuple[int, int]:
    """From when to when it was said. The item of a caller's speech is made when the speech has ended."""
    length = max(SHORTEST_MS, round(len(item.heard_text) * 1000 / CHARACTERS_PER_SECOND))
    at = clock.ms(item.created_at)
    if item.role == "user" and spoken:
        return max(clock.span_at(item.created_at).begins_ms, at - length), at
    return at, at + length
