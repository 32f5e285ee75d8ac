"""The reply as the client sees it: one response, whatever number of inferences, tools and agents it takes.

Engines leave parts of the lifecycle out; clients count on all of it (section 14, items 4 and 5). What is told
here is therefore always whole: an item that ends without its parts having begun gets them.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.notices import (
    DeltaNotice,
    ItemNotice,
    Notice,
    OutputItemNotice,
    PartNotice,
    Reply,
    ReplyNotice,
)
from orchestrator.core.records import Modality

if TYPE_CHECKING:
    from orchestrator.core.context import Context

PartType = Literal["text", "audio"]
DeltaType = Literal["text", "transcript", "arguments"]


@dataclass(slots=True)
class OpenPart:
    """A content part, in progress until it is `done`."""

    kind: PartType
    chunks: list[str] = field(default_factory=list)
    done: bool = False


@dataclass(slots=True)
class OpenReply:
    """A reply in progress.

    Attributes:
        id: What the client knows it by.
        side: Out of band: its items are no part of the conversation.
        told: Whether the client is told of it; a summary for ourselves is not.
        items: What it has put out so far, in order; a final item has `status` completed or incomplete.
        parts: Content parts, by item id and content index.
        usage: Summed so far.
    """

    id: str
    modality: Modality
    metadata: JsonObject | None = None
    side: bool = False
    told: bool = True
    items: list[Item] = field(default_factory=list)
    parts: dict[tuple[str, int], OpenPart] = field(default_factory=dict)
    usage: JsonObject | None = None

    def index(self, item_id: str) -> int | None:
        """The output index of an item, None when the item is no part of this reply."""
        return next((place for place, item in enumerate(self.items) if item.id == item_id), None)

    def view(self, ctx: "Context", status: str, details: JsonObject | None = None) -> Reply:
        """The reply as it is told."""
        return Reply(
            id=self.id,
            conversation_id=None if self.side else ctx.timeline.conversation_id,
            status=status,
            modality=self.modality,
            status_details=details,
            output=tuple(self.items) if status != "in_progress" else (),
            usage=self.usage if status != "in_progress" else None,
            metadata=self.metadata,
        )


def tell(ctx: "Context", reply: OpenReply, notice: Notice) -> None:
    """Tell the client, unless the reply is none of its business."""
    if reply.told:
        ctx.tell(notice)


def begin(ctx: "Context", reply: OpenReply) -> OpenReply:
    """Tell the client that a reply begins."""
    tell(ctx, reply, ReplyNotice("added", reply.view(ctx, "in_progress")))
    return reply


def start_item(ctx: "Context", reply: OpenReply, item: Item) -> int:
    """Tell the client that the reply begins an item, unless it was told before.

    Returns:
        The item's output index.
    """
    if (index := reply.index(item.id)) is not None:
        return index
    reply.items.append(item)
    index = len(reply.items) - 1
    shown = replace(item, content=(), status=ItemStatus.IN_PROGRESS)
    tell(ctx, reply, OutputItemNotice("added", reply.id, index, shown))
    if not reply.side:
        tell(ctx, reply, ItemNotice("added", shown, ctx.previous_visible(item)))
    return index


def start_part(
    ctx: "Context", reply: OpenReply, item_id: str, content_index: int, kind: PartType
) -> OpenPart:
    """Tell the client that an item begins a content part, unless it was told before."""
    if (part := reply.parts.get((item_id, content_index))) is not None:
        return part
    part = reply.parts[item_id, content_index] = OpenPart(kind)
    index = reply.index(item_id) or 0
    tell(ctx, reply, PartNotice("added", reply.id, item_id, index, content_index, kind))
    return part


def add_text(
    ctx: "Context", reply: OpenReply, item_id: str, content_index: int, kind: DeltaType, delta: str
) -> None:
    """Tell the client a piece of text, transcript or arguments."""
    index = reply.index(item_id)
    if index is None:
        return
    if kind == "arguments":
        call = reply.items[index].tool_call_id
        tell(ctx, reply, DeltaNotice(reply.id, item_id, index, content_index, kind, delta, call))
        return
    part = start_part(ctx, reply, item_id, content_index, "text" if kind == "text" else "audio")
    part.chunks.append(delta)
    tell(ctx, reply, DeltaNotice(reply.id, item_id, index, content_index, kind, delta))


def end_part(
    ctx: "Context", reply: OpenReply, item_id: str, content_index: int, kind: PartType, text: str
) -> None:
    """Tell the client that a content part is final; what it was not told of its text, it is told now."""
    part = start_part(ctx, reply, item_id, content_index, kind)
    if part.done:
        return
    if text and not part.chunks:
        add_text(ctx, reply, item_id, content_index, "text" if part.kind == "text" else "transcript", text)
    part.done = True
    index = reply.index(item_id) or 0
    tell(ctx, reply, PartNotice("done", reply.id, item_id, index, content_index, part.kind, text))


def text_so_far(reply: OpenReply, item_id: str) -> tuple[Part, ...]:
    """The content of an item in progress, from its pieces."""
    places = sorted(place for place in reply.parts if place[0] == item_id)
    parts = (reply.parts[place] for place in places)
    return tuple(Part(kind=part.kind, text="".join(part.chunks)) for part in parts)


def end_item(ctx: "Context", reply: OpenReply, item: Item) -> None:
    """Tell the client that an item is final."""
    index = start_item(ctx, reply, item)
    reply.items[index] = item
    for place, content in enumerate(item.content):
        end_part(ctx, reply, item.id, place, "audio" if content.kind == "audio" else "text", content.text)
    if not reply.side:
        tell(ctx, reply, ItemNotice("done", item, ctx.previous_visible(item)))
    tell(ctx, reply, OutputItemNotice("done", reply.id, index, item))


def end(ctx: "Context", reply: OpenReply, status: str, details: JsonObject | None = None) -> None:
    """Tell the client that the reply is over, in whatever way."""
    tell(ctx, reply, ReplyNotice("done", reply.view(ctx, status, details)))


def add_usage(total: JsonObject | None, usage: JsonObject | None) -> JsonObject | None:
    """Sum two usage objects field by field; fields that one of them lacks are taken from the other."""
    if total is None or usage is None:
        return usage if total is None else total
    return {name: _sum(total.get(name), usage.get(name)) for name in {**total, **usage}}


def _sum(first: JsonValue, second: JsonValue) -> JsonValue:
    if isinstance(first, dict) and isinstance(second, dict):
        return add_usage(first, second)
    if isinstance(first, int) and isinstance(second, int):
        return first + second
    return second if first is None else first
