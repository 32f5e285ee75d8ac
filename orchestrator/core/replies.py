"""Responses of the engine become one reply: they begin, are refused, end, and so does the reply."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, linking, outputs, reply, speaking, tool_round
from orchestrator.core.commands import CancelResponse
from orchestrator.core.configuration import speaks_text
from orchestrator.core.engine_events import OutputItemDone, ResponseDone, ResponseStarted
from orchestrator.core.items import Item, ItemStatus, Origin, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.projection import share
from orchestrator.core.records import Modality, ResponseRow
from orchestrator.core.reply import OpenReply
from orchestrator.core.session import Inference, Request, Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context

# --- a response begins ------------------------------------------------------------------------------------


def response_started(ctx: "Context", session: Session, event: ResponseStarted) -> None:
    """An inference began: one that we asked for, or one that voice activity made."""
    tag = event.metadata.get(arbiter.REQUEST_KEY, "")
    request = session.requests.pop(tag, None)
    if tag:
        _learn_tags(ctx, session)
    if request is not None and request.purpose != "reply":
        _start_side(ctx, session, event.response_id, tag, request)
        return
    if tag and request is None:
        # One out of band that was given up: nobody waits for it any more.
        if ctx.call is not None:
            ctx.do(CancelResponse(session.epoch, event.response_id, ctx.new_id("cancel")))
        return
    if session.epoch != ctx.on_duty:
        return
    if session.response is not None:
        response_done(ctx, session, ResponseDone(session.epoch, session.response.id, "incomplete"))
    unwanted = session.unwanted
    if request is None and (session.tags is False or (session.tags is None and not session.heard_turn)):
        request = session.requested
    if request is not None:
        arbiter.answered(ctx, session)
    else:
        _cover(ctx, session)
    _begin(ctx, session, event.response_id, request, unwanted=unwanted and request is not None)


def _learn_tags(ctx: "Context", session: Session) -> None:
    """This engine gives metadata back: a request that it has not named is still to be answered."""
    session.tags = True
    if session.doubtful:
        session.doubtful = False
        ctx.set_timer(f"first_event:{session.epoch}", ctx.timing.first_event)


def _cover(ctx: "Context", session: Session) -> None:
    """A response that voice activity made says what we were about to ask for, if it knows all we told."""
    if ctx.wanted is not None and not ctx.wanted.by_client and not session.unconfirmed:
        ctx.wanted = None


def _begin(
    ctx: "Context", session: Session, engine_id: str, request: Request | None, *, unwanted: bool
) -> None:
    row = ResponseRow(
        id=ctx.new_id("resp"),
        epoch=session.epoch,
        agent=session.config.agent,
        model=session.row.model,
        status="in_progress",
        status_details=None,
        usage=None,
        turn_ended_at=ctx.turn_ended_at,
        requested_at=request.asked_at if request else None,
        created_at=ctx.now,
    )
    ctx.keep(row)
    session.heard_turn = False
    staged = ctx.switch is not None and ctx.switch.call is not None
    session.response = Inference(engine_id, row, request, muted=unwanted or staged)
    ctx.set_timer(f"silence:{session.epoch}", ctx.timing.silence)
    if staged and ctx.switch is not None and request is None:
        ctx.switch.respond = True
    if session.response.muted:
        arbiter.cancel(ctx, session)
    elif ctx.reply is None:
        metadata = request.metadata if request else None
        ctx.reply = reply.begin(ctx, OpenReply(row.id, _modality(session), metadata))


def _modality(session: Session) -> Modality:
    return "audio" if session.text_to_speech else session.config.modality


def _start_side(ctx: "Context", session: Session, engine_id: str, tag: str, request: Request) -> None:
    deadline = ctx.timers.pop(f"side:{session.epoch}:{tag}", ctx.now + ctx.timing.side)
    ctx.timers[f"side:{session.epoch}:{engine_id}"] = deadline
    side = OpenReply(ctx.new_id("resp"), "text", request.metadata, side=request)
    side.told = request.purpose == "side"
    session.sides[engine_id] = reply.begin(ctx, side)


# --- a request is refused ---------------------------------------------------------------------------------


def reply_refused(ctx: "Context", session: Session, request: Request, code: str, message: str) -> None:
    """The engine refused `response.create`; one refused because another is active is asked for again."""
    if session.requested is not request:
        # A response of the engine's own was taken for the answer.
        if code == arbiter.ACTIVE:
            arbiter.want(ctx, request)
        return
    unwanted = session.unwanted
    if code == arbiter.ACTIVE and not unwanted:
        session.requested = None
        arbiter.want(ctx, request)
        if session.response is not None:
            ctx.clear_timer(f"first_event:{session.epoch}")
        else:
            ctx.set_timer("ask_again", ctx.timing.ask_again)
        return
    arbiter.answered(ctx, session)
    if unwanted:
        return
    if ctx.reply is not None:
        error: JsonObject = {"type": "server_error", "code": code, "message": message}
        end_turn(ctx, "failed", {"type": "failed", "error": error})
    else:
        arbiter.refuse(ctx, code, message, request.event_id)


def side_refused(ctx: "Context", request: Request, code: str, message: str) -> None:
    """A response out of band will not come."""
    if request.purpose == "side":
        arbiter.refuse(ctx, code, message, request.event_id)
    elif ctx.switch is not None and ctx.switch.summary is request:
        ctx.switch.summary = None


def untagged(ctx: "Context", session: Session) -> None:
    """A response began and ended without naming our request, and nothing came of the request since.

    So it was the answer to it: this engine does not give metadata back.
    """
    session.tags = False
    _forget(session, session.requested)
    arbiter.answered(ctx, session)


# --- a response ends --------------------------------------------------------------------------------------


def response_done(ctx: "Context", session: Session, event: ResponseDone) -> None:
    """An inference ended; what comes next depends on the tools that it called."""
    if event.response_id in session.sides:
        end_side(ctx, session, event)
        return
    inference = session.response
    if inference is None or inference.id != event.response_id:
        return
    for item in event.output if event.status == "completed" else ():
        outputs.item_done(ctx, session, OutputItemDone(session.epoch, inference.id, item))
    status = ItemStatus.COMPLETED if event.status == "completed" else ItemStatus.INCOMPLETE
    for item_id in list(inference.items):
        linking.settle_item(ctx, session, item_id, status)
    ctx.keep(
        replace(
            inference.row,
            status=event.status,
            status_details=event.status_details,
            usage=event.usage,
            done_at=ctx.now,
            interrupted=event.status == "cancelled",
        )
    )
    session.response = None
    _forget(session, inference.request)
    ctx.clear_timer(f"silence:{session.epoch}")
    ctx.clear_timer("ask_again")
    if session.requested is not None and session.tags is None:
        session.doubtful = True
        ctx.set_timer(f"first_event:{session.epoch}", ctx.timing.doubt)
    if not inference.muted:
        _settle_reply(ctx, inference, event)


def _forget(session: Session, answered: Request | None) -> None:
    """A request was answered by a response that did not name it."""
    session.requests = {
        name: request for name, request in session.requests.items() if request is not answered
    }


def _settle_reply(ctx: "Context", inference: Inference, event: ResponseDone) -> None:
    cancelled = inference.cancelling or event.status == "cancelled"
    tool_round.response_over(ctx, cancelled=cancelled)
    if ctx.reply is None:
        return
    ctx.reply.usage = reply.add_usage(ctx.reply.usage, event.usage)
    ctx.reply.status, ctx.reply.details = event.status, event.status_details
    if cancelled or event.status in {"failed", "incomplete"}:
        end_turn(ctx, event.status, event.status_details)


def end_side(ctx: "Context", session: Session, event: ResponseDone) -> None:
    """A response out of band ended: the client's own, or the summary for a handoff."""
    for item in event.output:
        outputs.item_done(ctx, session, OutputItemDone(session.epoch, event.response_id, item))
    side = session.sides.pop(event.response_id)
    ctx.clear_timer(f"side:{session.epoch}:{event.response_id}")
    side.usage = event.usage
    reply.end(ctx, side, event.status, event.status_details)
    switch = ctx.switch
    if switch is not None and switch.summary is side.side:
        text = "".join(item.text for item in side.items)
        switch.summary, switch.told = None, text if event.status == "completed" and text else None
    linking.close_if_drained(ctx, session)


