"""What a response puts out: items, their parts, their text, and the tools it calls."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import projection, reply, speaking, tool_round
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
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.notices import AudioRouteNotice
from orchestrator.core.playback import apply_cut
from orchestrator.core.reply import OpenReply, PartType
from orchestrator.core.session import Session
from orchestrator.core.tool_calls import ToolCall

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def reply_of(session: Session, response_id: str) -> OpenReply | None:
    """The reply that a response belongs to; None for a response that nobody waits for any more."""
    if (side := session.sides.get(response_id)) is not None:
        return side
    inference = session.response
    return inference.reply if inference is not None and inference.id == response_id else None


def item_added(ctx: "Context", session: Session, event: OutputItemAdded) -> None:
    """A response began an item: its row exists from now on."""
    open_reply = reply_of(session, event.response_id)
    if open_reply is not None:
        _begin(ctx, session, open_reply, event.item)


def _begin(ctx: "Context", session: Session, open_reply: OpenReply, told: EngineItem) -> Item | None:
    """The item as we know it, made when it is new; None for one that is final, or of an unknown type."""
    if told.kind not in {"message", "function_call"}:
        return None
    item_id = projection.adopt(ctx, session, told.id)
    if open_reply.side is not None:
        item = _from_engine(ctx, session, told, item_id)
        reply.start_item(ctx, open_reply, item)
        return item if open_reply.is_making(item_id) else None
    inference = session.response
    known = ctx.timeline.get(item_id)
    if known is not None:
        return known if inference is not None and item_id in inference.items else None
    if item_id in ctx.timeline or inference is None:
        return None
    item = ctx.put(ctx.stamp(replace(_from_engine(ctx, session, told, item_id), epoch=session.epoch)))
    session.sent.add(item.id)
    inference.items.append(item.id)
    if ctx.visible(item):
        reply.start_item(ctx, open_reply, item)
    return item


def _from_engine(ctx: "Context", session: Session, told: EngineItem, item_id: str) -> Item:
    client = told.kind == "function_call" and _is_client_tool(ctx, told.name or "")
    return Item(
        id=item_id,
        kind="message" if told.kind == "message" else "function_call",
        status=ItemStatus.IN_PROGRESS,
        agent=session.config.agent,
        role="assistant" if told.kind == "message" else None,
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


# --- parts ------------------------------------------------------------------------------------------------


def part_added(ctx: "Context", session: Session, event: PartAdded) -> None:
    """A response began a content part."""
    open_reply, item_id = reply_of(session, event.response_id), session.ours(event.item_id)
    if open_reply is not None and open_reply.is_making(item_id):
        kind = _kind(session, open_reply, event.kind)
        reply.start_part(ctx, open_reply, item_id, event.content_index, kind)


def delta(ctx: "Context", session: Session, event: OutputDelta) -> None:
    """A response put out a piece of text."""
    open_reply, item_id = reply_of(session, event.response_id), session.ours(event.item_id)
    if open_reply is None or not open_reply.is_making(item_id):
        return
    _first_output(ctx, session)
    if event.kind == "arguments":
        reply.add_arguments(ctx, open_reply, item_id, event.delta)
        return
    kind: PartType = "text" if event.kind == "text" else "audio"
    shown = _kind(session, open_reply, kind)
    told = reply.add_text(ctx, open_reply, item_id, event.content_index, shown, event.delta)
    if told and shown != kind:
        speaking.speak(ctx, session, open_reply, item_id, event.delta)


def audio_started(ctx: "Context", session: Session, event: AudioStarted) -> None:
    """The first audio of an item arrived: tell the driver under which names to forward it."""
    open_reply, item_id = reply_of(session, event.response_id), session.ours(event.item_id)
    if open_reply is None or not open_reply.is_making(item_id):
        return
    _first_output(ctx, session, audio=True)
    session.sounding.add(item_id)
    reply.start_part(ctx, open_reply, item_id, event.content_index, "audio")
    index = open_reply.places[item_id]
    ctx.tell(AudioRouteNotice(session.epoch, event.item_id, open_reply.id, item_id, index))


def part_done(ctx: "Context", session: Session, event: PartDone) -> None:
    """A content part is final."""
    open_reply, item_id = reply_of(session, event.response_id), session.ours(event.item_id)
    if open_reply is not None and open_reply.is_making(item_id):
        kind = _kind(session, open_reply, event.kind)
        _end_part(ctx, session, open_reply, item_id, event.content_index, kind, event.text)


def _end_part(
    ctx: "Context",
    session: Session,
    open_reply: OpenReply,
    item_id: str,
    content_index: int,
    kind: PartType,
    text: str,
) -> None:
    """End a part; what the engine did not speak of it is spoken for it."""
    part = reply.start_part(ctx, open_reply, item_id, content_index, kind)
    if part.done:
        return
    said = part.text if item_id in session.voiced else ""
    whole = text or part.text
    silent = part.kind == "audio" and item_id not in session.sounding and open_reply.side is None
    if silent and session.text_to_speech and whole.startswith(said):
        speaking.speak(ctx, session, open_reply, item_id, whole[len(said) :])
    reply.end_part(ctx, open_reply, item_id, content_index, kind, text)


def _kind(session: Session, open_reply: OpenReply, kind: PartType) -> PartType:
    """What a part is to the client: text that is spoken for the engine comes as audio."""
    spoken = session.text_to_speech and open_reply.side is None
    return "audio" if spoken else kind


# --- the end of an item -----------------------------------------------------------------------------------


def item_done(ctx: "Context", session: Session, event: OutputItemDone) -> None:
    """An output item is final: store it, tell it, and take up the tool it calls."""
    open_reply = reply_of(session, event.response_id)
    if open_reply is None:
        _decline(ctx, session, event)
        return
    _first_output(ctx, session)
    item = _begin(ctx, session, open_reply, event.item)
    if item is not None:
        _finish(ctx, session, open_reply, item, event.item)


def _decline(ctx: "Context", session: Session, event: OutputItemDone) -> None:
    """A response that nobody is to hear called a tool before it stopped: the engine wants an answer."""
    inference, item = session.response, event.item
    muted = inference is not None and inference.id == event.response_id
    if muted and session.open and item.kind == "function_call" and item.status == "completed":
        projection.decline(ctx, session, item.tool_call_id or item.id)


def _finish(ctx: "Context", session: Session, open_reply: OpenReply, item: Item, told: EngineItem) -> None:
    status = ItemStatus.INCOMPLETE if told.status == "incomplete" else ItemStatus.COMPLETED
    if told.kind == "function_call":
        final = replace(item, status=status, arguments=told.arguments or "{}", name=told.name or item.name)
    else:
        final = replace(item, status=status, content=_content(session, open_reply, item.id, told.content))
    if open_reply.side is not None:
        reply.end_item(ctx, open_reply, final)
        return
    if session.response is not None:
        session.response.items.remove(item.id)
    final = ctx.change(item.id, lambda _: final)
    if ctx.visible(final):
        for place, part in enumerate(final.content):
            kind: PartType = "audio" if part.kind == "audio" else "text"
            _end_part(ctx, session, open_reply, item.id, place, kind, part.text)
        speaking.finish(ctx, session, item.id)
        reply.end_item(ctx, open_reply, final)
    if final.kind == "message":
        projection.share(ctx, apply_cut(ctx, final))
    elif status is ItemStatus.COMPLETED:
        tool_round.add_call(ctx, _call(ctx, final))


def _content(
    session: Session, open_reply: OpenReply, item_id: str, told: tuple[Part, ...]
) -> tuple[Part, ...]:
    """The content as the engine tells it, with what was streamed where it leaves that out."""
    streamed = open_reply.content_of(item_id)
    parts: list[Part] = []
    for place in range(max(len(told), len(streamed))):
        part = told[place] if place < len(told) else streamed[place]
        text = part.text or (streamed[place].text if place < len(streamed) else "")
        kind = _kind(session, open_reply, "audio" if part.kind == "audio" else "text")
        parts.append(replace(part, kind=kind, text=text))
    return tuple(parts)


def _call(ctx: "Context", item: Item) -> ToolCall:
    name, agent = item.name or "", ctx.agent
    edge = next((edge for edge in open_handoffs(ctx, agent) if edge[0].function == name), None)
    client = bool(item.data.get("client_tool"))
    return ToolCall(item, spec=None if client else agent.tool(name), handoff=edge, client=client)


def _first_output(ctx: "Context", session: Session, *, audio: bool = False) -> None:
    """Note when a response put out its first piece, and its first audio."""
    inference = session.response
    if inference is None:
        return
    row = inference.row
    if row.first_output_at is None:
        inference.row = row = replace(row, first_output_at=ctx.now)
    if audio and row.first_audio_at is None:
        inference.row = replace(row, first_audio_at=ctx.now)
