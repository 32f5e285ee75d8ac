"""Handing the caller over to another agent: staged, confirmed, committed, then spoken."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from orchestrator.core import arbiter, linking, projection, tool_round
from orchestrator.core.configuration import effective_session
from orchestrator.core.definition import BACK, HistoryPolicy
from orchestrator.core.errors import DeclarationError
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.loading import Told, earlier_history, handoff_note, note, whole_history
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


# --- staged -----------------------------------------------------------------------------------------------


def start_handoff(ctx: "Context", call: "ToolCall") -> None:
    """Stage the handoff that the model asked for, unless a rule forbids it."""
    if call.handoff is None:
        return
    edge, target = call.handoff
    row = new_row(
        ctx,
        target,
        reason=str(call.arguments.get("reason") or edge.when),
        payload={name: value for name, value in call.arguments.items() if name != "reason"},
        cause="model",
        policy=edge.history,
    )
    limit = ctx.agent.limits.handoffs
    if ctx.hops >= limit:
        message = f"The caller was handed over {limit} times without a word. Go on yourself."
        refuse_handoff(ctx, call, replace(row, outcome="refused"), "handoff_loop", message)
    elif ctx.switch is not None and ctx.switch.row is not None:
        message = "The caller is being handed over already."
        refuse_handoff(ctx, call, replace(row, outcome="refused"), "superseded", message)
    else:
        _try_to_stage(ctx, call, row, edge.history, back=edge.target == BACK)


def _try_to_stage(
    ctx: "Context", call: "ToolCall", row: HandoffRow, policy: HistoryPolicy, *, back: bool
) -> None:
    try:
        stage_handoff(ctx, row, policy, back=back, call=call)
    except DeclarationError as error:
        message = "That agent cannot be reached now. Go on yourself."
        refuse_handoff(ctx, call, replace(row, outcome="refused", error=error.message), error.code, message)


def new_row(
    ctx: "Context", target: str, *, reason: str, payload: JsonObject, cause: Cause, policy: HistoryPolicy
) -> HandoffRow:
    """What is stored of a handoff from the agent on duty."""
    return HandoffRow(
        id=ctx.new_id("handoff"),
        source=ctx.agent.name,
        target=target,
        reason=reason,
        payload=payload,
        history=policy.kind,
        cause=cause,
        outcome="staged",
        from_epoch=ctx.on_duty or 0,
        to_epoch=0,
        staged_at=ctx.now,
    )


def stage_handoff(
    ctx: "Context",
    row: HandoffRow,
    policy: HistoryPolicy,
    *,
    back: bool = False,
    call: "ToolCall | None" = None,
) -> None:
    """Open a session for another agent beside the one on duty; a fresh one for the same agent is given up.

    Raises:
        DeclarationError: The target's instructions could not be computed; nothing was done.
    """
    spec = ctx.definition.agent(row.target)
    session = linking.open_session(ctx, spec, "handoff", previous=row.source, payload=row.payload)
    if ctx.switch is not None:
        linking.close(ctx, ctx.sessions[ctx.switch.epoch], "superseded")
    ctx.move_authority("staged")
    ctx.clear_timer("retry")
    row = replace(row, to_epoch=session.epoch)
    switch = ctx.switch = Switch(
        epoch=session.epoch,
        purpose="handoff",
        target=row.target,
        call=call,
        row=row,
        back=back,
        policy=policy,
        since=ctx.timeline.last_sequence,
        respond=True,
    )
    ctx.keep(row)
    ctx.tell(AgentNotice("staged", row.source, row.target, row.reason))
    if policy.kind == "summary" and ctx.session is not None:
        _ask_for_summary(ctx, switch, ctx.session, session)
    else:
        load_target(ctx, switch)
    linking.route(ctx)


def _ask_for_summary(ctx: "Context", switch: Switch, session: Session, target: Session) -> None:
    options: JsonObject = {
        "conversation": "none",
        "instructions": SUMMARY_WISH,
        "output_modalities": ["text"],
        "tools": [],
    }
    switch.summary = Request(options=options, purpose="summary", asked_at=ctx.now)
    target.awaits_history = True
    ctx.set_timer("summary", ctx.timing.summary)
    arbiter.ask(ctx, session, switch.summary)


def load_target(ctx: "Context", switch: Switch) -> None:
    """Tell the target what its edge lets it know, how it came to be called, and what was said since."""
    if switch.row is None:
        return
    switch.summary = None
    ctx.clear_timer("summary")
    session, row, spec = ctx.sessions[switch.epoch], switch.row, ctx.definition.agent(switch.target)
    reading = ctx.timeline.reading()
    before = [item for item in reading if item.sequence <= switch.since]
    history, first = earlier_history(ctx, spec, switch.policy, before, switch.told)
    session.since = switch.since + 1 if first is None else first
    told = note(ctx, handoff_note(row.source, row.target, {"reason": row.reason, "payload": row.payload}))
    switch.note = told.id
    if session.since > 0:
        session.anchor = (history[0].item if history else told).id
    session.awaits_history = False
    projection.load(ctx, session, [*history, Told(told)])
    for item in reading:
        if item.sequence > switch.since and item.kind == "message":
            projection.share(ctx, item)


# --- committed --------------------------------------------------------------------------------------------


def commit_handoff(ctx: "Context", switch: Switch, row: HandoffRow, session: Session) -> None:
    """The target is on duty: answer the call that asked for it, and write the handoff down."""
    if switch.call is not None:
        tool_round.answer(ctx, switch.call, json.dumps({"handed_off_to": switch.target}), "completed")
        ctx.round = None
    ctx.timeline.hand_over(row.source, row.target, back=switch.back)
    marker = Item(
        id=ctx.new_id("item"),
        kind="handoff",
        agent=row.source,
        origin="operator" if row.cause == "operator" else "model",
        data=_marker_data(ctx, switch, row),
    )
    marker = ctx.put(ctx.stamp(marker))
    session.sent.add(marker.id)
    session.names[marker.id] = switch.note or marker.id
    ctx.hops += 1
    ctx.steps, ctx.repairs = 0, {}
    ctx.keep(replace(row, outcome="committed", settled_at=ctx.now))
    ctx.keep_conversation("live")
    ctx.tell(AgentNotice("committed", row.source, row.target, row.reason))
    ctx.tell(SessionNotice(effective_session(ctx)))


def _marker_data(ctx: "Context", switch: Switch, row: HandoffRow) -> JsonObject:
    data: JsonObject = {
        "from": row.source,
        "to": row.target,
        "reason": row.reason,
        "payload": row.payload,
        "cause": row.cause,
        "back": switch.back,
        "history": switch.policy.kind,
        "seconds": round(ctx.now - row.staged_at, 3),
    }
    if switch.policy.kind == "last":
        data["count"] = switch.policy.count
    if switch.told is not None:
        data["summary"] = switch.told
    return data


# --- refused ----------------------------------------------------------------------------------------------


def refuse_handoff(ctx: "Context", call: "ToolCall", row: HandoffRow, code: str, message: str) -> None:
    """Answer a handoff that does not take place; the agent on duty goes on."""
    ctx.keep(replace(row, settled_at=ctx.now, error=row.error or message))
    tool_round.answer(ctx, call, failure(code, message), "failed", code)


def reload(ctx: "Context", session: Session) -> None:
    """Tell a fresh session of the agent on duty all that the agent knew."""
    history, session.since = whole_history(ctx, ctx.agent)
    if session.since > 0 and history:
        session.anchor = history[0].item.id
    projection.load(ctx, session, history)
