"""What a client does: it joins, sets the session up, asks for responses, and leaves."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, inputs, leaving, replies, switching, tool_round
from orchestrator.core.arbiter import refuse
from orchestrator.core.commands import ClearAudio, CommitAudio, UpdateSession
from orchestrator.core.configuration import build_config, check_client_tools, effective_session, merge
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.events import (
    CallerAskedResponse,
    CallerCancelled,
    CallerClearedAudio,
    CallerCommittedAudio,
    CallerUpdated,
    CallJoined,
    CallLeft,
    KeyPressed,
    Played,
)
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import SessionNotice
from orchestrator.core.records import CallRow
from orchestrator.core.session import Request, Session
from orchestrator.core.tool_calls import Round, ToolCall, failure, parse
from orchestrator.core.transitions import Authority, Link, Turn

if TYPE_CHECKING:
    from orchestrator.core.context import Context


# --- joining and leaving ----------------------------------------------------------------------------------


def joined(ctx: "Context", event: CallJoined) -> None:
    """A client takes the line: open a session for the agent on duty and load the history."""
    if ctx.call is not None:
        leaving.hang_up(ctx, by="service", reason="replaced")
    if ctx.authority is Authority.ENDED:
        ctx.move_authority("joined")
    ctx.failures = 0
    ctx.call = CallRow(id=event.call_id, transport=event.transport, joined_at=ctx.now)
    ctx.keep(ctx.call)
    _find_agent(ctx)
    new = len(ctx.timeline) == 0
    if not new and ctx.epoch > 0:
        ctx.put(
            ctx.stamp(
                Item(id=ctx.new_id("item"), kind="resumed", origin="service", data={"call": event.call_id})
            )
        )
    ctx.keep_conversation("live")
    if ctx.agent.limits.duration is not None:
        ctx.set_timer("duration", ctx.agent.limits.duration)
    ctx.tell(SessionNotice(effective_session(ctx)))
    switching.start(ctx, "start" if new or ctx.epoch == 0 else "resume")
    _take_up_unanswered(ctx)
    if event.greet and new and ctx.agent.greeting:
        replies.say(ctx, ctx.agent.greeting, "service")


def _find_agent(ctx: "Context") -> None:
    """An agent that no longer exists is relieved by the entry agent."""
    if ctx.timeline.agent not in ctx.definition.agents:
        data: JsonObject = {
            "from": ctx.timeline.agent,
            "to": ctx.definition.entry,
            "reason": "the agent no longer exists",
            "cause": "operator",
        }
        ctx.put(ctx.stamp(Item(id=ctx.new_id("item"), kind="handoff", origin="service", data=data)))
        ctx.timeline.trail.append(ctx.timeline.agent)
        ctx.timeline.agent = ctx.definition.entry


def _take_up_unanswered(ctx: "Context") -> None:
    """Answer the tool calls that a crash left open: run what may be run, and say the rest was cut off."""
    if ctx.round is not None:
        return
    items = {item.tool_call_id: item for item in ctx.timeline.reading() if item.kind == "function_call"}
    open_calls = [items[name] for name in ctx.timeline.unanswered() if name in items]
    if not open_calls:
        return
    ctx.round = Round(response_done=True, silent=True)
    for item in open_calls:
        spec = ctx.agent.tool(item.name or "") if item.agent == ctx.agent.name else None
        runs = ctx.tool_attempts.get(item.tool_call_id or "", 0)
        call = ToolCall(item, spec=spec, attempt=runs + 1)
        ctx.round.calls[call.id] = call
        if spec is None or spec.run is None or not spec.rerun or parse(call):
            told = failure("interrupted", "The call was cut off before this was done.")
            tool_round.answer(ctx, call, told, "cancelled", "interrupted")
    tool_round.run_next(ctx)
    replies.after_round(ctx)


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
    ctx.wishes = merge(ctx.wishes, event.session)
    ctx.tell(SessionNotice(effective_session(ctx), event.event_id))
    for session in ctx.sessions.values():
        reconfigure(ctx, session, event.event_id)


def reconfigure(
    ctx: "Context", session: Session, event_id: str | None, *, instructions: bool = False
) -> None:
    """Bring a session's configuration up to date, where that changes anything.

    Args:
        instructions: Whether they are to be taken anew from the agent's declaration.
    """
    if session.link not in {Link.OPENING, Link.LIVE}:
        return
    spec = ctx.definition.agent(session.config.agent)
    config = build_config(ctx, spec, loaded=session.purpose != "start")
    if not instructions:
        config = replace(config, instructions=session.config.instructions)
    if config != session.config:
        session.config = config
        ctx.do(UpdateSession(session.epoch, config, f"update:{event_id or ''}"))


# --- responses --------------------------------------------------------------------------------------------


def asked_response(ctx: "Context", event: CallerAskedResponse) -> None:
    """The client wants the agent to speak, or something answered out of band."""
    options = {name: value for name, value in event.options.items() if name != "metadata"}
    metadata = event.options.get("metadata")
    request = Request(
        options=_own_options(ctx, options),
        metadata=metadata if isinstance(metadata, dict) else None,
        event_id=event.event_id,
        purpose="side" if options.get("conversation") == "none" else "reply",
        asked_at=ctx.now,
    )
    if request.purpose == "side":
        ctx.side_requests.append(request)
        arbiter.ask_if_possible(ctx)
        return
    if arbiter.turn_is_taken(ctx):
        active = ctx.reply.id if ctx.reply else "one that is about to begin"
        message = f"Conversation already has an active response in progress: {active}. Wait until it is done."
        refuse(ctx, arbiter.ACTIVE, message, event.event_id)
        return
    if ctx.round is not None and ctx.round.waits_for_client:
        tool_round.abandon_client_calls(ctx, "The application did not answer.")
    if ctx.round is not None and ctx.round.complete:
        ctx.round = None
    arbiter.want(ctx, request)


def _own_options(ctx: "Context", options: JsonObject) -> JsonObject:
    """A response's own instructions and tools go on top of the agent's, never in their place."""
    if options.get("conversation") == "none":
        return options
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
    ctx.wanted = None
    if ctx.switch is not None:
        ctx.switch.respond = False
    session = ctx.session
    if session is not None and session.response is not None:
        arbiter.cancel(ctx, session)
        return
    if session is not None and session.requested is not None:
        session.cancelling = True
        return
    tool_round.silence(ctx, leaving=False)
    replies.end_turn(ctx, "cancelled", {"type": "cancelled", "reason": "client_cancelled"})
    replies.after_round(ctx)


# --- audio and keys ---------------------------------------------------------------------------------------


def committed_audio(ctx: "Context", event: CallerCommittedAudio) -> None:
    """The client ends its turn by hand."""
    if ctx.session is not None:
        ctx.do(CommitAudio(ctx.session.epoch, f"commit:{event.event_id or ''}"))


def cleared_audio(ctx: "Context", event: CallerClearedAudio) -> None:
    """The client discards what it said."""
    if ctx.session is not None:
        ctx.do(ClearAudio(ctx.session.epoch, f"clear:{event.event_id or ''}"))


def key_pressed(ctx: "Context", event: KeyPressed) -> None:
    """A telephone key is a word to the agent."""
    item = ctx.new_id("item")
    from_key = Item(id=item, kind="message", role="user", origin="caller", data={"key": event.key})
    text = replace(from_key, content=(Part(text=f"[The caller pressed {event.key}]"),))
    tool_round.share(ctx, ctx.put(ctx.stamp(text)))
    inputs.new_turn(ctx)
    if ctx.turn is Turn.IDLE:
        arbiter.want(ctx, Request(asked_at=ctx.now))


def played(ctx: "Context", event: Played) -> None:
    """The caller's side has played so much of an item."""
    ctx.played[event.item_id] = event.milliseconds
