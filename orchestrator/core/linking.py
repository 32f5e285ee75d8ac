"""Sessions with engines: opened, loaded, replaced, closed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, tool_round
from orchestrator.core.commands import CloseSession, OpenSession, RouteAudio
from orchestrator.core.configuration import build_config
from orchestrator.core.definition import AgentSpec
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import Purpose, SessionRow
from orchestrator.core.session import Session
from orchestrator.core.transitions import LINK, Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def open_session(
    ctx: "Context",
    spec: AgentSpec,
    purpose: Purpose,
    *,
    previous: str | None = None,
    payload: JsonObject | None = None,
) -> Session:
    """Have a session opened for an agent; items for it may be sent at once.

    Raises:
        DeclarationError: The agent's instructions could not be computed.
    """
    ctx.epoch += 1
    config = build_config(ctx, spec, loaded=len(ctx.timeline) > 0, previous=previous, payload=payload)
    row = SessionRow(
        epoch=ctx.epoch,
        agent=spec.name,
        purpose=purpose,
        modality=config.modality,
        engine=config.engine or "",
        model=config.model,
        voice=config.voice,
        opened_at=ctx.now,
    )
    session = Session(ctx.epoch, config, purpose, row, touched_at=ctx.now)
    ctx.sessions[session.epoch] = session
    ctx.keep(row)
    ctx.do(OpenSession(session.epoch, config))
    ctx.set_timer(f"open:{session.epoch}", ctx.timing.open)
    return session


def load(ctx: "Context", session: Session, items: list[Item]) -> None:
    """Send history to a session, pipelined: nothing waits for an acknowledgement."""
    for item in items:
        tool_round.send(ctx, session, item)


def retire(ctx: "Context", session: Session, reason: str) -> None:
    """A session is replaced: let it drain where transcripts are still to come, else close it."""
    session.link = LINK.after(session.link, "retired") if session.link is Link.LIVE else session.link
    arbiter.cancel(ctx, session)
    if session.transcripts and session.link is Link.DRAINING:
        ctx.set_timer(f"drain:{session.epoch}", ctx.timing.drain)
    else:
        close(ctx, session, reason)


def close(ctx: "Context", session: Session, reason: str, *, lost: bool = False) -> None:
    """Be done with a session."""
    session.link = LINK.after(session.link, "failed" if lost else "closed")
    for timer in ("open", "drain"):
        ctx.clear_timer(f"{timer}:{session.epoch}")
    if session.response_row is not None:
        ctx.keep(replace(session.response_row, status="failed" if lost else "cancelled", done_at=ctx.now))
        session.response_row = None
    session.row = replace(session.row, closed_at=ctx.now, close_reason=reason)
    ctx.keep(session.row)
    ctx.do(CloseSession(session.epoch, reason))
    del ctx.sessions[session.epoch]
    if ctx.on_duty == session.epoch:
        ctx.on_duty = None


def route(ctx: "Context") -> None:
    """Caller audio goes to the session on duty and to the one that is to take over."""
    hear = [epoch for epoch in (ctx.on_duty, ctx.switch.epoch if ctx.switch else None) if epoch is not None]
    ctx.do(RouteAudio(tuple(hear), ctx.on_duty))
