"""Responses out of band, no part of the conversation: a client's own, or a summary for ourselves."""

from typing import TYPE_CHECKING

from orchestrator.core import arbiter, linking, outputs, reply
from orchestrator.core.commands import CancelResponse
from orchestrator.core.engine_events import OutputItemDone, ResponseDone
from orchestrator.core.reply import OpenReply
from orchestrator.core.session import Request, Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def start(ctx: "Context", session: Session, engine_id: str, tag: str, request: Request) -> None:
    """A response out of band began."""
    deadline = ctx.timers.pop(f"side:{session.epoch}:{tag}", ctx.now + ctx.timing.side)
    ctx.timers[f"side:{session.epoch}:{engine_id}"] = deadline
    side = OpenReply(ctx.new_id("resp"), "text", request.metadata, side=request)
    side.told = request.purpose == "side"
    session.sides[engine_id] = reply.begin(ctx, side)


def refused(ctx: "Context", request: Request, code: str, message: str) -> None:
    """A response out of band will not come."""
    if request.purpose == "side":
        arbiter.refuse(ctx, code, message, request.event_id)
    elif ctx.switch is not None and ctx.switch.summary is request:
        ctx.switch.summary = None


def give_up(ctx: "Context", which: str) -> None:
    """A response out of band did not come, or did not end."""
    epoch, _, name = which.partition(":")
    session = ctx.sessions[int(epoch)]
    if (request := session.requests.pop(name, None)) is not None:
        refused(ctx, request, "engine_timeout", "The engine did not answer in time.")
    else:
        ctx.do(CancelResponse(session.epoch, name, ctx.new_id("cancel")))
        reply.end(ctx, session.sides.pop(name), "failed")
    linking.close_if_drained(ctx, session)


def end(ctx: "Context", session: Session, event: ResponseDone) -> None:
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
