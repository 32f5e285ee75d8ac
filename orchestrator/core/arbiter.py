"""The one owner of `response.create`: at most one is asked for or in progress, voice activity's own counted.

A wish waits until the session is live, no response is in progress, every tool call is answered, no agent is
about to come, the sound of our own words is made, and the caller is silent. Exactly one wish can wait: a
second one is covered by the first.
"""

from typing import TYPE_CHECKING, Final

from orchestrator.core.commands import CancelResponse, CreateResponse
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import RefusalNotice
from orchestrator.core.session import Inference, Request, Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context

REQUEST_KEY: Final = "orchestrator_request"
"""Metadata key by which an engine's response is joined to our request."""

ACTIVE: Final = "conversation_already_has_active_response"
NOT_ACTIVE: Final = "response_cancel_not_active"


def turn_is_taken(ctx: "Context") -> bool:
    """Whether the agent is busy with a reply, in any of its stages."""
    session = ctx.session
    asked = session is not None and session.requested is not None and not session.unwanted
    return ctx.reply is not None or ctx.wanted is not None or asked


def is_taken_by_own_words(ctx: "Context") -> bool:
    """Whether all that is to come of the turn is the sound of words of our own, such as a greeting."""
    session = ctx.session
    own_words = ctx.reply is not None and ctx.reply.own_words
    return own_words and ctx.wanted is None and not (session is not None and session.busy)


def want(ctx: "Context", request: Request) -> None:
    """Ask for a response as soon as that is possible, unless one is waiting to be asked for already."""
    ctx.wanted = ctx.wanted or request


def ask_if_possible(ctx: "Context") -> bool:
    """Send the requests that wait, should nothing stand in their way any more.

    Returns:
        Whether one was sent.
    """
    session = ctx.session
    if session is None:
        return False
    if ctx.side_requests:
        ask(ctx, session, ctx.side_requests.pop(0))
        return True
    request = ctx.wanted
    if request is None or not _may_ask(ctx, session, request):
        return False
    ctx.wanted = None
    session.requested, session.unwanted = request, False
    ctx.timers.setdefault(f"first_event:{session.epoch}", ctx.now + ctx.timing.first_event)
    ask(ctx, session, request)
    return True


def _may_ask(ctx: "Context", session: Session, request: Request) -> bool:
    # A handoff that the model asked for is a call of the round until it is settled.
    if session.busy or ctx.round is not None or "ask_again" in ctx.timers:
        return False
    if ctx.reply is not None and ctx.reply.own_words:
        return False
    if ctx.unwritten or (ctx.hearing is not None and not request.by_client):
        return False
    return not any(other.owed for other in ctx.sessions.values())


def ask(ctx: "Context", session: Session, request: Request) -> None:
    """Send a request on a session."""
    event_id = ctx.new_id("create")
    session.requests[event_id] = request
    if request.purpose != "reply":
        ctx.set_timer(f"side:{session.epoch}:{event_id}", ctx.timing.side)
    metadata = {REQUEST_KEY: event_id}
    ctx.do(CreateResponse(session.epoch, event_id, _adjusted(ctx, session, request), metadata))


def _adjusted(ctx: "Context", session: Session, request: Request) -> JsonObject:
    """The options as this engine understands them; a model that keeps calling tools is told to speak."""
    options = dict(request.options)
    if isinstance(items := options.get("input"), list):
        options["input"] = [_reference(session, item) if isinstance(item, dict) else item for item in items]
    if request.purpose == "reply" and ctx.steps >= ctx.agent.limits.tool_steps:
        options["tool_choice"] = "none"
    return options


def _reference(session: Session, item: JsonObject) -> JsonObject:
    name = item.get("id")
    if item.get("type") != "item_reference" or not isinstance(name, str):
        return item
    return {**item, "id": session.theirs(name)}


def cancel(ctx: "Context", session: Session) -> None:
    """Stop the response in progress on a session; it is over once the engine says so, or soon."""
    if session.response is not None and stop(ctx, session, session.response):
        ctx.set_timer(f"silence:{session.epoch}", ctx.timing.stopping)


def stop(ctx: "Context", session: Session, response: Inference) -> bool:
    """Tell the engine, once, that a response is no longer wanted.

    Returns:
        Whether it had not been told before.
    """
    if response.cancelling:
        return False
    response.cancelling = True
    ctx.do(CancelResponse(session.epoch, response.id, ctx.new_id("cancel")))
    return True


def answered(ctx: "Context", session: Session) -> None:
    """The request that was sent on a session has begun to be answered, or was refused."""
    session.requested, session.unwanted, session.doubtful = None, False, False
    ctx.clear_timer(f"first_event:{session.epoch}")


def refuse(ctx: "Context", code: str, message: str, event_id: str | None, param: str | None = None) -> None:
    """Tell the client that something it asked for cannot be done."""
    ctx.tell(RefusalNotice(code, message, param, event_id))
