"""Sessions with engines: opened, replaced, closed, and who of them hears the caller."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, holding, projection, reply, speaking, tool_round
from orchestrator.core.commands import CloseSession, CommitAudio, OpenSession, RouteAudio
from orchestrator.core.configuration import build_config, speaks_text
from orchestrator.core.definition import AgentSpec
from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import ItemNotice, TranscriptNotice
from orchestrator.core.playback import apply_cut
from orchestrator.core.records import Purpose, SessionRow
from orchestrator.core.session import Session
from orchestrator.core.transitions import LINK, Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def open_session(
    ctx: "Context",
    spec: AgentSpec,
    purpose: Purpose,
    *,
    previous: str | None = None,
    payload: JsonObject | None = None,
) -> Session:
    """Have a session opened for an agent; items for it may be sent at once.

    Raises:
        DeclarationError: The agent's instructions could not be computed; nothing was done.
    """
    loaded = len(ctx.timeline) > 0
    config = build_config(ctx, spec, loaded=loaded, previous=previous, payload=payload)
    ctx.epoch += 1
    abilities = ctx.abilities(spec)
    row = SessionRow(
        epoch=ctx.epoch,
        agent=spec.name,
        purpose=purpose,
        modality=config.modality,
        engine=config.engine or abilities.engine,
        model=config.model or abilities.model,
        voice=config.voice,
        opened_at=ctx.now,
    )
    session = Session(ctx.epoch, config, purpose, row, loaded, previous, payload or {}, touched_at=ctx.now)
    session.text_to_speech = speaks_text(ctx, spec)
    ctx.sessions[session.epoch] = session
    ctx.keep(row)
    ctx.do(OpenSession(session.epoch, config))
    ctx.set_timer(f"open:{session.epoch}", ctx.timing.open)
    return session


def retire(ctx: "Context", session: Session, reason: str) -> None:
    """A live session is no longer needed: let it drain while something is to come of it, else close it."""
    session.link = LINK.after(session.link, "retired")
    arbiter.answered(ctx, session)
    _drop_requests(ctx, session)
    if (inference := session.response) is not None:
        end_inference(ctx, session, "cancelled")
        arbiter.stop(ctx, session, inference)
    if ctx.on_duty == session.epoch:
        ctx.on_duty = None
    ctx.set_timer(f"drain:{session.epoch}", ctx.timing.drain)
    close_if_drained(ctx, session, reason)


def _drop_requests(ctx: "Context", session: Session) -> None:
    """Of all that was asked for, only the client's own responses out of band are still waited for."""
    asked = [name for name, request in session.requests.items() if request.purpose != "side"]
    begun = [name for name, side in session.sides.items() if not side.told]
    for name in asked:
        del session.requests[name]
    for name in begun:
        del session.sides[name]
    for name in (*asked, *begun):
        ctx.clear_timer(f"side:{session.epoch}:{name}")


def close_if_drained(ctx: "Context", session: Session, reason: str = "drained") -> None:
    """Close a replaced session that owes nothing any more."""
    if session.link is Link.DRAINING and not (session.transcripts or session.sides or session.requests):
        close(ctx, session, reason)


def close(ctx: "Context", session: Session, reason: str, *, lost: bool = False) -> None:
    """Be done with a session: whatever it owed will not come."""
    session.link = LINK.after(session.link, "failed" if lost else "closed")
    if session.response is not None:
        end_inference(ctx, session, "failed" if lost else "cancelled")
    _end_sides(ctx, session)
    for item_id in sorted(session.taking):
        finish_taking(ctx, session, item_id)
    for item_id in sorted(session.transcripts):
        _miss_transcript(ctx, item_id)
    for timer in ("open", "drain", "first_event", "silence"):
        ctx.clear_timer(f"{timer}:{session.epoch}")
    session.row = replace(session.row, closed_at=ctx.now, close_reason=reason)
    ctx.keep(session.row)
    ctx.do(CloseSession(session.epoch, reason))
    del ctx.sessions[session.epoch]
    if ctx.on_duty == session.epoch:
        ctx.on_duty = None


