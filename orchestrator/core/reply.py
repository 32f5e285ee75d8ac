"""The reply as the client sees it: one response, whatever number of inferences, tools and agents it takes.

Engines leave parts of the lifecycle out; clients count on all of it (section 14, items 4 and 5). What is told
here is therefore always whole: an item that ends without its parts having begun gets them, and nothing is
told of an item or a part after its end.
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
from orchestrator.core.records import Modality, ResponseRow

if TYPE_CHECKING:
    from orchestrator.core.context import Context
    from orchestrator.core.session import Request

PartType = Literal["text", "audio"]


@dataclass(slots=True)
class OpenPart:
    """A content part, in progress until it is `done`; the client knows of that once it is `told`."""

    kind: PartType
    chunks: list[str] = field(default_factory=list)
    done: bool = False
    told: bool = False

    @property
    def text(self) -> str:
        """What was told of it so far."""
        return "".join(self.chunks)


@dataclass(slots=True)
class OpenReply:
    """A reply in progress.

    Attributes:
        id: What the client knows it by.
        side: What it answers, when it is out of band: its items are no part of the conversation.
        told: Whether the client is told of it; a summary for ourselves is not.
        own_words: It holds nothing but words of our own: nothing but their sound is to come.
        items: What it has put out so far, in order; a final item has `status` completed or incomplete.
        places: Output index by item id.
        parts: Content parts, by item id and content index.
        voicing: Items whose sound the text-to-speech is still making.
        waiting: Those of them that are final: their end is told once the last of the sound is made.
        unsounded: Responses that are over, by the item whose first sound they wait for before they are kept.
        usage: Summed so far.
        status, details: How its last inference ended.
    """

    id: str
    modality: Modality
    metadata: JsonObject | None = None
    side: "Request | None" = None
    told: bool = True
    own_words: bool = False
    items: list[Item] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    parts: dict[tuple[str, int], OpenPart] = field(default_factory=dict)
    voicing: set[str] = field(default_factory=set)
    waiting: dict[str, Item] = field(default_factory=dict)
    unsounded: dict[str, ResponseRow] = field(default_factory=dict)
    usage: JsonObject | None = None
    status: str = "completed"
    details: JsonObject | None = None

    def is_making(self, item_id: str) -> bool:
        """Whether an item is part of this reply, and still in progress."""
        index = self.places.get(item_id)
        return index is not None and self.items[index].status is ItemStatus.IN_PROGRESS

    def text_of(self, item_id: str) -> str:
        """What was told of an item so far."""
        return "".join(part.text for place, part in self.parts.items() if place[0] == item_id)

    def content_of(self, item_id: str) -> tuple[Part, ...]:
        """The content of an item in progress, from its pieces."""
        places = sorted(place for place in self.parts if place[0] == item_id)
        return tuple(Part(kind=self.parts[place].kind, text=self.parts[place].text) for place in places)

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


def start_item(ctx: "Context", reply: OpenReply, item: Item) -> None:
    """Tell the client that the reply begins an item, unless it was told before."""
    if item.id in reply.places:
        return
    index = reply.places[item.id] = len(reply.items)
    shown = replace(item, content=(), status=ItemStatus.IN_PROGRESS)
    reply.items.append(shown)
    tell(ctx, reply, OutputItemNotice("added", reply.id, index, shown))
    if reply.side is None:
        tell(ctx, reply, ItemNotice("added", shown, ctx.previous_visible(item)))


def start_part(
    ctx: "Context", reply: OpenReply, item_id: str, content_index: int, kind: PartType
) -> OpenPart:
    """Tell the client that an item begins a content part, unless it was told before."""
    if (part := reply.parts.get((item_id, content_index))) is not None:
        return part
    part = reply.parts[item_id, content_index] = OpenPart(kind)
    index = reply.places[item_id]
    tell(ctx, reply, PartNotice("added", reply.id, item_id, index, content_index, kind))
    return part


def add_text(
    ctx: "Context", reply: OpenReply, item_id: str, content_index: int, kind: PartType, delta: str
) -> bool:
    """Tell the client a piece of text, or of the transcript of audio.

    Returns:
        Whether it was told: nothing is, of a part that has ended.
    """
    part = start_part(ctx, reply, item_id, content_index, kind)
    if part.done or not delta:
        return False
    part.chunks.append(delta)
    told: Literal["text", "transcript"] = "text" if part.kind == "text" else "transcript"
    tell(ctx, reply, DeltaNotice(reply.id, item_id, reply.places[item_id], content_index, told, delta))
    return True


def add_arguments(ctx: "Context", reply: OpenReply, item_id: str, delta: str) -> None:
    """Tell the client a piece of the arguments of its own tool."""
    index = reply.places[item_id]
    call = reply.items[index].tool_call_id
    tell(ctx, reply, DeltaNotice(reply.id, item_id, index, 0, "arguments", delta, call))


def end_part(
    ctx: "Context", reply: OpenReply, item_id: str, content_index: int, kind: PartType, text: str
) -> None:
    """Tell the client that a content part is final; what it was not told of its text, it is told now.

    Of a part whose sound is still being made the end is told later.
    """
    part = start_part(ctx, reply, item_id, content_index, kind)
    if not part.done:
        told = part.text
        text = text or told
        if text.startswith(told):
            add_text(ctx, reply, item_id, content_index, part.kind, text[len(told) :])
        part.done = True
        part.chunks = [text]
    if part.told or item_id in reply.voicing:
        return
    part.told = True
    index = reply.places[item_id]
    tell(ctx, reply, PartNotice("done", reply.id, item_id, index, content_index, part.kind, part.text))


def end_item(ctx: "Context", reply: OpenReply, item: Item) -> None:
    """Tell the client that an item is final, once; not before its sound is made."""
    start_item(ctx, reply, item)
    if not reply.is_making(item.id):
        return
    for place, content in enumerate(item.content):
        end_part(ctx, reply, item.id, place, "audio" if content.kind == "audio" else "text", content.text)
    for (owner, place), part in list(reply.parts.items()):
        if owner == item.id:
            end_part(ctx, reply, item.id, place, part.kind, part.text)
    if item.id in reply.voicing:
        reply.waiting[item.id] = item
        return
    index = reply.places[item.id]
    reply.items[index] = item
    if reply.side is None:
        tell(ctx, reply, ItemNotice("done", item, ctx.previous_visible(item)))
    tell(ctx, reply, OutputItemNotice("done", reply.id, index, item))


def release(ctx: "Context", reply: OpenReply, item_id: str) -> None:
    """The sound of an item is made: its end may be told, if it has come."""
    reply.voicing.discard(item_id)
    if (row := reply.unsounded.pop(item_id, None)) is not None:
        ctx.keep(row)
    if (item := reply.waiting.pop(item_id, None)) is not None:
        end_item(ctx, reply, ctx.timeline.get(item_id) or item)


def end(ctx: "Context", reply: OpenReply, status: str, details: JsonObject | None = None) -> None:
    """Tell the client that the reply is over, in whatever way; items that were left open end with it."""
    for item_id in list(reply.voicing):
        release(ctx, reply, item_id)
    for item in reply.items:
        if item.status is ItemStatus.IN_PROGRESS:
            content = reply.content_of(item.id)
            end_item(ctx, reply, replace(item, status=ItemStatus.INCOMPLETE, content=content))
    tell(ctx, reply, ReplyNotice("done", reply.view(ctx, status, details)))


def add_usage(total: JsonObject | None, usage: JsonObject | None) -> JsonObject | None:
    """Sum two usage objects field by field; fields that one of them lacks are taken from the other."""
    if total is None or usage is None:
        return usage if total is None else total
    return {name: _sum(total.get(name), usage.get(name)) for name in {**total, **usage}}


def _sum(first: JsonValue, second: JsonValue) -> JsonValue:
    if isinstance(first, dict) and isinstance(second, dict):
        return add_usage(first, second)
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first + second
    return second if first is None else first
