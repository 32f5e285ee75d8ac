"""A caller who says nothing after a reply is asked, where the engine does not do so (section 8.8).

Time begins when the reply has been heard to its end, which the driver knows (`WatchPlayback`). The engine is
told of the silence in words, as an item of the caller's, and then a response is asked for.
"""

from typing import TYPE_CHECKING, Final

from orchestrator.core import arbiter, inputs
from orchestrator.core.commands import WatchPlayback
from orchestrator.core.events import AllPlayed
from orchestrator.core.items import Item, Part
from orchestrator.core.notices import IdleNotice
from orchestrator.core.projection import share
from orchestrator.core.session import Request, Session
from orchestrator.core.transitions import Turn

if TYPE_CHECKING:
    from orchestrator.core.context import Context

SILENCE: Final = "[The caller has said nothing for {seconds:g} seconds.]"


def look(ctx: "Context") -> None:
    """Wait for the caller as soon as it is the caller's turn, and no longer than that."""
    session = ctx.session
    waits = (
        ctx.awaits_caller
        and ctx.turn is Turn.IDLE
        and ctx.call is not None
        and ctx.round is None
        and session is not None
        and session.config.idle_ms is not None
    )
    if waits == (ctx.patience is not None):
        return
    if waits:
        ctx.waits += 1
        ctx.patience = ctx.waits
        ctx.do(WatchPlayback(ctx.waits))
    else:
        ctx.patience = None
        ctx.clear_timer("idle")


def all_played(ctx: "Context", event: AllPlayed) -> None:
    """The reply was heard to its end: time begins."""
    session = ctx.session
    if event.number == ctx.patience and session is not None and session.config.idle_ms is not None:
        ctx.set_timer("idle", session.config.idle_ms / 1000)


def strike(ctx: "Context") -> None:
    """The caller has said nothing for too long."""
    session, call = ctx.session, ctx.call
    if session is None or call is None or session.config.idle_ms is None:
        return
    ctx.patience = None
    inputs.new_turn(ctx)
    item = ctx.put(ctx.stamp(_silence(ctx, session, session.config.idle_ms)))
    now_ms = int((ctx.now - call.joined_at) * 1000)
    ctx.tell(IdleNotice(item.id, max(0, now_ms - session.config.idle_ms), now_ms))
    inputs.tell_made(ctx, item)
    share(ctx, item)
    arbiter.want(ctx, Request(asked_at=ctx.now))


def _silence(ctx: "Context", session: Session, milliseconds: int) -> Item:
    text = SILENCE.format(seconds=milliseconds / 1000)
    return Item(
        id=ctx.new_id("item"),
        kind="message",
        role="user",
        epoch=session.epoch,
        content=(Part(text=text),),
        origin="service",
        data={"idle_ms": milliseconds},
    )
