"""How a client writes and removes items: the conversation changes at once, engines follow."""

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestrator.core import inputs, projection, tool_round
from orchestrator.core.arbiter import refuse
from orchestrator.core.events import CallerDeletedItem, CallerItem
from orchestrator.core.items import Item
from orchestrator.core.notices import ItemDeletedNotice, ItemNotice

if TYPE_CHECKING:
    from orchestrator.core.context import Context


def wrote_item(ctx: "Context", event: CallerItem) -> None:
    """The client wrote an item: it is part of the conversation at once, whatever the engine is doing."""
    told = event.item
    making = ctx.reply is not None and ctx.reply.is_making(told.id)
    if told.id in ctx.item_ids and (making or not ctx.timeline.was_removed(told.id)):
        message = f"An item with the id {told.id!r} exists already. Send another id, or none."
        refuse(ctx, "item_create_duplicate_item_id", message, event.event_id, "item.id")
        return
    if told.kind == "function_call_output" and not _may_answer(ctx, told.tool_call_id or ""):
        message = f"The call {told.tool_call_id!r} is answered already."
        refuse(ctx, "invalid_value", message, event.event_id, "item.call_id")
        return
    sequence = ctx.timeline.next_sequence()
    position = ctx.timeline.place(event.previous_item_id, sequence)
    if position is None:
        message = f"There is no item {event.previous_item_id!r} to put this one behind."
        refuse(ctx, "invalid_value", message, event.event_id, "previous_item_id")
        return
    _remove_stand_in(ctx, event)
    item = ctx.put(_written(ctx, event, sequence, position))
    for stage in ("added", "done"):
        ctx.tell(ItemNotice(stage, item, ctx.previous_visible(item)))
    _took_effect(ctx, item)


def _written(ctx: "Context", event: CallerItem, sequence: int, position: Decimal) -> Item:
    told = event.item
    # An item that was removed and is written again keeps its row, and with it its first number.
    first = ctx.timeline.sequence_of(told.id)
    if told.tool_call_id:
        ctx.tool_call_ids.add(told.tool_call_id)
    return Item(
        id=told.id or ctx.new_id("item"),
        kind=told.kind,  # type: ignore[arg-type]
        sequence=sequence if first is None else first,
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


def _may_answer(ctx: "Context", tool_call_id: str) -> bool:
    """Whether a client may answer a call: one of its own, without an answer or with one that stands in."""
    call = ctx.timeline.call(tool_call_id)
    output = ctx.timeline.output(tool_call_id)
    if call is None or call.origin == "client":
        return output is None
    if not call.data.get("client_tool"):
        return False
    return output is None or output.origin == "service"


def _remove_stand_in(ctx: "Context", event: CallerItem) -> None:
    """An answer that comes late takes the place of the one that was given for it."""
    if event.item.kind == "function_call_output":
        stand_in = ctx.timeline.output(event.item.tool_call_id or "")
        if stand_in is not None:
            projection.withdraw(ctx, ctx.change(stand_in.id, lambda old: replace(old, deleted=True)))


def _took_effect(ctx: "Context", item: Item) -> None:
    if item.role == "user":
        inputs.new_turn(ctx)
    if item.kind == "function_call_output":
        _answers(ctx, item)
    projection.share(ctx, item)


def _answers(ctx: "Context", item: Item) -> None:
    tool_call_id = item.tool_call_id or ""
    call = tool_round.find(ctx, tool_call_id)
    if call is not None:
        tool_round.answered_by_client(ctx, call, item)
    if (asked := ctx.timeline.call(tool_call_id)) is not None:
        projection.deliver(ctx, asked, item)


def deleted_item(ctx: "Context", event: CallerDeletedItem) -> None:
    """The client takes an item out; its row stays."""
    item = ctx.timeline.get(event.item_id)
    if item is None or not ctx.visible(item):
        message = f"There is no item {event.item_id!r}."
        refuse(ctx, "item_delete_invalid_item_id", message, event.event_id)
        return
    item = ctx.change(item.id, lambda old: replace(old, deleted=True))
    ctx.tell(ItemDeletedNotice(item.id))
    projection.withdraw(ctx, item)
