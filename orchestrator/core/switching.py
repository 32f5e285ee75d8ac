"""One mechanism for start, handoff, resume, reconnect and rollover: open a session, load the history, switch.

A switch is staged (the session is being opened and loaded), confirmed (the engine accepted its
configuration) and committed (it is on duty); only then may the agent speak. A refusal before that rolls
back, and the agent who was on duty goes on. The session that was replaced drains in the background:
transcripts may still come.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import arbiter, handing_over, leaving, linking
from orchestrator.core.errors import DeclarationError
from orchestrator.core.notices import AgentNotice, LinkNotice, RefusalNotice
from orchestrator.core.records import Purpose
from orchestrator.core.session import Request, Session, Switch
from orchestrator.core.transitions import LINK, Authority, Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context

# --- staged -----------------------------------------------------------------------------------------------


def start(ctx: "Context", purpose: Purpose) -> None:
    """Open a session for the agent on duty: at the start, after a loss, before a session expires."""
    if ctx.switch is not None:
        return
    previous = ctx.timeline.trail[-1] if ctx.timeline.trail else None
    try:
        session = linking.open_session(ctx, ctx.agent, purpose, previous=previous)
    except DeclarationError as error:
        if ctx.session is None:
            _retry_or_give_up(ctx, error.code, error.message, retryable=False)
        else:
            arm_rollover(ctx)
        return
    ctx.switch = Switch(epoch=session.epoch, purpose=purpose, target=ctx.agent.name)
    ctx.move_authority("staged")
    handing_over.reload(ctx, session)
    linking.route(ctx)


def ready(ctx: "Context", session: Session, expires_at: float | None) -> None:
    """The engine confirmed a session."""
    if session.link is not Link.OPENING:
        return
    session.link = LINK.after(session.link, "ready")
    session.expires_at = expires_at
    session.row = replace(session.row, ready_at=ctx.now)
    ctx.keep(session.row)
    ctx.clear_timer(f"open:{session.epoch}")
    ctx.move_authority("confirmed")


# --- committed --------------------------------------------------------------------------------------------


def commit_if_possible(ctx: "Context") -> bool:
    """Switch, once the new session is confirmed and loaded and the old one is silent.

    Returns:
        Whether it was done.
    """
    switch = ctx.switch
    if switch is None or ctx.authority is not Authority.CONFIRMED:
        return False
    if ctx.sessions[switch.epoch].awaits_history or not _quiet(ctx, switch):
        return False
    _commit(ctx, switch)
    return True


def _quiet(ctx: "Context", switch: Switch) -> bool:
    """Whether nobody is cut short: a handoff that the model asked for is its own last word."""
    old = ctx.session
    if old is None or switch.call is not None or switch.forced:
        return True
    return not (old.busy or ctx.reply is not None or ctx.hearing is not None or ctx.unwritten)


def _commit(ctx: "Context", switch: Switch) -> None:
    old, new = ctx.session, ctx.sessions[switch.epoch]
    ctx.switch = None
    if old is not None:
        _let_go(ctx, old, switch)
    ctx.move_authority("committed")
    ctx.on_duty = new.epoch
    if switch.row is not None:
        handing_over.commit_handoff(ctx, switch, switch.row, new)
        limit_duration(ctx)
    linking.route(ctx)
    arm_rollover(ctx)
    if switch.purpose in {"reconnect", "rollover"}:
        ctx.tell(LinkNotice("restored", switch.purpose))
    if switch.respond:
        arbiter.want(ctx, Request(asked_at=ctx.now))


def _let_go(ctx: "Context", old: Session, switch: Switch) -> None:
    """The replaced session drains; what the caller said to it meanwhile, the next agent must know first."""
    want_again(ctx, old)
    if switch.call is not None:
        old.owed = {name for name in old.transcripts if (ctx.timeline.sequence_of(name) or 0) > switch.since}
    linking.retire(ctx, old, switch.purpose)


def want_again(ctx: "Context", session: Session) -> None:
    """What a session owes the caller that is about to go, the next one is asked for."""
    inference = session.response
    if session.requested is not None and not session.unwanted:
        arbiter.want(ctx, session.requested)
    elif inference is None or inference.muted:
        return
    elif not inference.cancelling:
        if ctx.round is None or ctx.round.response_done:
            arbiter.want(ctx, inference.request or Request(asked_at=ctx.now))
    elif ctx.reply is not None:
        ctx.reply.status = "cancelled"


def limit_duration(ctx: "Context") -> None:
    """The agent on duty says how long the call may last."""
    ctx.clear_timer("duration")
    if ctx.call is not None and ctx.agent.limits.duration is not None:
        ctx.timers["duration"] = ctx.call.joined_at + ctx.agent.limits.duration


# --- rolled back ------------------------------------------------------------------------------------------


def roll_back(ctx: "Context", code: str, message: str) -> None:
    """The session that was to take over cannot: the agent who was on duty goes on."""
    switch = ctx.switch
    if switch is None:
        return
    ctx.switch = None
    ctx.clear_timer("summary")
    ctx.move_authority("rolled_back" if ctx.session is not None else "vacated")
    if switch.row is not None:
        row = replace(switch.row, outcome="rolled_back", settled_at=ctx.now, error=f"{code}: {message}")
        ctx.tell(AgentNotice("rolled_back", row.source, row.target, message))
        if switch.call is None:
            ctx.keep(row)
        else:
            refusal = f"{switch.target} cannot be reached now. Go on yourself."
            handing_over.refuse_handoff(ctx, switch.call, row, code, refusal)
    linking.route(ctx)


def session_failed(ctx: "Context", session: Session, code: str, message: str, *, retryable: bool) -> None:
    """A session could not be opened, was refused, or is lost."""
    on_duty = ctx.on_duty == session.epoch
    if on_duty:
        want_again(ctx, session)
        if ctx.wanted is None and _stood(ctx, session):
            ctx.failures = 0
    linking.close(ctx, session, code, lost=True)
    if ctx.switch is not None and ctx.switch.epoch == session.epoch:
        _switch_failed(ctx, ctx.switch, code, message, retryable=retryable)
    elif on_duty:
        _duty_failed(ctx, code, message, retryable=retryable or code == "session_expired")


def _stood(ctx: "Context", session: Session) -> bool:
    """Whether a session was there long enough to show that the engine is: that it opens does not."""
    ready_at = session.row.ready_at
    return ready_at is not None and ctx.now - ready_at >= ctx.timing.steady


def _duty_failed(ctx: "Context", code: str, message: str, *, retryable: bool) -> None:
    """The session on duty is lost; one that was to take over does so as soon as it can."""
    ctx.tell(LinkNotice("lost", code))
    ctx.clear_timer("ask_again")
    if ctx.switch is None:
        ctx.move_authority("vacated")
        _retry_or_give_up(ctx, code, message, retryable=retryable)
    else:
        ctx.switch.summary = None
    if ctx.call is not None:
        linking.route(ctx)


def _switch_failed(ctx: "Context", switch: Switch, code: str, message: str, *, retryable: bool) -> None:
    if switch.row is not None or ctx.session is not None:
        roll_back(ctx, code, message)
        if ctx.session is None:
            start(ctx, "reconnect")
        else:
            arm_rollover(ctx)
        return
    ctx.switch = None
    ctx.move_authority("vacated")
    linking.route(ctx)
    _retry_or_give_up(ctx, code, message, retryable=retryable)


def _retry_or_give_up(ctx: "Context", code: str, message: str, *, retryable: bool) -> None:
    if not ctx.failures:
        ctx.failing_since = ctx.now
    ctx.failures += 1
    is_in_time = ctx.now - ctx.failing_since < ctx.timing.unreached
    if retryable and is_in_time and ctx.failures <= len(ctx.timing.retries):
        ctx.set_timer("retry", ctx.timing.retries[ctx.failures - 1])
        return
    ctx.tell(LinkNotice("failed", code))
    ctx.tell(RefusalNotice(code, f"The engine cannot be reached: {message}", kind="server_error"))
    leaving.hang_up(ctx, by="service", reason=code)


def retry(ctx: "Context") -> None:
    """Try the engine again, after a loss."""
    if ctx.session is None:
        start(ctx, "reconnect")


# --- before a session expires -----------------------------------------------------------------------------


def arm_rollover(ctx: "Context") -> None:
    """Have another session opened well before the one on duty expires, and again where that failed."""
    for name in ("rollover", "expiry"):
        ctx.clear_timer(name)
    session = ctx.session
    if session is None or session.expires_at is None:
        return
    left = session.expires_at - ctx.now
    if left <= 0:
        return
    # A session that lives shorter than the lead is replaced half-way through what is left of it.
    ctx.set_timer("rollover", max(left - ctx.timing.rollover, left / 2, 1.0))
    ctx.set_timer("expiry", max(left - ctx.timing.rollover_latest, left * 3 / 4, 2.0))


def roll_over(ctx: "Context", *, now: bool = False) -> None:
    """Open another session for the agent on duty, to be switched to at a quiet moment.

    Args:
        now: The moment has come, quiet or not.
    """
    if ctx.session is None:
        return
    start(ctx, "rollover")
    if now and ctx.switch is not None:
        ctx.switch.forced = True
