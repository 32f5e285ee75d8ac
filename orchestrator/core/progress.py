"""What can happen next, once something has happened: a list of steps, tried until none does anything.

Handlers of events only note what is so; what follows from it is found here, by looking at the state and not
at how it came about. So nothing can be forgotten, and nothing waits for an event that has passed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from orchestrator.core import (
    arbiter,
    consent,
    handing_over,
    idling,
    leaving,
    replies,
    speaking,
    switching,
    tool_round,
)
from orchestrator.core.projection import deliver
from orchestrator.core.reply import OpenReply
from orchestrator.core.session import Request
from orchestrator.core.tool_calls import Round, ToolCall, failure
from orchestrator.core.transitions import TURN, Turn

if TYPE_CHECKING:
    from orchestrator.core.context import Context

APOLOGY: Final = "I am sorry, I could not do that. What else can I do for you?"
"""Said for a model that goes on calling tools after it was told to speak."""


def advance(ctx: "Context") -> None:
    """Do all that can be done now."""
    while any(step(ctx) for step in _STEPS):
        pass
    _move_turn(ctx)
    idling.look(ctx)


# --- tools and handoffs -----------------------------------------------------------------------------------


def _finish_round(ctx: "Context") -> bool:
    """Take the next step once every call of ours is answered: hand over, let the client act, or go on."""
    this = ctx.round
    if this is None or not this.complete or (ctx.switch is not None and ctx.switch.call is not None):
        return False
    for call in this.calls.values():
        if call.output is not None:
            deliver(ctx, call.item, call.output)
    handoffs = [call for call in this.open_calls if call.handoff is not None]
    if handoffs:
        _hand_over(ctx, handoffs)
    elif this.waits_for_client:
        return _let_client_act(ctx)
    else:
        _go_on(ctx, this)
    return True


def _hand_over(ctx: "Context", handoffs: list[ToolCall]) -> None:
    for superseded in handoffs[1:]:
        told = failure("superseded", "Another handoff of the same response takes place.")
        tool_round.answer(ctx, superseded, told, "cancelled", "superseded")
    tool_round.abandon_client_calls(ctx, "The caller was handed over before the answer came.")
    handing_over.start_handoff(ctx, handoffs[0])


def _let_client_act(ctx: "Context") -> bool:
    """A client answers its tools once the reply is over; a wish for a response does not wait for it."""
    if ctx.wanted is not None:
        tool_round.abandon_client_calls(ctx, "The conversation went on without an answer.")
        return True
    if ctx.reply is None or ctx.reply.voicing or (ctx.session is not None and ctx.session.busy):
        return False
    replies.end_turn(ctx, "completed")
    return True


def _go_on(ctx: "Context", this: Round) -> None:
    """Every call is answered: have the model speak, unless that is the client's to ask for."""
    ctx.round = None
    ctx.steps += 1
    clients_turn = this.has_client_calls and ctx.reply is None
    if ctx.call is None or this.silent or clients_turn:
        return
    if ctx.steps > ctx.agent.limits.tool_steps:
        ctx.words.append((APOLOGY, "service"))
    else:
        arbiter.want(ctx, Request(asked_at=ctx.now))


def _load_target(ctx: "Context") -> bool:
    """Tell the agent who is to take over what it may know, once it is known what that is."""
    switch = ctx.switch
    if switch is None or switch.summary is not None or not ctx.sessions[switch.epoch].awaits_history:
        return False
    handing_over.load_target(ctx, switch)
    return True


# --- the end of a reply -----------------------------------------------------------------------------------


def _end_reply(ctx: "Context") -> bool:
    if ctx.reply is None or _is_carried(ctx, ctx.reply):
        return False
    replies.end_turn(ctx, ctx.reply.status, ctx.reply.details)
    return True


def _is_carried(ctx: "Context", reply: OpenReply) -> bool:
    """Whether anything is still to come of the reply."""
    session, switch = ctx.session, ctx.switch
    if reply.voicing or reply.own_words:
        return bool(reply.voicing)
    if ctx.wanted is not None or (session is not None and _is_speaking(ctx)):
        return True
    if ctx.round is not None and not ctx.round.silent:
        return True
    return switch is not None and switch.call is not None and switch.respond


def _is_speaking(ctx: "Context") -> bool:
    session = ctx.session
    if session is None:
        return False
    making = session.response is not None and not session.response.muted
    return making or (session.requested is not None and not session.unwanted)


def _say_words(ctx: "Context") -> bool:
    if not ctx.words or ctx.call is None or arbiter.turn_is_taken(ctx):
        return False
    speaking.say(ctx, *ctx.words.pop(0))
    return True


def _hang_up(ctx: "Context") -> bool:
    if ctx.ending is None or ctx.words or ctx.round is not None or ctx.paused or arbiter.turn_is_taken(ctx):
        return False
    leaving.hang_up(ctx, by="agent", reason=ctx.ending)
    return True


_STEPS: Final[tuple[Callable[["Context"], bool], ...]] = (
    consent.settle,
    _finish_round,
    _load_target,
    _end_reply,
    _hang_up,
    switching.commit_if_possible,
    arbiter.ask_if_possible,
    _say_words,
)


# --- whose turn it is -------------------------------------------------------------------------------------

_HAPPENING: Final = {
    Turn.IDLE: "ended",
    Turn.LISTENING: "caller_speaks",
    Turn.WAITING: "response_wanted",
    Turn.RESPONDING: "response_started",
    Turn.WORKING: "tools_called",
}


def _move_turn(ctx: "Context") -> None:
    turn = _turn(ctx)
    if turn is not ctx.turn:
        ctx.turn = TURN.after(ctx.turn, _HAPPENING[turn])


def _turn(ctx: "Context") -> Turn:
    session, switch = ctx.session, ctx.switch
    handing_over_now = switch is not None and switch.call is not None
    if ctx.reply is not None and handing_over_now:
        return Turn.WORKING
    if session is not None and session.response is not None and not session.response.muted:
        return Turn.RESPONDING
    if ctx.reply is not None and ctx.round is not None and not ctx.reply.own_words:
        return Turn.WORKING
    if ctx.reply is not None and ctx.reply.voicing:
        return Turn.RESPONDING
    if ctx.wanted is not None or _is_speaking(ctx):
        return Turn.WAITING
    return Turn.IDLE if ctx.hearing is None else Turn.LISTENING
