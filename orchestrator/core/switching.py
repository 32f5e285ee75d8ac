"""One mechanism for start, handoff, resume, reconnect and rollover: open a session, load the history, switch.

A switch is staged (the session is being opened and loaded), confirmed (the engine accepted its
configuration) and committed (it is on duty); only then may the agent speak. A refusal before that rolls
back, and the agent who was on duty goes on. The session that was replaced drains in the background:
transcripts may still come.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, handing_over, leaving, linking, replies
from orchestrator.core.definition import HistoryPolicy
from orchestrator.core.errors import DeclarationError
from orchestrator.core.loading import items_to_load
from orchestrator.core.notices import AgentNotice, LinkNotice, RefusalNotice
from orchestrator.core.records import Purpose
from orchestrator.core.session import Request, Session, Switch
from orchestrator.core.transitions import LINK, Authority, Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def stage_same_agent(ctx: "Context", purpose: Purpose) -> None:
    """Open a session for the agent on duty: at the start, after a loss, before a session expires."""
    if ctx.switch is not None:
        return
    session = linking.open_session(
        ctx, ctx.agent, purpose, previous=ctx.timeline.trail[-1] if ctx.timeline.trail else None
    )
    ctx.switch = Switch(epoch=session.epoch, purpose=purpose, target=ctx.agent.name)
    ctx.move_authority("staged")
    linking.load(ctx, session, items_to_load(ctx, ctx.agent, HistoryPolicy()))
    linking.route(ctx)


def start(ctx: "Context", purpose: Purpose) -> None:
    """Open the first session of a call; what is left of an earlier call's sessions drains on its own."""
    try:
        stage_same_agent(ctx, purpose)
    except DeclarationError as error:
        _retry_or_give_up(ctx, error.code, error.message, retryable=False)


def ready(ctx: "Context", session: Session, expires_at: float | None) -> None:
    """The engine confirmed a session."""
    if session.link is not Link.OPENING:
        return
    session.link = LINK.after(session.link, "ready")
    session.expires_at = expires_at
    session.row = replace(session.row, ready_at=ctx.now)
    ctx.keep(session.row)
    ctx.clear_timer(f"open:{session.epoch}")
    if ctx.switch is not None and ctx.switch.epoch == session.epoch:
        ctx.move_authority("confirmed")
        commit_if_possible(ctx)


def commit_if_possible(ctx: "Context") -> None:
    """Switch, once the new session is confirmed and loaded and the old one is silent."""
    switch, old = ctx.switch, ctx.session
    if switch is None or ctx.authority is not Authority.CONFIRMED or switch.summary_of is not None:
        return
    if old is not None and old.busy and switch.call is None:
        return
    if ctx.round is not None and switch.call is None and not ctx.round.complete:
        return
    _commit(ctx, switch)


def _commit(ctx: "Context", switch: Switch) -> None:
    old, new = ctx.session, ctx.sessions[switch.epoch]
    ctx.switch, ctx.failures = None, 0
    ctx.move_authority("committed")
    ctx.on_duty = new.epoch
    if switch.row is not None:
        handing_over.commit_handoff(ctx, switch, switch.row)
    if old is not None:
        linking.retire(ctx, old, switch.purpose)
    linking.route(ctx)
    if new.expires_at is not None:
        ctx.timers["rollover"] = new.expires_at - ctx.timing.rollover
    if switch.purpose in {"reconnect", "rollover"}:
        ctx.tell(LinkNotice("restored", switch.purpose))
    if switch.respond and ctx.wanted is None:
        arbiter.want(ctx, Request(asked_at=ctx.now))
    arbiter.ask_if_possible(ctx)


def roll_back(ctx: "Context", code: str, message: str) -> None:
    """The session that was to take over cannot: the agent who was on duty goes on."""
    switch = ctx.switch
    if switch is None:
        return
    ctx.switch = None
    ctx.clear_timer("summary")
    ctx.move_authority("rolled_back" if ctx.session is not None else "vacated")
    if switch.row is not None:
        ctx.keep(replace(switch.row, outcome="rolled_back", settled_at=ctx.now, error=f"{code}: {message}"))
        ctx.tell(AgentNotice("rolled_back", switch.row.source, switch.row.target, message))
    if switch.call is not None:
        refusal = f"{switch.target} cannot be reached now. Go on yourself."
        handing_over.refuse_handoff(ctx, switch.call, code, refusal)
    linking.route(ctx)


def session_failed(ctx: "Context", session: Session, code: str, message: str, *, retryable: bool) -> None:
    """A session could not be opened, was refused, or is lost."""
    switching = ctx.switch is not None and ctx.switch.epoch == session.epoch
    on_duty = ctx.on_duty == session.epoch
    if on_duty:
        _remember_what_was_wanted(ctx, session)
    linking.close(ctx, session, code, lost=True)
    if on_duty:
        replies.break_off(ctx, session)
        ctx.tell(LinkNotice("lost", code))
    if switching:
        _switch_failed(ctx, code, message, retryable=retryable)
    elif on_duty and ctx.switch is None:
        ctx.move_authority("vacated")
        _retry_or_give_up(ctx, code, message, retryable=retryable or code == "session_expired")
    if ctx.call is not None:
        linking.route(ctx)


def _remember_what_was_wanted(ctx: "Context", session: Session) -> None:
    """The caller waits for a response that the lost session owed: the next session is asked for it."""
    if ctx.wanted is None and session.requested is not None:
        ctx.wanted = session.requested
    elif ctx.wanted is None and session.response is not None and not session.cancelling:
        ctx.wanted = Request(asked_at=ctx.now)


def _switch_failed(ctx: "Context", code: str, message: str, *, retryable: bool) -> None:
    purpose = ctx.switch.purpose if ctx.switch else "start"
    if purpose == "handoff" or ctx.session is not None:
        roll_back(ctx, code, message)
        if purpose == "rollover":
            ctx.set_timer("rollover", ctx.timing.rollover_latest)
        if ctx.session is None and ctx.switch is None:
            start(ctx, "reconnect")
        return
    ctx.switch = None
    ctx.move_authority("vacated")
    _retry_or_give_up(ctx, code, message, retryable=retryable)


def _retry_or_give_up(ctx: "Context", code: str, message: str, *, retryable: bool) -> None:
    ctx.failures += 1
    if retryable and ctx.failures <= len(ctx.timing.retries):
        ctx.set_timer("retry", ctx.timing.retries[ctx.failures - 1])
        return
    ctx.tell(LinkNotice("failed", code))
    ctx.tell(RefusalNotice(code, f"The engine cannot be reached: {message}", kind="server_error"))
    leaving.hang_up(ctx, by="service", reason=code)


def retry(ctx: "Context") -> None:
    """Try the engine again, after a loss."""
    if ctx.call is not None and ctx.session is None and ctx.switch is None:
        start(ctx, "reconnect")
