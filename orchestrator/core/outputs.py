"""What a response puts out: items, their parts, their text, and the tools it calls."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import replies, reply, tool_round
from orchestrator.core.configuration import open_handoffs
from orchestrator.core.engine_events import (
    AudioStarted,
    EngineItem,
    OutputDelta,
    OutputItemAdded,
    OutputItemDone,
    PartAdded,
    PartDone,
)
from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.notices import AudioRouteNotice
from orchestrator.core.reply import OpenReply
from orchestrator.core.session import Session
from orchestrator.core.tool_calls import ToolCall

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def reply_of(ctx: "Context", session: Session, response_id: str) -> OpenReply | None:
    """The reply that a response belongs to; None for a response that nobody waits for any more."""
    if response_id in ctx.sides:
        return ctx.sides[response_id]
    return ctx.reply if response_id == session.response and not session.muted else None


def item_added(ctx: "Context", session: Session, event: OutputItemAdded) -> None:
    """A response began an item: its row exists from now on."""
    open_reply = reply_of(ctx, session, event.response_id)
    if open_reply is not None:
        _begin(ctx, session, open_reply, event.item)


def _begin(ctx: "Context", session: Session, open_reply: OpenReply, told: EngineItem) -> Item | None:
    """The item as we know it, made when it is new; None for a type that we do not keep."""
    if told.kind not in {"message", "function_call"}:
        return None
    if open_reply.side:
        item = _from_engine(ctx, session, told, told.id)
        reply.start_item(ctx, open_reply, item)
        return item
    item_id = adopt(ctx, session, told.id)
    known = ctx.timeline.get(item_id)
    if known is not None:
        return known
    item = ctx.put(ctx.stamp(replace(_from_engine(ctx, session, told, item_id), epoch=session.epoch)))
    session.sent.add(item.id)
    if ctx.visible(item):
        reply.start_item(ctx, open_reply, item)
    return item


def adopt(ctx: "Context", session: Session, engine_id: str) -> str:
    """Our id of an item that the engine made: its own, unless another item of the conversation has it."""
    if engine_id not in session.known:
        taken = engine_id in ctx.timeline and engine_id not in session.sent
        session.known[engine_id] = ctx.new_id("item") if taken else engine_id
    return session.known[engine_id]


def _from_engine(ctx: "Context", session: Session, told: EngineItem, item_id: str) -> Item:
    client = told.kind == "function_call" and _is_client_tool(ctx, told.name or "")
    return Item(
        id=item_id,
        kind="message" if told.kind == "message" else "function_call",
        status=ItemStatus.IN_PROGRESS,
        agent=session.config.agent,
        role="assistant" if told.kind == "message" else None,
        content=told.content,
        name=told.name,
        arguments=told.arguments if told.kind == "function_call" else None,
        tool_call_id=_tool_call_id(ctx, session, told),
        data={"client_tool": True} if client else {},
    )


def _tool_call_id(ctx: "Context", session: Session, told: EngineItem) -> str | None:
    if told.kind != "function_call":
        return None
    theirs = told.tool_call_id or told.id
    ours = next((ours for ours, name in session.calls.items() if name == theirs), None)
    if ours is None:
        ours = ctx.new_id("call") if theirs in ctx.tool_call_ids else theirs
        session.calls[ours] = theirs
        ctx.tool_call_ids.add(ours)
    return ours


def _is_client_tool(ctx: "Context", name: str) -> bool:
    spec = ctx.agent.tool(name)
    return spec.run is None if spec else name in ctx.wishes.tool_names


def part_added(ctx: "Context", session: Session, event: PartAdded) -> None:
    """A response began a content part."""
    open_reply = reply_of(ctx, session, event.response_id)
    if open_reply is not None and open_reply.index(session.ours(event.item_id)) is not None:
        reply.start_part(ctx, open_reply, session.ours(event.item_id), event.content_index, event.kind)


def delta(ctx: "Context", session: Session, event: OutputDelta) -> None:
    """A response put out a piece of text."""
    open_reply = reply_of(ctx, session, event.response_id)
    if open_reply is None:
        return
    replies.first_output(ctx, session)
    ctx.set_timer("silence", ctx.timing.silence)
    item_id = session.ours(event.item_id)
    reply.add_text(ctx, open_reply, item_id, event.content_index, event.kind, event.delta)


def audio_started(ctx: "Context", session: Session, event: AudioStarted) -> None:
    """The first audio of an item arrived: tell the driver under which names to forward it."""
    open_reply = reply_of(ctx, session, event.response_id)
    if open_reply is None:
        return
    replies.first_output(ctx, session, audio=True)
    item_id = session.ours(event.item_id)
    index = open_reply.index(item_id)
    if index is not None:
        reply.start_part(ctx, open_reply, item_id, event.content_index, "audio")
        ctx.tell(AudioRouteNotice(session.epoch, event.item_id, open_reply.id, item_id, index))


def part_done(ctx: "Context", session: Session, event: PartDone) -> None:
    """A content part is final."""
    open_reply = reply_of(ctx, session, event.response_id)
    item_id = session.ours(event.item_id)
    if open_reply is not None and open_reply.index(item_id) is not None:
        reply.end_part(ctx, open_reply, item_id, event.content_index, event.kind, event.text)


def item_done(ctx: "Context", session: Session, event: OutputItemDone) -> None:
    """An output item is final: store it, tell it, and run the tool it calls."""
    open_reply = reply_of(ctx, session, event.response_id)
    if open_reply is None:
        return
    replies.first_output(ctx, session)
    item = _begin(ctx, session, open_reply, event.item)
    if item is None:
        return
    status = ItemStatus(event.item.status) if event.item.status in set(ItemStatus) else ItemStatus.COMPLETED
    content = event.item.content or reply.text_so_far(open_reply, item.id)
    final = replace(item, status=status, content=content)
    if event.item.kind == "function_call":
        final = replace(
            final, arguments=event.item.arguments or "{}", name=event.item.name or item.name, content=()
        )
    if open_reply.side:
        reply.end_item(ctx, open_reply, final)
        return
    final = ctx.change(item.id, lambda _: final)
    if ctx.visible(final):
        reply.end_item(ctx, open_reply, final)
    if final.kind == "message":
        tool_round.share(ctx, final)
    elif status is ItemStatus.COMPLETED:
        tool_round.add_call(ctx, _call(ctx, final))


def _call(ctx: "Context", item: Item) -> ToolCall:
    name, agent = item.name or "", ctx.agent
    edge = next((edge for edge in open_handoffs(ctx, agent) if edge[0].function == name), None)
    client = bool(item.data.get("client_tool"))
    return ToolCall(item, spec=None if client else agent.tool(name), handoff=edge, client=client)
