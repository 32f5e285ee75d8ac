"""Recording with consent: a call is recorded while its agent says so, and its caller was told first."""

from typing import TYPE_CHECKING

from orchestrator.core.commands import RecordCall

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def settle(ctx: "Context") -> bool:
    """Begin or stop recording as the agent on duty asks; words that say so come before all others.

    Returns:
        Whether anything changed.
    """
    if ctx.call is None:
        ctx.recorded = ctx.informed = None
        return False
    line = ctx.agent.recording
    wanted = line is not None and ctx.wishes.modality == "audio"
    if wanted == (ctx.recorded == ctx.call.id):
        return False
    ctx.recorded = ctx.call.id if wanted else None
    if line is not None and ctx.informed != ctx.call.id and wanted:
        ctx.informed = ctx.call.id
        ctx.words.insert(0, (line, "service"))
    ctx.do(RecordCall(ctx.call.id, on=wanted))
    return True
