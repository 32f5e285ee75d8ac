"""What a turn goes through: responses of the engine become one reply, tool rounds go on, the turn ends."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, handing_over, leaving, reply, switching, tool_round
from orchestrator.core.engine_events import ResponseDone, ResponseStarted
from orchestrator.core.errors import DeclarationError
from orchestrator.core.items import Item, ItemStatus, Origin, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import ResponseRow
from orchestrator.core.reply import OpenReply
from orchestrator.core.session import Request, Session
from orchestrator.core.tool_calls import ToolCall, failure

if TYPE_CHECKING:
    from orchestrator.core.context import Context


# --- a response begins and ends ---------------------------------------------------------------------------


def response_started(ctx: "Context", session: Session, event: ResponseStarted) -> None:
    """An inference began on the session on duty."""
    request = ctx.requests.pop(event.metadata.get(arbiter.REQUEST_KEY, ""), None)
    if request is not None and request.purpose != "reply":
        _start_side(ctx, event.response_id, request)
        return
    session.response, session.requested = event.response_id, None
    stop, session.cancelling = session.cancelling, False
    ctx.clear_timer("first_event")
    ctx.set_timer("silence", ctx.timing.silence)
    session.response_row = ResponseRow(
        id=unique(ctx, event.response_id),
        epoch=session.epoch,
        agent=session.config.agent,
        model=session.config.model,
        status="in_progress",
        status_details=None,
        usage=None,
        turn_ended_at=ctx.turn_ended_at,
        requested_at=request.asked_at if request else None,
        created_at=ctx.now,
    )
    ctx.keep(session.response_row)
    session.muted = ctx.switch is not None and ctx.switch.call is not None
    if session.muted:
        arbiter.cancel(ctx, session)
        return
    ctx.move_turn("response_started")
    if ctx.reply is None:
        metadata = request.metadata if request else None
        ctx.reply = reply.begin(ctx, OpenReply(session.response_row.id, session.config.modality, metadata))
    if stop:
        arbiter.cancel(ctx, session)


def unique(ctx: "Context", response_id: str) -> str:
    """An engine's response id, unless another session of the conversation used it before."""
    if response_id in ctx.response_ids:
        response_id = ctx.new_id("resp")
    ctx.response_ids.add(response_id)
    return response_id


def _start_side(ctx: "Context", response_id: str, request: Request) -> None:
    side = OpenReply(unique(ctx, response_id), "text", request.metadata, side=True)
    ctx.sides[response_id] = side
    if request.purpose == "side":
        reply.begin(ctx, side)
    else:
        side.told = False


def request_refused(ctx: "Context", session: Session, request: Request, code: str, message: str) -> None:
    """The engine refused `response.create`; one refused because another is active waits for its end."""
    if request.purpose == "summary":
        handing_over.load_handoff(ctx, None)
        switching.commit_if_possible(ctx)
        return
    if request.purpose == "side":
        arbiter.refuse(ctx, code, message, request.event_id)
        return
    session.requested, session.cancelling = None, False
    ctx.clear_timer("first_event")
    if code == arbiter.ACTIVE:
        ctx.wanted = ctx.wanted or request
        if session.response is None:
            ctx.set_timer("ask_again", ctx.timing.ask_again)
    elif ctx.reply is not None:
        end_turn(
            ctx,
            "failed",
            {"type": "failed", "error": {"type": "server_error", "code": code, "message": message}},
        )
    else:
        arbiter.refuse(ctx, code, message, request.event_id)
        end_turn(ctx, "failed")


def first_output(ctx: "Context", session: Session, *, audio: bool = False) -> None:
    """Note when a response put out its first piece, and its first audio."""
    row = session.response_row
    if row is None or (row.first_output_at is not None and (not audio or row.first_audio_at is not None)):
        return
    session.response_row = replace(
        row,
        first_output_at=row.first_output_at or ctx.now,
        first_audio_at=ctx.now if audio else row.first_audio_at,
    )


def response_done(ctx: "Context", session: Session, event: ResponseDone) -> None:
    """An inference ended on the session on duty; what comes next depends on the tools it called."""
    if event.response_id in ctx.sides:
        end_side(ctx, event)
        return
    if event.response_id != session.response:
        return
    finish_items(ctx, session, ItemStatus.INCOMPLETE if event.status != "completed" else ItemStatus.COMPLETED)
    cancelled = session.cancelling or event.status == "cancelled"
    keep_done(ctx, session, event)
    muted, session.response, session.cancelling = session.muted, None, False
    ctx.clear_timer("silence")
    if muted:
        switching.commit_if_possible(ctx)
        return
    if ctx.reply is not None:
        ctx.reply.usage = reply.add_usage(ctx.reply.usage, event.usage)
    if ctx.round is not None and not ctx.round.response_done:
        ctx.round.response_done = True
        if cancelled:
            tool_round.silence(ctx, leaving=False)
    if ctx.round is None or cancelled or event.status in {"failed", "incomplete"}:
        end_turn(ctx, event.status, event.status_details)
    after_round(ctx)


