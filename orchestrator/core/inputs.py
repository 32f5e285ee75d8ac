"""What the engine hears of the caller: speech begins and stops, audio becomes items, and late transcripts."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import linking, tool_round
from orchestrator.core.commands import FlushPlayback
from orchestrator.core.engine_events import (
    AudioCleared,
    AudioCommitted,
    EngineItem,
    EngineItemAdded,
    EngineItemDone,
    IdleTimeout,
    SpeechStarted,
    SpeechStopped,
    TranscriptDelta,
    TranscriptDone,
    TranscriptFailed,
)
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.notices import (
    AudioClearedNotice,
    AudioCommittedNotice,
    ItemNotice,
    SpeechNotice,
    TranscriptNotice,
)
from orchestrator.core.outputs import adopt
from orchestrator.core.session import Session
from orchestrator.core.transitions import Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def new_turn(ctx: "Context") -> None:
    """The caller said something: what is counted per turn starts anew."""
    ctx.steps, ctx.hops, ctx.repairs = 0, 0, {}
    ctx.turn_ended_at = ctx.now


def speech_started(ctx: "Context", session: Session, event: SpeechStarted) -> None:
    """The caller begins to speak: stop the sound at once, and the tools that say so."""
    ctx.move_turn("caller_speaks")
    ctx.do(FlushPlayback())
    tool_round.interrupt(ctx)
    ctx.tell(SpeechNotice("started", adopt(ctx, session, event.item_id), event.audio_start_ms))


def speech_stopped(ctx: "Context", session: Session, event: SpeechStopped) -> None:
    """The caller stops."""
    new_turn(ctx)
    ctx.move_turn("caller_stops")
    ctx.tell(SpeechNotice("stopped", adopt(ctx, session, event.item_id), event.audio_end_ms))


def audio_committed(ctx: "Context", session: Session, event: AudioCommitted) -> None:
    """Caller audio became an item: its row exists before its transcript does."""
    new_turn(ctx)
    item = _user_item(ctx, session, EngineItem(event.item_id, "message", "user", "in_progress"))
    ctx.tell(AudioCommittedNotice(item.id, ctx.previous_visible(item)))
    ctx.tell(ItemNotice("added", item, ctx.previous_visible(item)))


def _user_item(ctx: "Context", session: Session, told: EngineItem) -> Item:
    item_id = adopt(ctx, session, told.id)
    if (known := ctx.timeline.get(item_id)) is not None:
        return known
    content = told.content or (Part(kind="audio"),)
    new = Item(
        id=item_id,
        kind="message",
        status=ItemStatus.IN_PROGRESS,
        epoch=session.epoch,
        role="user",
        content=content,
        origin="caller",
    )
    session.sent.add(item_id)
    if any(part.kind == "audio" and not part.text for part in content):
        session.transcripts.add(item_id)
    return ctx.put(ctx.stamp(new))


def audio_cleared(ctx: "Context", session: Session, event: AudioCleared) -> None:
    """Uncommitted audio is gone."""
    del session, event
    ctx.tell(AudioClearedNotice())


def idle_timeout(ctx: "Context", session: Session, event: IdleTimeout) -> None:
    """The caller is silent; the engine makes an item of the silence and answers it."""
    del session, event
    new_turn(ctx)


def item_added(ctx: "Context", session: Session, event: EngineItemAdded) -> None:
    """An item exists at the engine; one of the caller's that we do not know yet is taken up."""
    told = event.item
    if told.kind == "message" and told.role == "user" and told.id not in session.sent:
        if adopt(ctx, session, told.id) in ctx.timeline:
            return
        item = _user_item(ctx, session, told)
        ctx.tell(ItemNotice("added", item, ctx.previous_visible(item)))


def item_done(ctx: "Context", session: Session, event: EngineItemDone) -> None:
    """An item of the caller's is final, but for its transcript."""
    item = ctx.timeline.get(session.ours(event.item.id))
    if (
        item is None
        or item.role != "user"
        or item.origin != "caller"
        or item.status is not ItemStatus.IN_PROGRESS
    ):
        return
    item = ctx.change(item.id, lambda old: replace(old, status=ItemStatus.COMPLETED))
    ctx.tell(ItemNotice("done", item, ctx.previous_visible(item)))


# --- transcripts: also of sessions that drain -------------------------------------------------------------


def transcript_delta(ctx: "Context", session: Session, event: TranscriptDelta) -> None:
    """A piece of what the caller said."""
    ctx.tell(TranscriptNotice("delta", session.ours(event.item_id), event.content_index, event.delta))


def transcript_done(ctx: "Context", session: Session, event: TranscriptDone) -> None:
    """What the caller said; the row has waited for it, and so may another agent."""
    item = ctx.timeline.get(session.ours(event.item_id))
    if item is None:
        return
    late = any(later.role == "assistant" for later in ctx.timeline.after(item))
    parts = list(item.content) or [Part(kind="audio")]
    index = min(event.content_index, len(parts) - 1)
    parts[index] = replace(parts[index], text=event.text)
    item = ctx.change(
        item.id, lambda old: replace(old, content=tuple(parts), late=late, status=ItemStatus.COMPLETED)
    )
    ctx.tell(TranscriptNotice("done", item.id, event.content_index, event.text, usage=event.usage))
    if event.text:
        tool_round.share(ctx, item)
    _transcript_settled(ctx, session, item.id)


def transcript_failed(ctx: "Context", session: Session, event: TranscriptFailed) -> None:
    """Nobody knows what the caller said."""
    item_id = session.ours(event.item_id)
    if ctx.timeline.get(item_id) is not None:
        error = {"transcript_error": event.code}
        ctx.change(item_id, lambda old: replace(old, status=ItemStatus.COMPLETED, data={**old.data, **error}))
    ctx.tell(TranscriptNotice("failed", item_id, event.content_index, event.message, event.code))
    _transcript_settled(ctx, session, item_id)


def _transcript_settled(ctx: "Context", session: Session, item_id: str) -> None:
    session.transcripts.discard(item_id)
    if session.link is Link.DRAINING and not session.transcripts:
        linking.close(ctx, session, "drained")
