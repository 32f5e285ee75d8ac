"""The end of a call: everything in progress is brought to an end, and after that only persistence goes on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import linking, replies, reply, tool_round
from orchestrator.core.commands import HangUp
from orchestrator.core.items import ItemStatus
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import EndedNotice
from orchestrator.core.transitions import LINK, TURN, Authority, Link

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
    _leave(ctx, reason, {})
    _be_over(ctx, by if final else None, final=final)


def call_left(ctx: "Context", call_id: str, reason: str, statistics: JsonObject) -> None:
    """The client connection is gone."""
    if ctx.call is None or ctx.call.id != call_id:
        return
    _wind_up(ctx)
    _leave(ctx, reason, statistics)
    _be_over(ctx, None, final=False)


def _wind_up(ctx: "Context") -> None:
    ctx.wanted, ctx.ending = None, None
    ctx.words.clear()
    for session in ctx.sessions.values():
        replies.finish_items(ctx, session, ItemStatus.INCOMPLETE)
    for open_reply in [
        *([ctx.reply] if ctx.reply else []),
        *(side for side in ctx.sides.values() if side.told),
    ]:
        reply.end(ctx, open_reply, "cancelled", {"type": "cancelled", "reason": "client_cancelled"})
    ctx.reply = None
    ctx.sides.clear()
    tool_round.silence(ctx, leaving=True)
    if ctx.switch is not None and ctx.switch.row is not None:
        ctx.keep(replace(ctx.switch.row, outcome="rolled_back", settled_at=ctx.now, error="the call ended"))
    ctx.switch = None


def _leave(ctx: "Context", reason: str, statistics: JsonObject) -> None:
    if ctx.call is not None:
        ctx.keep(replace(ctx.call, left_at=ctx.now, leave_reason=reason, statistics=statistics))
        ctx.call = None


def _be_over(ctx: "Context", ended_by: str | None, *, final: bool) -> None:
    """Close the sessions; one whose transcripts are still to come drains first."""
    ctx.timers.clear()
    for session in list(ctx.sessions.values()):
        if session.transcripts and session.link is Link.LIVE:
            session.link = LINK.after(session.link, "retired")
            ctx.set_timer(f"drain:{session.epoch}", ctx.timing.drain)
        elif session.link is not Link.DRAINING:
            linking.close(ctx, session, "call ended")
    for call in ctx.round.calls.values() if ctx.round else ():
        if call.stage == "running":
            ctx.set_timer(f"tool:{call.id}", ctx.agent.limits.tool_timeout * 2)
    ctx.on_duty = None
    ctx.turn = TURN.start
    if ctx.authority is not Authority.ENDED:
        ctx.move_authority("ended")
    ctx.keep_conversation("ended" if final else "idle", ended_by)
