"""Items of a conversation in the shapes of OpenAI's Conversations API, both ways."""

from typing import Any, Final

from orchestrator.api.door.incoming import read_item
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.serving.item_shapes import checked_item
from orchestrator.realtime.serving.refusal import invalid_value, missing

IGNORED: Final = ("status", "object", "phase", "created_by", "caller", "namespace")
"""What clients send back of items they were shown, and what says nothing to a voice agent."""


def shown_item(item: Item) -> dict[str, Any]:
    """An item as the API shows it: speech as its text, an assistant's as far as it was heard."""
    shape: dict[str, Any] = {"id": item.id, "type": item.kind, "status": item.status.value}
    if item.kind == "message":
        return shape | {"role": item.role, "content": _content(item)}
    if item.kind == "function_call":
        return shape | {"call_id": item.tool_call_id, "name": item.name, "arguments": item.arguments or ""}
    return shape | {"call_id": item.tool_call_id, "output": item.output or ""}


def _content(item: Item) -> list[dict[str, Any]]:
    if item.role != "assistant":
        return [_input_part(part) for part in item.content]
    shown = []
    left = len(item.text) if item.heard is None else len(item.heard)
    for part in item.content:
        shown.append({"type": "output_text", "text": part.text[:left], "annotations": [], "logprobs": []})
        left = max(0, left - len(part.text))
    return shown


def _input_part(part: Part) -> dict[str, Any]:
    if part.kind == "image":
        return {"type": "input_image", "image_url": part.image_url, "detail": "auto", "file_id": None}
    return {"type": "input_text", "text": part.text}


def read_items(items: list[dict[str, Any]]) -> list[EngineItem]:
    """What a client wants added, checked.

    Raises:
        RefusedError: With the code and path of the first thing wrong.
    """
    return [_read(item, f"items[{index}]") for index, item in enumerate(items)]


def _read(item: JsonObject, path: str) -> EngineItem:
    """Bring an item into the Realtime protocol's shape, and check it as an item of that."""
    written = {name: value for name, value in item.items() if name not in IGNORED}
    written.setdefault("type", "message")
    if written["type"] == "function_call" and not isinstance(written.get("call_id"), str):
        raise missing(f"{path}.call_id")
    if written["type"] == "function_call_output":
        written["output"] = _output(written.get("output"), f"{path}.output")
        written.pop("name", None)
    if written["type"] == "message":
        written["role"] = "system" if written.get("role") == "developer" else written.get("role")
        if written["role"] is None:
            raise missing(f"{path}.role")
        written["content"] = _parts(written.get("content"), written["role"])
    return read_item(checked_item(written, path))


def _parts(content: JsonValue, role: JsonValue) -> JsonValue:
    kind = "output_text" if role == "assistant" else "input_text"
    if isinstance(content, str):
        return [{"type": kind, "text": content}]
    if not isinstance(content, list):
        return content
    return [_part(part, kind) if isinstance(part, dict) else part for part in content]


def _part(part: JsonObject, kind: str) -> JsonObject:
    """A content part without what only models of text know."""
    written = {name: value for name, value in part.items() if name not in {"annotations", "logprobs"}}
    if written.get("type") == "text":
        written["type"] = kind
    if written.get("type") == "input_image":
        written = {name: value for name, value in written.items() if value is not None}
    return written


def _output(output: JsonValue, path: str) -> JsonValue:
    """The output of a call: text, or parts of text."""
    if not isinstance(output, list):
        return output
    texts = []
    for index, part in enumerate(output):
        text = part.get("text") if isinstance(part, dict) else None
        if not isinstance(text, str):
            raise invalid_value(f"Only text can be an output here. Mend '{path}[{index}]'.", path)
        texts.append(text)
    return "".join(texts)
