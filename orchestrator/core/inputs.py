"""What the engine hears of the caller: speech begins and stops, audio becomes items, and late transcripts."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

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
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import (
    AudioClearedNotice,
    AudioCommittedNotice,
    IdleNotice,
    ItemNotice,
    SpeechNotice,
    TranscriptNotice,
)
from orchestrator.core.projection import adopt, adopt_as, share
from orchestrator.core.session import Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context

TURN_DETECTED: Final[JsonObject] = {"type": "cancelled", "reason": "turn_detected"}
"""Why a reply ended that the caller interrupted (section 7)."""


def new_turn(ctx: "Context", ended_at: float | None = None) -> None:
    """The caller said something: what is counted per turn starts anew.

    Args:
        ended_at: When the caller fell silent, in seconds since the Unix epoch; None for now.
    """
    ctx.steps, ctx.hops, ctx.repairs = 0, 0, {}
    ctx.awaits_caller = False
    ctx.turn_ended_at = ctx.now if ended_at is None else ended_at


def speech_started(ctx: "Context", session: Session, event: SpeechStarted) -> None:
    """The caller begins to speak: stop the sound at once, and the tools that say so."""
    if session.config.hearing is not None:
        return
    if (session.config.turn_detection or {}).get("interrupt_response", True):
        interrupt(ctx, session)
    known = event.item_id in session.known or ctx.hearing in session.names
    if ctx.hearing is not None and not known:
        # This session hears on where the one before it left off: to the client it is the same utterance.
        adopt_as(ctx, session, event.item_id, ctx.hearing)
        return
    ctx.hearing = adopt(ctx, session, event.item_id)
    ctx.sounds.caller_began(ctx.now if event.at is None else event.at)
    ctx.awaits_caller = False
    ctx.set_timer("speech", ctx.timing.speech)
    ctx.tell(SpeechNotice("started", ctx.hearing, event.audio_start_ms))


def interrupt(ctx: "Context", session: Session | None) -> None:
    """Stop what is heard, and the tools that say so; nothing further of the response is spoken for it."""
    ctx.do(FlushPlayback())
    tool_round.interrupt(ctx)
    reply = ctx.reply
    if session is not None and session.response is not None:
        session.response.hushed = True
    elif reply is not None and reply.voicing and ctx.round is None and ctx.wanted is None:
        # Only its sound was still to come.
        reply.status, reply.details = "cancelled", dict(TURN_DETECTED)


def speech_stopped(ctx: "Context", session: Session, event: SpeechStopped) -> None:
    """The caller stops."""
    if session.config.hearing is not None:
        return
    new_turn(ctx, event.at)
    item_id = adopt(ctx, session, event.item_id)
    ctx.sounds.caller_stopped(item_id, ctx.now if event.at is None else event.at)
    silent(ctx)
    ctx.tell(SpeechNotice("stopped", item_id, event.audio_end_ms))


def silent(ctx: "Context") -> None:
    """The caller is silent, or has spoken for so long that it no longer matters."""
    ctx.hearing = None
    ctx.clear_timer("speech")


def audio_committed(ctx: "Context", session: Session, event: AudioCommitted) -> None:
    """Caller audio became an item: its row exists before its transcript does."""
    item_id = _name(ctx, session, event.item_id)
    spoken = ctx.sounds.spoken.get(item_id)
    new_turn(ctx, None if spoken is None else spoken.end)
    session.heard_turn = session.config.hearing is None
    if ctx.hearing == item_id:
        silent(ctx)
    if item_id in ctx.timeline:
        return
    item = _user_item(ctx, session, EngineItem(item_id, "message", "user", "in_progress"))
    _tell_added(ctx, item)


def tell_made(ctx: "Context", item: Item) -> None:
    """Tell the client of an item of the caller's that was made here, and so is whole from its beginning."""
    _tell_added(ctx, item)
    ctx.tell(ItemNotice("done", item, ctx.previous_visible(item)))


def _tell_added(ctx: "Context", item: Item) -> None:
    previous = ctx.previous_visible(item)
    ctx.tell(AudioCommittedNotice(item.id, previous))
    ctx.tell(ItemNotice("added", item, previous))


