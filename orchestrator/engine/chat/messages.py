"""Conversation items as chat messages, tools as chat tools.

Chat completions wants every tool call answered by tool messages right after it; a Realtime conversation
promises neither. So outputs move up to their call, a call without one is answered as such, and an output
without its call becomes a note.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainContext

_NO_OUTPUT: Final = '{"error":"There is no result yet."}'
_NOT_HEARD: Final = "[The caller said something that could not be heard.]"


def chat_messages(context: BrainContext) -> list[JsonValue]:
    """Write the whole prompt: instructions, then the conversation."""
    outputs = {
        str(item.get("call_id")): str(item.get("output") or "")
        for item in context.items
        if item.get("type") == "function_call_output"
    }
    called = {str(item.get("call_id")) for item in context.items if item.get("type") == "function_call"}
    messages: list[JsonObject] = []
    if context.instructions:
        messages.append({"role": "system", "content": context.instructions})
    for item in context.items:
        kind = item.get("type")
        if kind == "message":
            messages += _message(item)
        elif kind == "function_call":
            _add_call(messages, item)
        elif str(item.get("call_id")) not in called:
            messages.append({"role": "system", "content": f"[A tool answered: {item.get('output')}]"})
    return list(_answered(messages, outputs))


def chat_tools(tools: Sequence[JsonObject]) -> list[JsonValue]:
    """Write function tools the way chat completions nests them."""
    return [
        {"type": "function", "function": {name: tool[name] for name in _TOOL_FIELDS if name in tool}}
        for tool in tools
    ]


_TOOL_FIELDS: Final = ("name", "description", "parameters")


def chat_tool_choice(choice: JsonValue) -> JsonValue:
    """Write a tool choice the way chat completions nests it."""
    if isinstance(choice, dict):
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice


def _message(item: JsonObject) -> list[JsonObject]:
    parts = [_part(part) for part in _parts(item)]
    role = str(item.get("role"))
    if all(part["type"] == "text" for part in parts):
        text = "\n".join(str(part["text"]) for part in parts)
        return [{"role": role, "content": text}] if text else []
    return [{"role": role, "content": list(parts)}]


def _parts(item: JsonObject) -> Iterable[JsonObject]:
    content = item.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _part(part: JsonObject) -> JsonObject:
    if part.get("type") == "input_image":
        image: JsonObject = {"url": part.get("image_url"), "detail": part.get("detail", "auto")}
        return {"type": "image_url", "image_url": image}
    text = part.get("text") or part.get("transcript")
    if part.get("type") == "input_audio" and not text:
        return {"type": "text", "text": _NOT_HEARD}
    return {"type": "text", "text": str(text or "")}


def _add_call(messages: list[JsonObject], item: JsonObject) -> None:
    """Add a call to the assistant's message before it, where that is the last one."""
    call: JsonObject = {
        "id": item.get("call_id"),
        "type": "function",
        "function": {"name": item.get("name"), "arguments": item.get("arguments") or "{}"},
    }
    last = messages[-1] if messages else {}
    if last.get("role") != "assistant":
        last = {"role": "assistant", "content": None}
        messages.append(last)
    calls = last.setdefault("tool_calls", [])
    if isinstance(calls, list):
        calls.append(call)


def _answered(messages: Iterable[JsonObject], outputs: dict[str, str]) -> Iterable[JsonObject]:
    for message in messages:
        yield message
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            if isinstance(call, dict):
                tool_call_id = str(call["id"])
                output = outputs.get(tool_call_id, _NO_OUTPUT)
                yield {"role": "tool", "tool_call_id": tool_call_id, "content": output}
