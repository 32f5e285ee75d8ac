"""What operators and administrators do to a live conversation."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, callers, handing_over, joining, leaving, switching, tool_round
from orchestrator.core.definition import HistoryPolicy
from orchestrator.core.errors import DeclarationError
from orchestrator.core.events import (
    DefinitionChanged,
    OperatorEnded,
    OperatorHandedOff,
    OperatorInjected,
    OperatorReconnected,
    OperatorSaid,
    ToolApproved,
)
from orchestrator.core.items import Item, Part
from orchestrator.core.projection import share
from orchestrator.core.session import Request, Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def said(ctx: "Context", event: OperatorSaid) -> None:
    """The agent says the operator's words as soon as it is silent."""
    ctx.words.append((event.text, "operator"))


def injected(ctx: "Context", event: OperatorInjected) -> None:
    """The model is told something that the caller does not hear."""
    item = Item(
        id=ctx.new_id("item"),
        kind="message",
        role="system",
        content=(Part(text=event.text),),
        origin="operator",
    )
    share(ctx, ctx.put(ctx.stamp(item)))
    if event.respond:
        arbiter.want(ctx, Request(asked_at=ctx.now))


def handed_off(ctx: "Context", event: OperatorHandedOff) -> None:
    """Another agent comes on duty as soon as the present one is silent; what cannot be is written down."""
    reason, policy = event.reason or "an operator asked for it", HistoryPolicy()
    row = handing_over.new_row(ctx, event.target, reason=reason, payload={}, cause="operator", policy=policy)
    try:
        refusal = _why_not(ctx, event.target)
        if refusal is None:
            handing_over.stage_handoff(ctx, row, policy)
    except DeclarationError as error:
        refusal = error.message
    if refusal is not None:
        ctx.keep(replace(row, outcome="refused", settled_at=ctx.now, error=refusal))


def _why_not(ctx: "Context", target: str) -> str | None:
    spec = ctx.definition.agents.get(target)
    if spec is None or not spec.enabled:
        return f"There is no agent {target!r}, or it is switched off."
    if target == ctx.agent.name:
        return f"{target} is on duty already."
    if ctx.switch is not None and ctx.switch.row is not None:
        return "The caller is being handed over already."
    return None


def reconnected(ctx: "Context", event: OperatorReconnected) -> None:
    """A fresh session takes over from the one on duty."""
    del event
    switching.start(ctx, "reconnect")


def ended(ctx: "Context", event: OperatorEnded) -> None:
    """The call ends."""
    leaving.hang_up(ctx, by=event.by, reason=event.reason or event.by, final=event.final)


def approved(ctx: "Context", event: ToolApproved) -> None:
    """A tool that waited for approval may run, or may not."""
    tool_round.approved(ctx, event)


def definition_changed(ctx: "Context", event: DefinitionChanged) -> None:
    """An agent was changed: its sessions follow; another voice, model or engine means another session."""
    joining.relieve_missing_agent(ctx)
    for session in list(ctx.sessions.values()):
        if session.config.agent == event.agent:
            _follow(ctx, session)


def _follow(ctx: "Context", session: Session) -> None:
    spec = ctx.definition.agent(session.config.agent)
    config = session.config
    fixed = (config.voice, config.model, config.engine)
    if fixed == (spec.voice, spec.model, spec.engine):
        callers.reconfigure(ctx, session, before=ctx.wishes, instructions=True)
    elif session.epoch == ctx.on_duty:
        switching.start(ctx, "reconnect")