# --- the turn ends ----------------------------------------------------------------------------------------


def end_turn(ctx: "Context", status: str, details: JsonObject | None = None) -> None:
    """The reply is over: the client may act."""
    if ctx.reply is not None:
        reply.end(ctx, ctx.reply, status, details)
        ctx.reply = None
    if status == "cancelled":
        ctx.ending = None


def say(ctx: "Context", text: str, origin: Origin) -> None:
    """Have the agent say words that no model made, in a reply of their own."""
    modality: Modality = "audio" if speaks_text(ctx, ctx.agent) else "text"
    open_reply = reply.begin(ctx, OpenReply(ctx.new_id("resp"), modality))
    share(ctx, add_words(ctx, open_reply, text, origin))
    reply.end(ctx, open_reply, "completed")


def add_words(
    ctx: "Context", open_reply: OpenReply, text: str, origin: Origin, *, filler: bool = False
) -> Item:
    """Put a message of our own into a reply; a filler is heard, and no part of what engines are told."""
    spoken = speaks_text(ctx, ctx.agent)
    item = Item(
        id=ctx.new_id("item"),
        kind="message",
        role="assistant",
        content=(Part(kind="audio" if spoken else "text", text=text),),
        origin=origin,
        data={"filler": True} if filler else {},
    )
    item = ctx.put(ctx.stamp(item))
    speaking.speak_whole(ctx, item)
    reply.end_item(ctx, open_reply, item)
    return item


def say_meanwhile(ctx: "Context", tool_call_id: str, words: str) -> None:
    """Have something said while a tool keeps the caller waiting."""
    call = tool_round.find(ctx, tool_call_id)
    waiting = call is not None and call.stage in {"running", "settling"}
    if waiting and ctx.reply is not None and ctx.hearing is None:
        add_words(ctx, ctx.reply, words, "service", filler=True)