def keep_done(ctx: "Context", session: Session, event: ResponseDone) -> None:
    """Store how a response ended."""
    if session.response_row is None:
        return
    row = replace(
        session.response_row,
        status=event.status,
        status_details=event.status_details,
        usage=event.usage,
        done_at=ctx.now,
        interrupted=event.status == "cancelled",
    )
    ctx.keep(row)
    session.response_row = None


def end_side(ctx: "Context", event: ResponseDone) -> None:
    """A response out of band ended: the client's own, or the summary for a handoff."""
    side = ctx.sides.pop(event.response_id)
    side.usage = event.usage
    if side.told:
        reply.end(ctx, side, event.status, event.status_details)
        return
    text = "".join(item.text for item in side.items)
    handing_over.load_handoff(ctx, text if event.status == "completed" and text else None)
    switching.commit_if_possible(ctx)


def finish_items(ctx: "Context", session: Session, status: ItemStatus) -> None:
    """Close the items that a response left in progress, with what there is of them."""
    if ctx.reply is None:
        return
    for item in list(ctx.reply.items):
        if item.status is ItemStatus.IN_PROGRESS and item.epoch == session.epoch:
            content = reply.text_so_far(ctx.reply, item.id) or item.content
            reply.end_item(ctx, ctx.reply, ctx.put(replace(item, content=content, status=status)))


def break_off(ctx: "Context", session: Session) -> None:
    """The session was lost in the middle of a response: what was told stays, the reply goes on."""
    finish_items(ctx, session, ItemStatus.INCOMPLETE)
    if ctx.round is not None:
        ctx.round.response_done = True
    for name in ("silence", "first_event"):
        ctx.clear_timer(name)
    for side in ctx.sides.values():
        if side.told:
            reply.end(ctx, side, "failed")
    ctx.sides.clear()


# --- a round of tools ends --------------------------------------------------------------------------------


def after_round(ctx: "Context") -> None:
    """Take the next step once every call of a round is answered: hand over, or let the model speak."""
    this = ctx.round
    if this is None or not this.complete or ctx.call is None:
        return
    if ctx.switch is not None and ctx.switch.call is not None:
        return
    for call in this.calls.values():
        tool_round.deliver(ctx, call)
    handoffs = [call for call in this.calls.values() if call.handoff and call.stage != "answered"]
    for superseded in handoffs[1:]:
        told = failure("superseded", "Another handoff of the same response takes place.")
        tool_round.answer(ctx, superseded, told, "cancelled", "superseded")
        tool_round.deliver(ctx, superseded)
    if handoffs:
        _start_handoff(ctx, handoffs[0])
    elif this.waits_for_client:
        end_turn(ctx, "completed")
    else:
        _go_on(ctx, silent=this.silent)


def _start_handoff(ctx: "Context", call: ToolCall) -> None:
    try:
        handing_over.start_handoff(ctx, call)
    except DeclarationError as error:
        handing_over.refuse_handoff(
            ctx, call, error.code, "That agent cannot be reached now. Go on yourself."
        )


def _go_on(ctx: "Context", *, silent: bool) -> None:
    ctx.round = None
    if not silent:
        ctx.steps += 1
        arbiter.want(ctx, Request(asked_at=ctx.now))
    switching.commit_if_possible(ctx)
    arbiter.ask_if_possible(ctx)


# --- the turn ends ----------------------------------------------------------------------------------------


def end_turn(ctx: "Context", status: str, details: JsonObject | None = None) -> None:
    """The reply is over: the client may act, and what waited for silence may happen."""
    if ctx.reply is not None:
        reply.end(ctx, ctx.reply, status, details)
        ctx.reply = None
    if ctx.wanted is None:
        ctx.move_turn("ended")
    if ctx.words and ctx.wanted is None:
        say(ctx, *ctx.words.pop(0))
        return
    if ctx.ending is not None and status == "completed":
        leaving.hang_up(ctx, by="agent", reason=ctx.ending)
        return
    switching.commit_if_possible(ctx)
    arbiter.ask_if_possible(ctx)


def say(ctx: "Context", text: str, origin: Origin) -> None:
    """Have the agent say words that no model made; while it is busy they wait."""
    if arbiter.turn_is_taken(ctx):
        ctx.words.append((text, origin))
        return
    ctx.reply = reply.begin(ctx, OpenReply(ctx.new_id("resp"), "text"))
    item = add_words(ctx, ctx.reply, text, origin)
    for session in ctx.sessions.values():
        tool_round.send(ctx, session, item)
    end_turn(ctx, "completed")


def add_words(
    ctx: "Context", open_reply: OpenReply, text: str, origin: Origin, *, filler: bool = False
) -> Item:
    """Put a message of our own into a reply; a filler is heard, and no part of what engines are told."""
    item = Item(
        id=ctx.new_id("item"),
        kind="message",
        role="assistant",
        content=(Part(text=text),),
        origin=origin,
        data={"filler": True} if filler else {},
    )
    item = ctx.put(ctx.stamp(item))
    reply.end_item(ctx, open_reply, item)
    return item


def say_meanwhile(ctx: "Context", tool_call_id: str, words: str) -> None:
    """Have something said while a tool keeps the caller waiting."""
    call = tool_round.find(ctx, tool_call_id)
    if call is not None and call.stage in {"running", "settling"} and ctx.reply is not None:
        add_words(ctx, ctx.reply, words, "service", filler=True)
