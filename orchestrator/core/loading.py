"""What of the conversation a new session is told: items that the engine and the agent understand.

Assistant messages go as far as they were heard. A tool call goes as a call where the new agent owns the tool,
together with its output; else as a note, so that what was found out is not lost. Markers become notes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from orchestrator.core.definition import TRANSFER_PREFIX, AgentSpec, HistoryPolicy
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject

if TYPE_CHECKING:
    from orchestrator.core.context import Context

LONGEST_NOTE: Final = 600
"""Characters of a foreign tool's output that a note carries."""


def items_to_load(
    ctx: "Context", spec: AgentSpec, policy: HistoryPolicy, summary: str | None = None
) -> list[Item]:
    """The items that a session of this agent starts with, in order.

    Args:
        policy: What the edge says of history; `full` where there is no edge.
        summary: What the agent that leaves made of the conversation, for the policy `summary`.
    """
    if policy.kind == "none":
        return []
    if policy.kind == "summary" and summary is not None:
        return [note(ctx, f"[Summary of the conversation so far: {summary}]")]
    owned = {tool.name for tool in spec.tools} | ctx.wishes.tool_names
    reading = ctx.timeline.reading()
    outputs = {item.tool_call_id: item for item in reading if item.kind == "function_call_output"}
    loaded: list[Item] = []
    for item in reading:
        loaded += _translate(ctx, item, owned, outputs)
    count = policy.count if policy.kind == "last" else 20 if policy.kind == "summary" else len(loaded)
    return _last(loaded, count)


def _translate(
    ctx: "Context", item: Item, owned: set[str] | frozenset[str], outputs: dict[str | None, Item]
) -> list[Item]:
    if item.kind == "message":
        message = sayable(item)
        return [message] if message else []
    if item.kind == "handoff":
        return [note(ctx, handoff_note(str(item.data.get("from")), str(item.data.get("to")), item.data))]
    if item.kind == "resumed":
        return [note(ctx, "[The call was interrupted here. The caller has come back.]")]
    if item.kind != "function_call" or (item.name or "").startswith(TRANSFER_PREFIX):
        return []
    output = outputs.get(item.tool_call_id)
    if output is None:
        return []
    if item.name in owned:
        return [item, output]
    answer = (output.output or "")[:LONGEST_NOTE]
    return [note(ctx, f"[{item.agent} used {item.name} with {item.arguments}; the answer was: {answer}]")]


def sayable(item: Item) -> Item | None:
    """A message as it can be given to an engine: text, as far as it was heard; None when nothing is left."""
    if item.status is ItemStatus.IN_PROGRESS or item.data.get("filler"):
        return None
    images = tuple(part for part in item.content if part.kind == "image")
    text = item.heard_text
    if not text and not images:
        return None
    return replace(item, content=(*([Part(text=text)] if text else []), *images), heard=None)


def _last(items: list[Item], count: int) -> list[Item]:
    """The last items, without outputs whose calls were cut off."""
    kept = items[max(0, len(items) - count) :]
    calls = {item.tool_call_id for item in kept if item.kind == "function_call"}
    return [item for item in kept if item.kind != "function_call_output" or item.tool_call_id in calls]


def note(ctx: "Context", text: str) -> Item:
    """A system message for the engine alone; it is no part of the conversation."""
    item_id = ctx.new_id("note")
    return Item(id=item_id, kind="message", role="system", content=(Part(text=text),))


def handoff_note(source: str, target: str, data: JsonObject) -> str:
    """How a handoff is told to a model."""
    reason, payload = data.get("reason"), data.get("payload")
    told = f"[{source} handed the caller over to {target}"
    if reason:
        told += f": {reason}"
    if isinstance(payload, dict) and payload:
        told += "; " + ", ".join(f"{name}: {value}" for name, value in payload.items())
    return told + "]"