def _name(ctx: "Context", session: Session, engine_id: str) -> str:
    """Our id of what the engine made of caller audio: where we found the turn, it has one already."""
    if ctx.committing and session.config.hearing is not None and engine_id not in session.known:
        adopt_as(ctx, session, engine_id, ctx.committing.pop(0))
    return adopt(ctx, session, engine_id)


def _user_item(ctx: "Context", session: Session, told: EngineItem) -> Item:
    content = told.content or (Part(kind="audio"),)
    unheard = any(part.kind == "audio" and not part.text for part in content)
    item = Item(
        id=told.id,
        kind="message",
        status=ItemStatus.IN_PROGRESS,
        epoch=session.epoch,
        role="user",
        content=content,
        origin="caller",
    )
    session.sent.add(item.id)
    session.taking.add(item.id)
    if unheard:
        session.transcripts.add(item.id)
    return ctx.put(ctx.sounds.of_caller(ctx.stamp(item)))


def audio_cleared(ctx: "Context", session: Session, event: AudioCleared) -> None:
    """Uncommitted audio is gone."""
    del session, event
    silent(ctx)
    ctx.tell(AudioClearedNotice())


def idle_timeout(ctx: "Context", session: Session, event: IdleTimeout) -> None:
    """The caller is silent; the engine makes an item of the silence and answers it."""
    new_turn(ctx)
    item_id = adopt(ctx, session, event.item_id)
    ctx.tell(IdleNotice(item_id, event.audio_start_ms, event.audio_end_ms))


def item_added(ctx: "Context", session: Session, event: EngineItemAdded) -> None:
    """An item exists at the engine; one of the caller's that we do not know yet is taken up."""
    told = event.item
    confirmed = told.id in session.unconfirmed
    session.unconfirmed.discard(told.id)
    if confirmed or told.kind != "message" or told.role != "user" or session.epoch != ctx.on_duty:
        return
    if told.id in session.sent and told.id not in session.known:
        return
    item_id = _name(ctx, session, told.id)
    if item_id in ctx.timeline:
        return
    item = _user_item(ctx, session, replace(told, id=item_id))
    ctx.tell(ItemNotice("added", item, ctx.previous_visible(item)))


def item_done(ctx: "Context", session: Session, event: EngineItemDone) -> None:
    """An item of the caller's is final, but for its transcript."""
    session.unconfirmed.discard(event.item.id)
    item_id = session.ours(event.item.id)
    if item_id not in session.taking:
        return
    if any(part.text for part in event.item.content):
        ctx.change(item_id, lambda old: replace(old, content=event.item.content))
    linking.finish_taking(ctx, session, item_id)


# --- transcripts: also of sessions that drain -------------------------------------------------------------


def transcript_delta(ctx: "Context", session: Session, event: TranscriptDelta) -> None:
    """A piece of what the caller said."""
    if (item_id := session.ours(event.item_id)) in session.transcripts:
        ctx.tell(TranscriptNotice("delta", item_id, event.content_index, event.delta))


def transcript_done(ctx: "Context", session: Session, event: TranscriptDone) -> None:
    """What the caller said; the row has waited for it, and so may another agent."""
    item_id = session.ours(event.item_id)
    if item_id not in session.transcripts:
        return

    def heard(item: Item) -> Item:
        parts = list(item.content)
        index = min(event.content_index, len(parts) - 1)
        parts[index] = replace(parts[index], text=event.text)
        late = any(later.role == "assistant" for later in ctx.timeline.since(item))
        return replace(item, content=tuple(parts), late=late)

    item = ctx.change(item_id, heard)
    ctx.tell(TranscriptNotice("done", item_id, event.content_index, event.text, usage=event.usage))
    share(ctx, item)
    _transcript_settled(ctx, session, item_id)


def transcript_failed(ctx: "Context", session: Session, event: TranscriptFailed) -> None:
    """Nobody knows what the caller said."""
    item_id = session.ours(event.item_id)
    if item_id not in session.transcripts:
        return
    error = {"transcript_error": event.code}
    ctx.change(item_id, lambda old: replace(old, data={**old.data, **error}))
    ctx.tell(TranscriptNotice("failed", item_id, event.content_index, event.message, event.code))
    _transcript_settled(ctx, session, item_id)


def _transcript_settled(ctx: "Context", session: Session, item_id: str) -> None:
    session.transcripts.discard(item_id)
    session.owed.discard(item_id)
    linking.close_if_drained(ctx, session)
