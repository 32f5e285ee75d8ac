"""The end of a call: everything in progress is brought to an end, and after that only persistence goes on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import linking, reply, speaking, tool_round
from orchestrator.core.commands import HangUp
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import EndedNotice
from orchestrator.core.transitions import LINK, Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def hang_up(ctx: "Context", *, by: str, reason: str, final: bool = False) -> None:
    """End the call from our side."""
    if ctx.call is None:
        return
    call_id = ctx.call.id
    _wind_up(ctx)
    ctx.tell(EndedNotice(by, reason))
    ctx.do(HangUp(call_id, reason))
    _be_over(ctx, reason, {}, by if final else None)


def call_left(ctx: "Context", call_id: str, reason: str, statistics: JsonObject) -> None:
    """The client connection is gone; whoever listens beside it is told."""
    if ctx.call is None or ctx.call.id != call_id:
        return
    _wind_up(ctx)
    ctx.tell(EndedNotice("caller", reason))
    _be_over(ctx, reason, statistics, None)


def _wind_up(ctx: "Context") -> None:
    """Bring to an end what the client was told the beginning of."""
    speaking.stop(ctx)
    for session in ctx.sessions.values():
        linking.end_inference(ctx, session, "cancelled")
        for side in session.sides.values():
            reply.end(ctx, side, "cancelled", {"type": "cancelled", "reason": "client_cancelled"})
        session.sides.clear()
        session.requests.clear()
        session.requested = None
    tool_round.silence(ctx, leaving=True)
    if ctx.reply is not None:
        reply.end(ctx, ctx.reply, "cancelled", {"type": "cancelled", "reason": "client_cancelled"})
    if ctx.switch is not None and ctx.switch.row is not None:
        ctx.keep(replace(ctx.switch.row, outcome="rolled_back", settled_at=ctx.now, error="the call ended"))


def _be_over(ctx: "Context", reason: str, statistics: JsonObject, ended_by: str | None) -> None:
    """Nobody is there any more: forget what was meant for the caller, and close or drain the sessions."""
    if ctx.call is not None:
        ctx.keep(replace(ctx.call, left_at=ctx.now, leave_reason=reason, statistics=statistics))
    ctx.call = ctx.reply = ctx.switch = ctx.wanted = ctx.ending = ctx.hearing = ctx.on_duty = None
    ctx.awaits_caller, ctx.paused, ctx.patience = False, False, None
    ctx.commit_waits, ctx.utterance, ctx.heard_by = False, None, None
    ctx.unwritten.clear()
    ctx.committing.clear()
    ctx.words.clear()
    ctx.side_requests.clear()
    ctx.timers = {name: at for name, at in ctx.timers.items() if name.startswith(("tool:", "drain:"))}
    for session in list(ctx.sessions.values()):
        if session.link is Link.LIVE and session.transcripts:
            session.link = LINK.after(session.link, "retired")
            ctx.set_timer(f"drain:{session.epoch}", ctx.timing.drain)
        elif session.link is Link.DRAINING:
            linking.close_if_drained(ctx, session)
        else:
            linking.close(ctx, session, "call ended")
    ctx.move_authority("ended")
    ctx.keep_conversation("ended" if ended_by is not None else "idle", ended_by)
