"""How far a reply was heard: what was played is clamped to what there is, and only that is remembered.

Positions come from whoever plays: a client that plays by itself tells them with its truncation, our own
playout once nothing more of an item will be played.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orchestrator.core import projection
from orchestrator.core.arbiter import refuse
from orchestrator.core.events import CallerTruncatedItem, Played, Spoken
from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.notices import ItemTruncatedNotice
from orchestrator.core.sounds import span_of, with_span

if TYPE_CHECKING:
    from orchestrator.core.context import Context


@dataclass(frozen=True, slots=True)
class Cut:
    """How far an item was heard.

    Attributes:
        milliseconds: Of its audio.
        generated_ms: How much audio of it there is, 0 where nobody counted.
        characters: Of its text, where playout knows.
        acknowledged: The client knows of it.
    """

    milliseconds: int
    generated_ms: int = 0
    characters: int | None = None
    content_index: int = 0
    acknowledged: bool = False

    @property
    def measured(self) -> bool:
        """Whether it tells how much of the text was heard."""
        return self.characters is not None or self.generated_ms > 0 or self.milliseconds <= 0


def truncated_item(ctx: "Context", event: CallerTruncatedItem) -> None:
    """The client tells how far an item was heard: that far it is remembered, here and at the engine."""
    item = ctx.timeline.get(event.item_id)
    if item is None or item.role != "assistant" or not _has_audio(ctx, item):
        message = f"There is no item {event.item_id!r} with audio of the assistant's."
        refuse(ctx, "item_truncate_invalid_item_id", message, event.event_id)
        return
    if event.generated_ms and event.audio_end_ms > event.generated_ms:
        message = f"Audio content of {event.generated_ms}ms is already shorter than {event.audio_end_ms}ms"
        refuse(ctx, "invalid_value", message, event.event_id, "audio_end_ms")
        return
    cut = Cut(
        event.audio_end_ms,
        event.generated_ms,
        event.characters,
        content_index=event.content_index,
        acknowledged=True,
    )
    ctx.tell(ItemTruncatedNotice(item.id, event.content_index, event.audio_end_ms))
    if span_of(item) is None:
        # A client that plays by itself tells this the moment that it falls silent.
        item = _note_span(ctx, item, event.audio_end_ms)
    _take(ctx, item, cut)


def _has_audio(ctx: "Context", item: Item) -> bool:
    making = ctx.reply.content_of(item.id) if ctx.reply is not None else ()
    return any(part.kind == "audio" for part in (*item.content, *making))


def played(ctx: "Context", event: Played) -> None:
    """Our own playout has begun an item, has come to its end, or was stopped before."""
    item = ctx.timeline.get(event.item_id)
    if item is None or item.role != "assistant":
        return
    if not event.final:
        ctx.sounds.agent_began(item.id, ctx.now)
        return
    item = _note_span(ctx, item, event.milliseconds)
    if event.characters is None and event.milliseconds >= event.generated_ms:
        return
    milliseconds = min(event.milliseconds, event.generated_ms or event.milliseconds)
    _take(ctx, item, Cut(milliseconds, event.generated_ms, event.characters))


def _note_span(ctx: "Context", item: Item, milliseconds: int) -> Item:
    """Keep with an item when it sounded, now that it does no more."""
    span = ctx.sounds.of_agent(item.id, milliseconds, ctx.now)
    return item if span is None else ctx.change(item.id, lambda old: with_span(old, span))


def spoken(ctx: "Context", event: Spoken) -> None:
    """Of an item that was stopped there is no sound to its end: nothing beyond it will be heard."""
    item = ctx.timeline.get(event.item_id)
    if item is None or event.characters is None or event.error is not None or item.id in ctx.cuts:
        return
    _take(ctx, item, Cut(event.generated_ms, event.generated_ms, event.characters, acknowledged=True))


def _take(ctx: "Context", item: Item, cut: Cut) -> None:
    if item.status is ItemStatus.IN_PROGRESS:
        ctx.cuts[item.id] = cut
    else:
        _shorten(ctx, item, cut)


def apply_cut(ctx: "Context", item: Item) -> Item:
    """Shorten an item that is final now to what was heard of it while it was made."""
    cut = ctx.cuts.pop(item.id, None)
    return item if cut is None else _shorten(ctx, item, cut)


def _shorten(ctx: "Context", item: Item, cut: Cut) -> Item:
    if cut.measured:
        heard = heard_prefix(item.text, cut)
        if len(heard) >= len(item.heard_text):
            return item
        item = ctx.change(item.id, lambda old: replace(old, heard=heard))
    if not cut.acknowledged:
        ctx.tell(ItemTruncatedNotice(item.id, cut.content_index, cut.milliseconds))
    projection.shorten(ctx, item, cut.content_index, cut.milliseconds)
    return item


def heard_prefix(text: str, cut: Cut) -> str:
    """The part of a text that was heard: by its characters, else to the last whole word of its audio."""
    if cut.characters is not None:
        return text[: cut.characters]
    if cut.milliseconds <= 0 or not text:
        return ""
    if cut.milliseconds >= cut.generated_ms:
        return text
    reached = int(len(text) * cut.milliseconds / cut.generated_ms)
    while reached > 0 and not text[reached].isspace():
        reached -= 1
    return text[:reached].rstrip()
