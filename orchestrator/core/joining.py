"""A client takes the line: what an earlier life left open is closed, and a session is opened."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from orchestrator.core import arbiter, leaving, switching, tool_round
from orchestrator.core.configuration import effective_session, modalities
from orchestrator.core.events import CallJoined, CallMoved
from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import JoinedNotice, SessionNotice, StateNotice
from orchestrator.core.records import CallRow
from orchestrator.core.session import Request
from orchestrator.core.tool_calls import Round, ToolCall, failure, parse
from orchestrator.core.transitions import Authority

if TYPE_CHECKING:
    from orchestrator.core.context import Context

CUT_OFF: Final = "The call was cut off before this was done."


def joined(ctx: "Context", event: CallJoined) -> None:
    """A client takes the line: open a session for the agent on duty and load the history."""
    if ctx.call is not None:
        leaving.hang_up(ctx, by="service", reason="replaced")
    if ctx.authority is Authority.ENDED:
        ctx.move_authority("joined")
    ctx.failures = 0
    ctx.call = CallRow(id=event.call_id, transport=event.transport, joined_at=ctx.now)
    ctx.keep(ctx.call)
    relieve_missing_agent(ctx)
    new = len(ctx.timeline) == 0
    resumed = not new and ctx.epoch > 0
    if resumed:
        _close_items(ctx)
        data: JsonObject = {"call": event.call_id}
        ctx.put(ctx.stamp(Item(id=ctx.new_id("item"), kind="resumed", origin="service", data=data)))
    ctx.keep_conversation("live")
    switching.limit_duration(ctx)
    _introduce(ctx, resumed=resumed)
    if event.greet and new and ctx.agent.greeting:
        ctx.words.append((ctx.agent.greeting, "service"))
    _take_up_unanswered(ctx)
    if event.greet and resumed and _owes_reply(ctx):
        _reply_after_all(ctx)
    switching.start(ctx, "resume" if resumed else "start")


def moved(ctx: "Context", event: CallMoved) -> None:
    """The caller came back by another connection: sessions, replies and the session's settings go on."""
    if ctx.call is None:
        return
    ctx.keep(replace(ctx.call, left_at=ctx.now, leave_reason="replaced", statistics=event.statistics))
    ctx.call = CallRow(id=event.call_id, transport=event.transport, joined_at=ctx.now)
    ctx.keep(ctx.call)
    _introduce(ctx, resumed=True)


def _introduce(ctx: "Context", *, resumed: bool) -> None:
    """Tell a client that has just taken the line what it finds."""
    ctx.tell(SessionNotice(effective_session(ctx)))
    introduction = JoinedNotice(
        conversation_id=ctx.timeline.conversation_id,
        agent=ctx.agent.name,
        resumed=resumed,
        hears=ctx.abilities(ctx.agent).hears,
        speaks=modalities(ctx, ctx.agent, loaded=len(ctx.timeline) > 0)[1] == "audio",
    )
    ctx.tell(introduction)
    for name, value in ctx.timeline.states.items():
        ctx.tell(StateNotice(name, ctx.timeline.revisions[name], value))


def relieve_missing_agent(ctx: "Context") -> None:
    """An agent that no longer exists, or was switched off, is relieved by the entry agent."""
    agent, entry = ctx.timeline.agent, ctx.definition.entry
    if agent == entry or (agent in ctx.definition.agents and ctx.agent.enabled):
        return
    data: JsonObject = {
        "from": agent,
        "to": entry,
        "reason": f"{agent} is not available any more",
        "payload": {},
        "cause": "operator",
        "back": False,
        "history": "full",
        "seconds": 0.0,
    }
    ctx.timeline.hand_over(agent, entry, back=False)
    ctx.put(ctx.stamp(Item(id=ctx.new_id("item"), kind="handoff", origin="service", agent=agent, data=data)))


def _close_items(ctx: "Context") -> None:
    """Bring to their end the items that a crash cut off; those of sessions that still drain get theirs."""
    for item in ctx.timeline.reading():
        if item.status is ItemStatus.IN_PROGRESS and item.epoch not in ctx.sessions:
            status = ItemStatus.COMPLETED if item.role == "user" else ItemStatus.INCOMPLETE
            ctx.put(replace(item, status=status))


def _take_up_unanswered(ctx: "Context") -> None:
    """Answer the tool calls that a crash left open: run what may be run, and say the rest was cut off."""
    if ctx.round is not None:
        return
    items = {item.tool_call_id: item for item in ctx.timeline.reading() if item.kind == "function_call"}
    open_calls = [items[name] for name in ctx.timeline.unanswered()]
    if not open_calls:
        return
    ctx.round = Round(response_done=True, silent=True)
    for item in open_calls:
        mine = item.agent == ctx.agent.name
        attempt = ctx.tool_attempts.get(item.tool_call_id or "", 0) + 1
        call = ToolCall(item, spec=ctx.agent.tool(item.name or "") if mine else None, attempt=attempt)
        ctx.round.calls[call.id] = call
        _take_up(ctx, call)
    tool_round.run_next(ctx)


def _owes_reply(ctx: "Context") -> bool:
    """Whether the caller said something a moment ago that nothing was heard in answer to."""
    for item in reversed(ctx.timeline.reading()):
        if item.role == "user":
            return ctx.now - item.created_at <= ctx.timing.back
        if item.role == "assistant" and item.heard != "":
            return False
    return False


def _reply_after_all(ctx: "Context") -> None:
    """Go on with the turn that the loss of the connection cut off: its tools first, where some still run."""
    if ctx.round is None:
        arbiter.want(ctx, Request(asked_at=ctx.now))
    else:
        ctx.round.silent = False


def _take_up(ctx: "Context", call: ToolCall) -> None:
    spec = call.spec
    may_run = spec is not None and spec.run is not None and spec.rerun and call.attempt <= tool_round.ATTEMPTS
    if spec is None or not may_run or parse(call):
        call.spec = None
        call.attempt = max(1, call.attempt - 1)
        tool_round.answer(ctx, call, failure("interrupted", CUT_OFF), "cancelled", "interrupted")
    elif spec.needs_approval:
        tool_round.await_approval(ctx, call)