def end_inference(ctx: "Context", session: Session, status: str) -> None:
    """Nothing more is expected of the response in progress: keep what there is of it."""
    inference = session.response
    if inference is None:
        return
    for item_id in inference.items:
        settle_item(ctx, session, item_id, ItemStatus.INCOMPLETE)
    if not inference.muted:
        tool_round.response_over(ctx, cancelled=inference.cancelling)
    ctx.keep(replace(inference.row, status=status, done_at=ctx.now))
    session.response = None
    ctx.clear_timer(f"silence:{session.epoch}")


def settle_item(ctx: "Context", session: Session, item_id: str, status: ItemStatus) -> None:
    """Bring an item that a response left in progress to its end, with what there is of it."""
    open_reply = ctx.reply

    def ended(item: Item) -> Item:
        told = open_reply.content_of(item.id) if open_reply is not None else ()
        return replace(item, status=status, content=told or item.content)

    item = ctx.change(item_id, ended)
    speaking.finish(ctx, session, item_id)
    if open_reply is not None and item_id in open_reply.places:
        reply.end_item(ctx, open_reply, item)
    if item.kind == "message":
        projection.share(ctx, apply_cut(ctx, item))


def _end_sides(ctx: "Context", session: Session) -> None:
    """Responses out of band that began are over; those that were only asked for are asked for again."""
    for engine_id, side in session.sides.items():
        ctx.clear_timer(f"side:{session.epoch}:{engine_id}")
        reply.end(ctx, side, "failed")
    session.sides.clear()
    for event_id, request in session.requests.items():
        ctx.clear_timer(f"side:{session.epoch}:{event_id}")
        if request.purpose == "side":
            ctx.side_requests.append(request)
    session.requests.clear()


def finish_taking(ctx: "Context", session: Session, item_id: str) -> None:
    """An item of the caller's is final; its transcript may still be to come."""
    session.taking.discard(item_id)
    item = ctx.change(item_id, lambda old: replace(old, status=ItemStatus.COMPLETED))
    ctx.tell(ItemNotice("done", item, ctx.previous_visible(item)))
    projection.share(ctx, item)


def _miss_transcript(ctx: "Context", item_id: str) -> None:
    missed: JsonObject = {"transcript_error": "session_closed"}
    ctx.change(item_id, lambda item: replace(item, data={**item.data, **missed}))
    ctx.tell(TranscriptNotice("failed", item_id, 0, "The session ended before.", "session_closed"))


def route(ctx: "Context") -> None:
    """Caller audio goes to the session on duty; while there is none, to the one that is to be.

    What the caller says during a switch is never heard by two sessions: each sample becomes part of an item
    of one of them. What no engine has made an item of goes to the next session in one piece.
    """
    ahead = ctx.switch.epoch if ctx.switch is not None else None
    hears = ahead if ctx.on_duty is None else ctx.on_duty
    if hears != ctx.heard_by:
        _hand_ear_over(ctx, hears)
    ctx.do(RouteAudio(() if hears is None else (hears,), ctx.on_duty))
    if hears is not None and ctx.commit_waits:
        ctx.commit_waits = False
        ctx.do(CommitAudio(hears, "commit:"))


def _hand_ear_over(ctx: "Context", hears: int | None) -> None:
    """Another session hears the caller: what the one before made no item of, it is to make one of."""
    ctx.heard_by = hears
    if hears is None:
        return
    if ctx.sessions[hears].config.hearing is None:
        # The engine finds turns itself: it hears on where we left off, and says so under a name of its own.
        ctx.utterance = None
        ctx.committing.clear()
        holding.release(ctx)
    elif ctx.committing:
        ctx.committing, ctx.commit_waits = ctx.committing[-1:], True
