"""How a client writes, removes and shortens items: the conversation changes at once, engines follow."""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import inputs, replies, tool_round
from orchestrator.core.arbiter import refuse
from orchestrator.core.commands import DeleteItem, TruncateItem
from orchestrator.core.events import CallerDeletedItem, CallerItem, CallerTruncatedItem
from orchestrator.core.items import Item
from orchestrator.core.notices import ItemDeletedNotice, ItemNotice, ItemTruncatedNotice
from orchestrator.core.transitions import Link

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def wrote_item(ctx: "Context", event: CallerItem) -> None:
    """The client wrote an item: it is part of the conversation at once, whatever the engine is doing."""
    told = event.item
    if told.id and told.id in ctx.timeline:
        message = f"An item with the id {told.id!r} exists already. Send another id, or none."
        refuse(ctx, "item_create_duplicate_item_id", message, event.event_id, "item.id")
        return
    sequence = ctx.timeline.next_sequence()
    position = ctx.timeline.place(event.previous_item_id, sequence)
    if position is None:
        message = f"There is no item {event.previous_item_id!r} to put this one behind."
        refuse(ctx, "invalid_value", message, event.event_id, "previous_item_id")
        return
    item = Item(
        id=told.id or ctx.new_id("item"),
        kind=told.kind,  # type: ignore[arg-type]
        sequence=sequence,
        position=position,
        created_at=ctx.now,
        agent=ctx.timeline.agent,
        role=told.role,  # type: ignore[arg-type]
        content=told.content,
        name=told.name,
        arguments=told.arguments,
        tool_call_id=told.tool_call_id,
        output=told.output,
        origin="client",
    )
    ctx.put(item)
    for stage in ("added", "done"):
        ctx.tell(ItemNotice(stage, item, ctx.previous_visible(item)))
    _took_effect(ctx, item)


def _took_effect(ctx: "Context", item: Item) -> None:
    if item.role == "user":
        inputs.new_turn(ctx)
    call = tool_round.find(ctx, item.tool_call_id or "") if item.kind == "function_call_output" else None
    if call is not None and call.client and call.stage != "answered":
        tool_round.answered_by_client(ctx, call, item)
        tool_round.deliver(ctx, call)
        replies.after_round(ctx)
    tool_round.share(ctx, item)


def deleted_item(ctx: "Context", event: CallerDeletedItem) -> None:
    """The client takes an item out; its row stays."""
    item = ctx.timeline.get(event.item_id)
    if item is None or not ctx.visible(item):
        message = f"There is no item {event.item_id!r}."
        refuse(ctx, "item_delete_invalid_item_id", message, event.event_id)
        return
    ctx.change(item.id, lambda old: replace(old, deleted=True))
    ctx.tell(ItemDeletedNotice(item.id))
    for session in ctx.sessions.values():
        if item.id in session.sent and session.link in {Link.OPENING, Link.LIVE}:
            ctx.do(DeleteItem(session.epoch, session.theirs(item.id), f"delete:{item.id}"))


def truncated_item(ctx: "Context", event: CallerTruncatedItem) -> None:
    """The client tells how far an item was heard: that far it is remembered, here and at the engine."""
    item = ctx.timeline.get(event.item_id)
    if item is None or item.role != "assistant" or not any(part.kind == "audio" for part in item.content):
        message = f"There is no item {event.item_id!r} with audio of the assistant's."
        refuse(ctx, "item_truncate_invalid_item_id", message, event.event_id)
        return
    if event.generated_ms and event.audio_end_ms > event.generated_ms:
        message = f"Audio content of {event.generated_ms}ms is already shorter than {event.audio_end_ms}ms"
        refuse(ctx, "invalid_value", message, event.event_id, "audio_end_ms")
        return
    heard = heard_prefix(item.text, event.audio_end_ms, event.generated_ms)
    ctx.played[item.id] = event.audio_end_ms
    ctx.change(item.id, lambda old: replace(old, heard=heard))
    ctx.tell(ItemTruncatedNotice(item.id, event.content_index, event.audio_end_ms))
    for session in ctx.sessions.values():
        if session.link is Link.LIVE and item.epoch == session.epoch:
            theirs, event_id = session.theirs(item.id), f"truncate:{item.id}"
            ctx.do(TruncateItem(session.epoch, theirs, event.content_index, event.audio_end_ms, event_id))


def heard_prefix(text: str, played_ms: int, generated_ms: int) -> str:
    """The part of a text that was heard, to the last whole word, by the share of its audio played."""
    if generated_ms <= 0 or played_ms >= generated_ms:
        return text if played_ms > 0 else ""
    reached = int(len(text) * played_ms / generated_ms)
    if reached >= len(text) or text[reached].isspace():
        return text[:reached]
    return text[: text.rfind(" ", 0, reached) + 1].rstrip()
