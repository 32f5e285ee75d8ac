"""What operators and administrators do to a live conversation."""

from typing import TYPE_CHECKING

from orchestrator.core import arbiter, callers, handing_over, leaving, replies, switching, tool_round
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
from orchestrator.core.session import Request
from orchestrator.core.transitions import Authority

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def said(ctx: "Context", event: OperatorSaid) -> None:
    """The agent says the operator's words as soon as it is silent."""
    replies.say(ctx, event.text, "operator")


def injected(ctx: "Context", event: OperatorInjected) -> None:
    """The model is told something that the caller does not hear."""
    item = Item(
        id=ctx.new_id("item"),
        kind="message",
        role="system",
        content=(Part(text=event.text),),
        origin="operator",
    )
    tool_round.share(ctx, ctx.put(ctx.stamp(item)))
    if event.respond and not arbiter.turn_is_taken(ctx):
        arbiter.want(ctx, Request(asked_at=ctx.now))


def handed_off(ctx: "Context", event: OperatorHandedOff) -> None:
    """Another agent comes on duty as soon as the present one is silent."""
    unknown = event.target not in ctx.definition.agents or event.target == ctx.agent.name
    if unknown or ctx.switch is not None or ctx.authority is not Authority.SETTLED:
        return
    try:
        handing_over.stage_handoff(
            ctx,
            event.target,
            reason=event.reason or "an operator asked for it",
            payload={},
            cause="operator",
            policy=HistoryPolicy(),
        )
    except DeclarationError as error:
        arbiter.refuse(ctx, error.code, error.message, None)


def reconnected(ctx: "Context", event: OperatorReconnected) -> None:
    """A fresh session takes over from the one on duty."""
    del event
    if ctx.switch is None and ctx.authority is Authority.SETTLED:
        switching.start(ctx, "reconnect")


def ended(ctx: "Context", event: OperatorEnded) -> None:
    """The call ends."""
    leaving.hang_up(ctx, by=event.by, reason=event.reason or event.by, final=event.final)


def approved(ctx: "Context", event: ToolApproved) -> None:
    """A tool that waited for approval may run, or may not."""
    tool_round.approved(ctx, event)
    replies.after_round(ctx)


def definition_changed(ctx: "Context", event: DefinitionChanged) -> None:
    """An agent was changed: its session follows; another voice means another session."""
    session = ctx.session
    if session is None or event.agent != ctx.timeline.agent:
        return
    if ctx.agent.voice != session.config.voice or ctx.agent.model != session.config.model:
        reconnected(ctx, OperatorReconnected("agent changed"))
        return
    callers.reconfigure(ctx, session, None, instructions=True)
