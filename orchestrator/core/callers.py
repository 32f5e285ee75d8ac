"""What a client does during a call: it sets the session up, asks for responses, stops them, and leaves."""

from typing import TYPE_CHECKING

from orchestrator.core import arbiter, hearing, inputs, leaving, replies, reply, speaking, tool_round
from orchestrator.core.arbiter import refuse
from orchestrator.core.commands import UpdateSession
from orchestrator.core.configuration import (
    build_config,
    check_client_tools,
    effective_session,
    merge,
    speaks_text,
)
from orchestrator.core.errors import DeclarationError, InvalidRequestError
from orchestrator.core.events import (
    CallerAskedResponse,
    CallerCancelled,
    CallerClearedAudio,
    CallerCommittedAudio,
    CallerUpdated,
    CallLeft,
    KeyPressed,
)
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import ItemNotice, SessionNotice
from orchestrator.core.projection import share
from orchestrator.core.reply import OpenReply
from orchestrator.core.session import Request, Session, Update

if TYPE_CHECKING:
    from orchestrator.core.configuration import Wishes
    from orchestrator.core.context import Context


def left(ctx: "Context", event: CallLeft) -> None:
    """The client connection is gone."""
    leaving.call_left(ctx, event.call_id, event.reason, event.statistics)


# --- settings ---------------------------------------------------------------------------------------------


def updated(ctx: "Context", event: CallerUpdated) -> None:
    """The client wants other settings; all of them are taken, or none."""
    try:
        check_client_tools(ctx, event.session)
    except InvalidRequestError as error:
        refuse(ctx, error.code, error.message, event.event_id, error.param)
        return
    before = ctx.wishes
    ctx.wishes = merge(ctx.wishes, event.session)
    ctx.tell(SessionNotice(effective_session(ctx), event.event_id))
    for session in ctx.sessions.values():
        reconfigure(ctx, session, before=before, event_id=event.event_id)


def reconfigure(
    ctx: "Context",
    session: Session,
    *,
    before: "Wishes",
    event_id: str | None = None,
    instructions: bool = False,
) -> None:
    """Bring a session's configuration up to date, where that changes anything.

    Args:
        before: The wishes to go back to, should the engine refuse.
        event_id: Of the client's event.
        instructions: Whether they are to be taken anew from the agent's declaration; they stay where they
            cannot be computed.
    """
    if not session.open:
        return
    spec = ctx.definition.agent(session.config.agent)
    try:
        config = build_config(
            ctx,
            spec,
            loaded=session.loaded,
            previous=session.previous,
            payload=session.payload,
            instructions=None if instructions else session.config.instructions,
        )
    except DeclarationError:
        return
    session.text_to_speech = speaks_text(ctx, spec)
    if config != session.config:
        name = ctx.new_id("update")
        session.updates[name] = Update(session.config, before, ctx.wishes, event_id)
        session.config = config
        ctx.do(UpdateSession(session.epoch, config, name))
        hearing.reconfigured(ctx)


# --- responses --------------------------------------------------------------------------------------------


def asked_response(ctx: "Context", event: CallerAskedResponse) -> None:
    """The client wants the agent to speak, or something answered out of band."""
    options = {name: value for name, value in event.options.items() if name != "metadata"}
    metadata = event.options.get("metadata")
    side = options.get("conversation") == "none"
    request = Request(
        options=options if side else _own_options(ctx, options),
        metadata=metadata if isinstance(metadata, dict) else None,
        event_id=event.event_id,
        by_client=True,
        purpose="side" if side else "reply",
        asked_at=ctx.now,
    )
    if side:
        ctx.side_requests.append(request)
    elif arbiter.turn_is_taken(ctx) and not arbiter.is_taken_by_own_words(ctx):
        active = ctx.reply.id if ctx.reply else "one that is about to begin"
        message = f"Conversation already has an active response in progress: {active}. Wait until it is done."
        refuse(ctx, arbiter.ACTIVE, message, event.event_id)
    else:
        arbiter.want(ctx, request)


def _own_options(ctx: "Context", options: JsonObject) -> JsonObject:
    """A response's own instructions and tools go on top of the agent's, never in their place."""
    session = ctx.session
    asked, tools = options.get("instructions"), options.get("tools")
    if isinstance(asked, str) and session is not None:
        options["instructions"] = f"{session.config.instructions}\n\n{asked}"
    if isinstance(tools, list) and session is not None:
        options["tools"] = [*session.config.tools, *tools]
    return options


def cancelled(ctx: "Context", event: CallerCancelled) -> None:
    """The client stops the reply, in whatever stage it is."""
    other = event.response_id is not None and (ctx.reply is None or ctx.reply.id != event.response_id)
    if not arbiter.turn_is_taken(ctx) or other:
        refuse(ctx, arbiter.NOT_ACTIVE, "Cancellation failed: no active response found", event.event_id)
        return
    request, ctx.wanted = ctx.wanted, None
    ctx.clear_timer("ask_again")
    if ctx.switch is not None:
        ctx.switch.respond = False
    session = ctx.session
    if session is not None and session.response is not None and not session.response.muted:
        session.response.hushed = True
        speaking.stop(ctx)
        arbiter.cancel(ctx, session)
        return
    if session is not None and session.requested is not None:
        request, session.unwanted = session.requested, True
    tool_round.silence(ctx, leaving=False)
    if ctx.reply is None and request is not None and request.by_client:
        ctx.reply = reply.begin(ctx, OpenReply(ctx.new_id("resp"), "text", request.metadata))
    replies.end_turn(ctx, "cancelled", {"type": "cancelled", "reason": "client_cancelled"})


# --- audio and keys ---------------------------------------------------------------------------------------


def committed_audio(ctx: "Context", event: CallerCommittedAudio) -> None:
    """The client ends its turn by hand."""
    hearing.committed(ctx, event.event_id)


def cleared_audio(ctx: "Context", event: CallerClearedAudio) -> None:
    """The client discards what it said."""
    hearing.cleared(ctx, event.event_id)


def key_pressed(ctx: "Context", event: KeyPressed) -> None:
    """A telephone key is a word to the agent."""
    text = Part(text=f"[The caller pressed {event.key}]")
    data: JsonObject = {"key": event.key}
    key = Item(
        id=ctx.new_id("item"), kind="message", role="user", origin="caller", content=(text,), data=data
    )
    item = ctx.put(ctx.stamp(key))
    for stage in ("added", "done"):
        ctx.tell(ItemNotice(stage, item, ctx.previous_visible(item)))
    share(ctx, item)
    inputs.new_turn(ctx)
    arbiter.want(ctx, Request(asked_at=ctx.now))
