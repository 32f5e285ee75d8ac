"""What happens when nothing happens: every wait has a deadline, and every deadline an outcome."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from orchestrator.core import (
    hearing,
    idling,
    inputs,
    leaving,
    linking,
    replies,
    sides,
    speaking,
    switching,
    tool_round,
)
from orchestrator.core.events import ToolApproved
from orchestrator.core.session import Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context

FILLER: Final = "One moment, please."


def next_due(ctx: "Context") -> str | None:
    """The name of the timer that is due, the earliest first; None when none is."""
    name = min(ctx.timers, key=ctx.timers.__getitem__, default=None)
    return name if name is not None and ctx.timers[name] <= ctx.now else None


def fire(ctx: "Context", name: str) -> None:
    """Let a timer have its effect."""
    del ctx.timers[name]
    kind, _, which = name.partition(":")
    if (handle := _FOR_SESSIONS.get(kind)) is not None:
        handle(ctx, ctx.sessions[int(which)])
    else:
        _OTHERS[kind](ctx, which)


# --- sessions ---------------------------------------------------------------------------------------------


def _lost(ctx: "Context", session: Session, message: str) -> None:
    switching.session_failed(ctx, session, "engine_timeout", message, retryable=True)


def _not_ready(ctx: "Context", session: Session) -> None:
    _lost(ctx, session, "The session was not ready in time.")


def _nothing_began(ctx: "Context", session: Session) -> None:
    if session.doubtful:
        replies.untagged(ctx, session)
    elif session.requested is not None or ctx.wanted is not None:
        _lost(ctx, session, "The engine began no response.")


def _went_silent(ctx: "Context", session: Session) -> None:
    """A response in progress is given up once nothing at all was heard from the engine for too long."""
    inference = session.response
    if inference is None:
        return
    quiet_until = session.touched_at + ctx.timing.silence
    if inference.cancelling or quiet_until <= ctx.now:
        _lost(ctx, session, "The engine went silent.")
    else:
        ctx.timers[f"silence:{session.epoch}"] = quiet_until


def _drained(ctx: "Context", session: Session) -> None:
    linking.close(ctx, session, "drained")


_FOR_SESSIONS: Final[dict[str, Callable[["Context", Session], None]]] = {
    "open": _not_ready,
    "first_event": _nothing_began,
    "silence": _went_silent,
    "drain": _drained,
}

# --- everything else --------------------------------------------------------------------------------------


def _without_summary(ctx: "Context", which: str) -> None:
    del which
    if ctx.switch is not None:
        ctx.switch.summary = None


def _fill(ctx: "Context", tool_call_id: str) -> None:
    """A caller who waits for a slow tool is told so, and again after a while."""
    call = tool_round.find(ctx, tool_call_id)
    if call is None or call.stage not in {"running", "settling"}:
        return
    words = (call.spec.filler if call.spec else None) or FILLER
    speaking.say_meanwhile(ctx, tool_call_id, words)
    ctx.set_timer(f"filler:{tool_call_id}", ctx.timing.filler_again)


def _not_approved(ctx: "Context", tool_call_id: str) -> None:
    reason = "Nobody approved it in time."
    tool_round.approved(ctx, ToolApproved(tool_call_id, approve=False, reason=reason))


_OTHERS: Final[dict[str, Callable[["Context", str], None]]] = {
    "side": sides.give_up,
    "retry": lambda ctx, _: switching.retry(ctx),
    "rollover": lambda ctx, _: switching.roll_over(ctx),
    "expiry": lambda ctx, _: switching.roll_over(ctx, now=True),
    "summary": _without_summary,
    "ask_again": lambda _ctx, _: None,
    "speech": lambda ctx, _: inputs.silent(ctx),
    "held": lambda ctx, _: hearing.held_long(ctx),
    "idle": lambda ctx, _: idling.strike(ctx),
    "words": hearing.give_up_words,
    "filler": _fill,
    "approval": _not_approved,
    "tool": tool_round.give_up,
    "voice": speaking.give_up,
    "duration": lambda ctx, _: leaving.hang_up(ctx, by="service", reason="duration_limit"),
}
