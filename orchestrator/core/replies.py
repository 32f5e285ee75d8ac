"""Responses of the engine become one reply: they begin, are refused, end, and so does the reply."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, inputs, linking, outputs, reply, sides, speaking, tool_round
from orchestrator.core.commands import CancelResponse
from orchestrator.core.engine_events import OutputItemDone, ResponseDone, ResponseStarted
from orchestrator.core.items import ItemStatus
from orchestrator.core.json_value import JsonObject
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
        sides.start(ctx, session, event.response_id, tag, request)
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
    inference = session.response = Inference(engine_id, row, request)
    ctx.set_timer(f"silence:{session.epoch}", ctx.timing.silence)
    staged = ctx.switch if ctx.switch is not None and ctx.switch.call is not None else None
    if staged is not None and request is None:
        # The caller said something meanwhile: whoever comes is to answer, even where it was told not to.
        staged.respond = True
    if unwanted or staged is not None:
        arbiter.cancel(ctx, session)
        return
    if ctx.reply is None:
        metadata = request.metadata if request else None
        ctx.reply = reply.begin(ctx, OpenReply(row.id, _modality(session), metadata))
    ctx.reply.own_words = False
    inference.reply = ctx.reply


def _modality(session: Session) -> Modality:
    return "audio" if session.text_to_speech else session.config.modality


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
    if ctx.reply is None or session.response is not None:
        arbiter.refuse(ctx, code, message, request.event_id)
        return
    error: JsonObject = {"type": "server_error", "code": code, "message": message}
    end_turn(ctx, "failed", {"type": "failed", "error": error})


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
        sides.end(ctx, session, event)
        return
    inference = session.response
    if inference is None or inference.id != event.response_id:
        return
    ctx.failures = 0
    for item in event.output if event.status == "completed" else ():
        outputs.item_done(ctx, session, OutputItemDone(session.epoch, inference.id, item))
    status = ItemStatus.COMPLETED if event.status == "completed" else ItemStatus.INCOMPLETE
    for item_id in list(inference.items):
        linking.settle_item(ctx, session, item_id, status)
    _keep(ctx, inference, event)
    session.response = None
    _forget(session, inference.request)
    ctx.clear_timer(f"silence:{session.epoch}")
    ctx.clear_timer("ask_again")
    if session.requested is not None and session.tags is None:
        session.doubtful = True
        ctx.set_timer(f"first_event:{session.epoch}", ctx.timing.doubt)
    if inference.reply is not None:
        _settle_reply(ctx, inference.reply, event, inference)


def _keep(ctx: "Context", inference: Inference, event: ResponseDone) -> None:
    """Keep how a response went, once the first sound of what is spoken of it came, or is not to come."""
    row = replace(
        inference.row,
        status=event.status,
        status_details=event.status_details,
        usage=event.usage,
        done_at=ctx.now,
        interrupted=event.status == "cancelled",
    )
    item_id, open_reply = inference.voiced, inference.reply
    silent = row.first_audio_at is None and open_reply is not None and item_id in open_reply.voicing
    if silent and open_reply is not None and item_id is not None:
        open_reply.unsounded[item_id] = row
    else:
        ctx.keep(row)


def _forget(session: Session, answered: Request | None) -> None:
    """A request was answered by a response that did not name it."""
    session.requests = {
        name: request for name, request in session.requests.items() if request is not answered
    }


def _settle_reply(ctx: "Context", open_reply: OpenReply, event: ResponseDone, inference: Inference) -> None:
    cancelled = inference.cancelling or event.status == "cancelled"
    tool_round.response_over(ctx, cancelled=cancelled)
    open_reply.usage = reply.add_usage(open_reply.usage, event.usage)
    open_reply.status, open_reply.details = event.status, event.status_details
    if inference.cut and event.status == "cancelled":
        open_reply.details = dict(inputs.TURN_DETECTED)
    if cancelled or (event.status in {"failed", "incomplete"} and not open_reply.voicing):
        end_turn(ctx, open_reply.status, open_reply.details)


# --- the turn ends ----------------------------------------------------------------------------------------


def end_turn(ctx: "Context", status: str, details: JsonObject | None = None) -> None:
    """The reply is over: the client may act."""
    if ctx.reply is not None:
        speaking.stop(ctx)
        reply.end(ctx, ctx.reply, status, details)
        ctx.reply, ctx.awaits_caller, ctx.patience = None, True, None
        ctx.clear_timer("idle")
    if status == "cancelled":
        ctx.ending = None
