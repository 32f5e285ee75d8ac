"""The one owner of `response.create`: at most one is asked for or in progress, voice activity's own counted.

A wish waits until the session is live, no response is in progress, every tool call is answered and no
agent is being switched. Exactly one wish can wait: a second one is covered by the first.
"""

from typing import TYPE_CHECKING

from orchestrator.core.commands import CancelResponse, CreateResponse
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import RefusalNotice
from orchestrator.core.session import Request, Session
from orchestrator.core.transitions import Authority, Link, Turn

if TYPE_CHECKING:
    from orchestrator.core.context import Context

REQUEST_KEY = "orchestrator_request"
"""Metadata key by which an engine's response is joined to our request."""

ACTIVE = "conversation_already_has_active_response"
NOT_ACTIVE = "response_cancel_not_active"


def turn_is_taken(ctx: "Context") -> bool:
    """Whether the agent is busy with a reply, in any of its stages."""
    return ctx.turn in {Turn.WAITING, Turn.RESPONDING, Turn.WORKING} or ctx.reply is not None


def want(ctx: "Context", request: Request) -> None:
    """Ask for a response as soon as that is possible."""
    ctx.wanted = request
    ctx.move_turn("response_wanted")
    ask_if_possible(ctx)


def ask_if_possible(ctx: "Context") -> None:
    """Send the request that waits, should nothing stand in its way any more."""
    session, request = ctx.session, ctx.wanted
    if session is None or session.link is not Link.LIVE:
        return
    while ctx.side_requests:
        ask(ctx, session, ctx.side_requests.pop(0))
    if request is None or session.busy:
        return
    if ctx.authority is not Authority.SETTLED or (ctx.round is not None and not ctx.round.waits_for_client):
        return
    ctx.wanted = None
    ask(ctx, session, request)


def ask(ctx: "Context", session: Session, request: Request) -> None:
    """Send a request on a session."""
    event_id = ctx.new_id("create")
    if request.purpose == "reply":
        session.requested = request
        ctx.set_timer("first_event", ctx.timing.first_event)
    ctx.requests[event_id] = request
    metadata = {REQUEST_KEY: event_id}
    ctx.do(CreateResponse(session.epoch, event_id, _limited(ctx, request), metadata))


def _limited(ctx: "Context", request: Request) -> JsonObject:
    """A model that keeps calling tools is told to speak."""
    options = dict(request.options)
    if request.purpose == "reply" and ctx.steps >= ctx.agent.limits.tool_steps:
        options["tool_choice"] = "none"
    return options


def cancel(ctx: "Context", session: Session) -> None:
    """Stop the response in progress on a session, once."""
    if session.response is not None and not session.cancelling:
        session.cancelling = True
        ctx.do(CancelResponse(session.epoch, session.response, ctx.new_id("cancel")))


def refuse(ctx: "Context", code: str, message: str, event_id: str | None, param: str | None = None) -> None:
    """Tell the client that something it asked for cannot be done."""
    ctx.tell(RefusalNotice(code, message, param, event_id))
