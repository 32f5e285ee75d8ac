"""What happens when nothing happens: every wait has a deadline, and every deadline an outcome."""

from typing import TYPE_CHECKING

from orchestrator.core import arbiter, handing_over, leaving, linking, replies, switching, tool_round
from orchestrator.core.events import ToolApproved

if TYPE_CHECKING:
    from orchestrator.core.context import Context

FILLER = "One moment, please."


def fire_due(ctx: "Context") -> None:
    """Let every timer that is due have its effect, the earliest first."""
    while due := [name for name, at in ctx.timers.items() if at <= ctx.now]:
        name = min(due, key=lambda candidate: ctx.timers[candidate])
        del ctx.timers[name]
        kind, _, which = name.partition(":")
        _fire(ctx, kind, which)


def _fire(ctx: "Context", kind: str, which: str) -> None:
    match kind:
        case "open":
            _session_timed_out(ctx, int(which), "The session was not ready in time.")
        case "first_event" | "silence":
            _session_timed_out(ctx, ctx.on_duty or 0, "The engine went silent.")
        case "drain":
            _drained(ctx, int(which))
        case "retry":
            switching.retry(ctx)
        case "rollover":
            if ctx.session is not None and ctx.switch is None:
                switching.start(ctx, "rollover")
        case "summary":
            handing_over.load_handoff(ctx, None)
            switching.commit_if_possible(ctx)
        case "ask_again":
            arbiter.ask_if_possible(ctx)
        case "filler":
            _fill(ctx, which)
        case "approval":
            tool_round.approved(ctx, ToolApproved(which, approve=False, reason="Nobody approved it in time."))
            replies.after_round(ctx)
        case "duration":
            leaving.hang_up(ctx, by="service", reason="duration_limit")
        case _:
            tool_round.give_up(ctx, which)


def _session_timed_out(ctx: "Context", epoch: int, message: str) -> None:
    session = ctx.sessions.get(epoch)
    if session is not None:
        switching.session_failed(ctx, session, "engine_timeout", message, retryable=True)


def _drained(ctx: "Context", epoch: int) -> None:
    session = ctx.sessions.get(epoch)
    if session is not None:
        linking.close(ctx, session, "drained")


def _fill(ctx: "Context", tool_call_id: str) -> None:
    """A caller who waits for a slow tool is told so, once."""
    call = tool_round.find(ctx, tool_call_id)
    words = (call.spec.filler if call and call.spec else None) or FILLER
    replies.say_meanwhile(ctx, tool_call_id, words)
