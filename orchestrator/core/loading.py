"""What of the conversation a session is told: items that the engine and the agent understand.

Assistant messages go as far as they were heard. A tool call goes as a call where the agent owns the tool,
together with its output; else as a note, so that what was found out is not lost. Markers become notes.
A handoff's history policy holds as long as its agent is on duty: it is read from the marker.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from orchestrator.core.definition import TRANSFER_PREFIX, AgentSpec, HistoryPolicy
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject

if TYPE_CHECKING:
    from orchestrator.core.context import Context

LONGEST_NOTE: Final = 600
"""Characters of a foreign tool's output that a note carries."""

WITHOUT_SUMMARY: Final = 20
"""Items that are told instead of a summary that did not come."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an engine is told.

    Attributes:
        item: As it is sent.
        stands_for: Ids of the items that it says it for, where it is not the item itself.
    """

    item: Item
    stands_for: tuple[str, ...] = ()


def whole_history(ctx: "Context", spec: AgentSpec) -> tuple[list[Told], int]:
    """What a session of the agent on duty starts with: what it knew when it came on duty, and all since.

    Returns:
        The items in order, and the sequence number before which it is told nothing.
    """
    reading = ctx.timeline.reading()
    marker = max((item for item in reading if item.kind == "handoff"), key=_sequence, default=None)
    if marker is None or marker.data.get("history", "full") == "full":
        return _entries(ctx, spec, reading), 0
    count = marker.data.get("count")
    policy = HistoryPolicy(
        kind=marker.data["history"],  # type: ignore[arg-type] # as it was written
        count=count if isinstance(count, int) else 0,
    )
    summary = marker.data.get("summary")
    before = [item for item in reading if item.sequence < marker.sequence]
    since = [item for item in reading if item.sequence >= marker.sequence]
    told, first = earlier_history(ctx, spec, policy, before, cast("str | None", summary))
    return [*told, *_entries(ctx, spec, since)], first or marker.sequence


def earlier_history(
    ctx: "Context", spec: AgentSpec, policy: HistoryPolicy, before: list[Item], summary: str | None
) -> tuple[list[Told], int | None]:
    """What an agent who takes over is told of what was said before it came.

    Args:
        policy: What the edge says of history.
        before: The items up to the handoff, as they are read.
        summary: What the agent that leaves made of the conversation, for the policy `summary`.

    Returns:
        The items in order, and the sequence number from which on it is told everything; None for the
        handoff's own.
    """
    if policy.kind == "none":
        return [], None
    if policy.kind == "summary" and summary is not None:
        return [Told(note(ctx, f"[Summary of the conversation so far: {summary}]"))], None
    entries = _entries(ctx, spec, before)
    if policy.kind == "full":
        return entries, 0
    count = policy.count if policy.kind == "last" else WITHOUT_SUMMARY
    kept = _last(entries, count)
    names = {name for told in kept for name in told.stands_for or (told.item.id,)}
    return kept, min((item.sequence for item in before if item.id in names), default=None)


def _sequence(item: Item) -> int:
    return item.sequence


def _entries(ctx: "Context", spec: AgentSpec, items: list[Item]) -> list[Told]:
    outputs = {item.tool_call_id: item for item in items if item.kind == "function_call_output"}
    entries: list[Told] = []
    for item in items:
        if item.kind == "function_call":
            output = outputs.get(item.tool_call_id)
            entries += [] if output is None else tool_use(ctx, spec, item, output)
        elif item.kind != "function_call_output":
            entries += message(ctx, item)
    return entries


def message(ctx: "Context", item: Item) -> list[Told]:
    """How a message or a marker is told; nothing, where nothing of it is left."""
    if item.kind == "handoff":
        told = handoff_note(str(item.data.get("from")), str(item.data.get("to")), item.data)
        return [Told(note(ctx, told), (item.id,))]
    if item.kind == "resumed":
        told = "[The call was interrupted here. The caller has come back.]"
        return [Told(note(ctx, told), (item.id,))]
    said = sayable(item)
    return [] if said is None else [Told(said)]


def tool_use(ctx: "Context", spec: AgentSpec, call: Item, output: Item) -> list[Told]:
    """How an answered tool call is told: the pair to an agent who owns the tool, a note to any other."""
    if (call.name or "").startswith(TRANSFER_PREFIX):
        return []
    if spec.tool(call.name or "") is not None or call.name in ctx.wishes.tool_names:
        return [Told(call), Told(output)]
    answer = (output.output or "")[:LONGEST_NOTE]
    told = f"[{call.agent} used {call.name} with {call.arguments}; the answer was: {answer}]"
    return [Told(note(ctx, told), (call.id, output.id))]


def sayable(item: Item) -> Item | None:
    """A message as it can be given to an engine: text, as far as it was heard; None when nothing is left."""
    if item.status is ItemStatus.IN_PROGRESS or item.data.get("filler"):
        return None
    images = tuple(part for part in item.content if part.kind == "image")
    text = item.heard_text
    if not text and not images:
        return None
    return replace(item, content=(*([Part(text=text)] if text else []), *images), heard=None)


def _last(entries: list[Told], count: int) -> list[Told]:
    """The last items, without outputs whose calls were cut off."""
    kept = entries[max(0, len(entries) - count) :]
    calls = {told.item.tool_call_id for told in kept if told.item.kind == "function_call"}
    return [
        told for told in kept if told.item.kind != "function_call_output" or told.item.tool_call_id in calls
    ]


def note(ctx: "Context", text: str) -> Item:
    """A system message for the engine alone; it is no part of the conversation."""
    item_id = ctx.new_id("note")
    return Item(id=item_id, kind="message", role="system", content=(Part(text=text),), origin="service")


def handoff_note(source: str, target: str, data: JsonObject) -> str:
    """How a handoff is told to a model."""
    reason, payload = data.get("reason"), data.get("payload")
    told = f"[{source} handed the caller over to {target}"
    if reason:
        told += f": {reason}"
    if isinstance(payload, dict) and payload:
        told += "; " + ", ".join(f"{name}: {value}" for name, value in payload.items())
    return told + "]"
