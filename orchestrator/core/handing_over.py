"""Handing the caller over to another agent: staged, confirmed, committed, then spoken."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from orchestrator.core import arbiter, linking, tool_round
from orchestrator.core.configuration import effective_session
from orchestrator.core.definition import BACK, HistoryPolicy
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.loading import handoff_note, items_to_load, note
from orchestrator.core.notices import AgentNotice, SessionNotice
from orchestrator.core.records import HandoffRow
from orchestrator.core.session import Request, Session, Switch
from orchestrator.core.tool_calls import failure

if TYPE_CHECKING:
    from orchestrator.core.context import Context
    from orchestrator.core.tool_calls import ToolCall

Cause = Literal["model", "operator", "caller"]

SUMMARY_WISH: Final = (
    "Summarise the conversation so far for a colleague who takes over, in at most five sentences. Facts only."
)


def start_handoff(ctx: "Context", call: "ToolCall") -> None:
    """Stage the handoff that the model asked for, unless a rule forbids it."""
    refusal = handoff_refusal(ctx, call)
    if refusal is not None or call.handoff is None:
        refuse_handoff(ctx, call, *(refusal or ("unknown_tool", "There is no such handoff.")))
        return
    edge, target = call.handoff
    payload = {name: value for name, value in call.arguments.items() if name != "reason"}
    stage_handoff(
        ctx,
        target,
        reason=str(call.arguments.get("reason") or edge.when),
        payload=payload,
        cause="model",
        policy=edge.history,
        back=edge.target == BACK,
        call=call,
    )


def handoff_refusal(ctx: "Context", call: "ToolCall") -> tuple[str, str] | None:
    """Why a handoff that the model asked for may not take place; None when it may."""
    limit = ctx.agent.limits.handoffs
    if ctx.hops >= limit:
        return "handoff_loop", f"The caller was handed over {limit} times without a word. Go on yourself."
    if call.handoff is None:
        return "unknown_tool", "There is no such handoff."
    return None


def stage_handoff(
    ctx: "Context",
    target: str,
    *,
    reason: str,
    payload: JsonObject,
    cause: Cause,
    policy: HistoryPolicy,
    back: bool = False,
    call: "ToolCall | None" = None,
) -> None:
    """Open a session for another agent beside the one on duty.

    Raises:
        DeclarationError: The target's instructions could not be computed.
    """
    source, spec = ctx.agent.name, ctx.definition.agent(target)
    session = linking.open_session(ctx, spec, "handoff", previous=source, payload=payload)
    row = HandoffRow(
        id=ctx.new_id("handoff"),
        source=source,
        target=target,
        reason=reason,
        payload=payload,
        history=policy.kind,
        cause=cause,
        outcome="staged",
        from_epoch=ctx.on_duty or 0,
        to_epoch=session.epoch,
        staged_at=ctx.now,
    )
    ctx.switch = Switch(
        epoch=session.epoch,
        purpose="handoff",
        target=target,
        call=call,
        row=row,
        back=back,
        policy=policy,
        respond=True,
    )
    ctx.move_authority("staged")
    ctx.keep(row)
    ctx.tell(AgentNotice("staged", source, target, reason))
    if policy.kind == "summary" and ctx.session is not None:
        _ask_for_summary(ctx, ctx.switch, ctx.session)
    else:
        load_handoff(ctx, None)
    linking.route(ctx)


def _ask_for_summary(ctx: "Context", switch: Switch, session: Session) -> None:
    switch.summary_of = session.epoch
    ctx.set_timer("summary", ctx.timing.summary)
    options: JsonObject = {
        "conversation": "none",
        "instructions": SUMMARY_WISH,
        "output_modalities": ["text"],
        "tools": [],
    }
    arbiter.ask(ctx, session, Request(options=options, purpose="summary", asked_at=ctx.now))


def load_handoff(ctx: "Context", summary: str | None) -> None:
    """Send the target what its edge's history policy lets it know, and how it came to be called."""
    switch = ctx.switch
    if switch is None or switch.row is None:
        return
    switch.summary_of = None
    ctx.clear_timer("summary")
    session, row = ctx.sessions[switch.epoch], switch.row
    items = items_to_load(ctx, ctx.definition.agent(switch.target), switch.policy, summary)
    told = handoff_note(row.source, row.target, {"reason": row.reason, "payload": row.payload})
    linking.load(ctx, session, [*items, note(ctx, told)])


def commit_handoff(ctx: "Context", switch: Switch, row: HandoffRow) -> None:
    """The target is on duty: answer the call that asked for it, and write the handoff down."""
    if switch.call is not None:
        tool_round.answer(ctx, switch.call, json.dumps({"handed_off_to": switch.target}), "completed")
        ctx.round = None
    data: JsonObject = {
        "from": row.source,
        "to": row.target,
        "reason": row.reason,
        "payload": row.payload,
        "cause": row.cause,
        "back": switch.back,
        "seconds": round(ctx.now - row.staged_at, 3),
    }
    marker = Item(id=ctx.new_id("item"), kind="handoff", origin="service", data=data)
    ctx.put(ctx.stamp(marker))
    if switch.back and ctx.timeline.trail:
        ctx.timeline.trail.pop()
    else:
        ctx.timeline.trail.append(row.source)
    ctx.timeline.agent = row.target
    ctx.hops += 1
    ctx.steps, ctx.repairs = 0, {}
    ctx.keep(replace(row, outcome="committed", settled_at=ctx.now))
    ctx.keep_conversation("live")
    ctx.tell(AgentNotice("committed", row.source, row.target, row.reason))
    ctx.tell(SessionNotice(effective_session(ctx)))


def refuse_handoff(ctx: "Context", call: "ToolCall", code: str, message: str) -> None:
    """Answer a handoff that does not take place, and have the agent on duty speak."""
    silent = ctx.round is not None and ctx.round.silent
    tool_round.answer(ctx, call, failure(code, message), "failed", code)
    tool_round.deliver(ctx, call)
    ctx.round = None
    ctx.steps += 1
    if not silent:
        arbiter.want(ctx, Request(asked_at=ctx.now))
