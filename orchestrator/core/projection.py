"""What each engine has of the conversation, by which names, and how it is kept in step.

A session is a projection of the conversation: whatever enters or changes here is told to every open session
at its place, in a form that its engine and its agent understand, once.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core.commands import DeleteItem, SendItem, TruncateItem
from orchestrator.core.definition import AgentSpec
from orchestrator.core.items import Item
from orchestrator.core.loading import Told, message, note, tool_use
from orchestrator.core.session import Session
from orchestrator.core.tool_calls import failure

if TYPE_CHECKING:
    from orchestrator.core.context import Context

# --- names ------------------------------------------------------------------------------------------------


def adopt(ctx: "Context", session: Session, engine_id: str) -> str:
    """Our id of an item that the engine made: its own, unless something of the conversation has it."""
    if engine_id not in session.known:
        ours = ctx.new_id("item") if engine_id in ctx.item_ids else engine_id
        _join(ctx, session, engine_id, ours)
    return session.known[engine_id]


def adopt_as(ctx: "Context", session: Session, engine_id: str, item_id: str) -> None:
    """Know an item that the engine made by an id that we gave it before."""
    _join(ctx, session, engine_id, item_id)


def _join(ctx: "Context", session: Session, engine_id: str, item_id: str) -> None:
    ctx.item_ids.add(item_id)
    session.known[engine_id] = item_id
    session.names[item_id] = engine_id


# --- telling ----------------------------------------------------------------------------------------------


def load(ctx: "Context", session: Session, history: list[Told]) -> None:
    """Send history to a session, pipelined: nothing waits for an acknowledgement."""
    for told in history:
        _send(ctx, session, told, None)


def share(ctx: "Context", item: Item) -> None:
    """Tell an item, at its place, to every session that does not have it yet."""
    for session in ctx.sessions.values():
        if _takes(session, item):
            for told in message(ctx, item) if item.kind == "message" else [Told(item)]:
                _send(ctx, session, told, _place(ctx, session, item))


def deliver(ctx: "Context", call: Item, output: Item) -> None:
    """Tell an answered tool call to every session that does not know the answer yet."""
    for session in ctx.sessions.values():
        if not _takes(session, output):
            continue
        if call.id in session.sent:
            _send(ctx, session, Told(output), None)
        else:
            for told in tool_use(ctx, _agent_of(ctx, session), call, output):
                _send(ctx, session, told, None)


def _takes(session: Session, item: Item) -> bool:
    return (
        session.open
        and not session.awaits_history
        and not item.deleted
        and item.sequence >= session.since
        and item.id not in session.sent
    )


def _agent_of(ctx: "Context", session: Session) -> AgentSpec:
    return ctx.definition.agent(session.config.agent)


def _place(ctx: "Context", session: Session, item: Item) -> str | None:
    """The engine's id of the item to put this one behind, None to append it."""
    if not any(later.id in session.sent for later in ctx.timeline.since(item)):
        return None
    previous = ctx.timeline.before(item, lambda other: other.id in session.sent)
    return session.anchor if previous is None else session.theirs(previous)


def _send(ctx: "Context", session: Session, told: Told, previous_item_id: str | None) -> None:
    """Create an item at an engine; under another id, where the engine gave its own to something else."""
    item = told.item
    if item.id in session.known:
        told = Told(replace(item, id=ctx.new_id("item")), told.stands_for or (item.id,))
        item = told.item
    for name in told.stands_for or (item.id,):
        session.sent.add(name)
        if told.stands_for:
            session.names[name] = item.id
    session.unconfirmed.add(item.id)
    if item.tool_call_id in session.calls:
        item = replace(item, tool_call_id=session.calls[item.tool_call_id])
    ctx.do(SendItem(session.epoch, item, previous_item_id, f"item:{item.id}"))


def decline(ctx: "Context", session: Session, engine_call_id: str) -> None:
    """Answer a call of an engine that is no part of the conversation, once."""
    if engine_call_id in session.declined:
        return
    session.declined.add(engine_call_id)
    output = Item(
        id=ctx.new_id("note"),
        kind="function_call_output",
        tool_call_id=engine_call_id,
        output=failure("cancelled", "This was cancelled before it was done."),
        origin="service",
    )
    ctx.do(SendItem(session.epoch, output, None, f"item:{output.id}"))


# --- changing ---------------------------------------------------------------------------------------------


def withdraw(ctx: "Context", item: Item) -> None:
    """Take an item out of every session that has it."""
    for session in ctx.sessions.values():
        if session.open and item.id in session.sent:
            _delete(ctx, session, item)


def _delete(ctx: "Context", session: Session, item: Item) -> None:
    ctx.do(DeleteItem(session.epoch, session.theirs(item.id), f"delete:{item.id}"))
    session.sent.discard(item.id)
    session.names.pop(item.id, None)


def shorten(ctx: "Context", item: Item, content_index: int, audio_end_ms: int) -> None:
    """Bring what engines have of an assistant's item down to what was heard of it.

    The engine that spoke it truncates it; one that has it as text gets its heard prefix instead.
    """
    for session in ctx.sessions.values():
        if not session.open or item.id not in session.sent:
            continue
        if session.epoch == item.epoch and item.id in session.sounding:
            theirs, event_id = session.theirs(item.id), f"truncate:{item.id}"
            ctx.do(TruncateItem(session.epoch, theirs, content_index, audio_end_ms, event_id))
        elif item.heard is not None:
            _replace(ctx, session, item)


def _replace(ctx: "Context", session: Session, item: Item) -> None:
    _delete(ctx, session, item)
    for told in message(ctx, item):
        renamed = replace(told.item, id=ctx.new_id("item"))
        _send(ctx, session, Told(renamed, (item.id,)), _place(ctx, session, item))


def tell_again(ctx: "Context", session: Session, item: Item) -> None:
    """Tell an item under another id: the engine has used this one for something else."""
    renamed = replace(item, id=ctx.new_id("item"))
    _send(ctx, session, Told(renamed, (item.id,)), _place(ctx, session, item))


def tell_instead(ctx: "Context", session: Session, item: Item, text: str) -> None:
    """Tell as a note, once, what an engine did not take as an item: nothing waits, nothing is lost."""
    _send(ctx, session, Told(note(ctx, text), (item.id,)), _place(ctx, session, item))
