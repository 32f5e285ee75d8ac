"""One response under way: what the brain says, as the protocol's events (sections 6, 8.1 and 8.4)."""

from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.tokens import text_tokens


@dataclass(slots=True)
class _OpenItem:
    """An output item that is still growing."""

    item_id: str
    output_index: int
    tool_call_id: str | None = None
    name: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def wire(self, status: str, *, with_content: bool = True) -> JsonObject:
        """Write the item in its present form."""
        head: JsonObject = {"id": self.item_id, "object": "realtime.item", "status": status}
        if self.tool_call_id is not None:
            call: JsonObject = {
                "name": self.name,
                "call_id": self.tool_call_id,
                "arguments": self.text if with_content else "",
            }
            return {**head, "type": "function_call", **call}
        content: list[JsonValue] = [{"type": "output_text", "text": self.text}] if with_content else []
        return {**head, "type": "message", "role": "assistant", "content": content}


class ResponseRun:
    """Emits the whole lifecycle of one response; `finish` is called exactly once, whatever happened.

    Args:
        response_id: `resp_…`.
        conversation_id: The default conversation's id, or None when out of band.
        shown: The fields of the response object that echo the request, `metadata` among them.
        emitter: Where events go.
        items: The default conversation; untouched when out of band.
        new_id: Makes ids from prefixes.
    """

    def __init__(
        self,
        response_id: str,
        conversation_id: str | None,
        shown: JsonObject,
        *,
        emitter: Emitter,
        items: Items,
        new_id: NewId,
    ) -> None:
        self.response_id: Final = response_id
        self.conversation_id: Final = conversation_id
        self._shown = shown
        self._emitter = emitter
        self._items = items
        self._new_id = new_id
        self._open: _OpenItem | None = None
        self._output: list[JsonValue] = []
        self._closed_tokens = 0

    @property
    def output_tokens(self) -> int:
        """Tokens made so far, by the session's own count."""
        return self._closed_tokens + (text_tokens(self._open.text) if self._open else 0)

    def created(self) -> None:
        """Emit `response.created`."""
        self._emitter.emit("response.created", response=self._wire("in_progress", None, None))

    def text(self, delta: str) -> None:
        """Add words to the message, and begin one if none is open."""
        if self._open is None or self._open.tool_call_id is not None:
            self._close("completed")
            self._begin(_OpenItem(self._new_id("item"), len(self._output)))
            self._emit_part("response.content_part.added", "")
        if delta and self._open is not None:
            self._open.pieces.append(delta)
            self._emitter.emit("response.output_text.delta", **self._place(), content_index=0, delta=delta)

    def call_started(self, name: str, tool_call_id: str | None) -> None:
        """Begin a function call; ends what was open before."""
        self._close("completed")
        known = tool_call_id or self._new_id("call")
        self._begin(_OpenItem(self._new_id("item"), len(self._output), known, name))

    def call_arguments(self, delta: str) -> None:
        """Add to the arguments of the open function call; ignored where none is open."""
        if delta and self._open is not None and self._open.tool_call_id is not None:
            self._open.pieces.append(delta)
            self._emitter.emit(
                "response.function_call_arguments.delta",
                **self._place(),
                call_id=self._open.tool_call_id,
                delta=delta,
            )

    def finish(self, status: str, details: JsonObject | None, usage: JsonObject | None) -> None:
        """Close what is open and emit `response.done` (section 6: always, whatever the outcome).

        Args:
            status: `completed`, `cancelled`, `failed` or `incomplete`.
            details: The response's `status_details`.
            usage: The response's `usage`.
        """
        self._close("completed" if status == "completed" else "incomplete")
        self._emitter.emit("response.done", response=self._wire(status, details, usage))

    def _wire(self, status: str, details: JsonObject | None, usage: JsonObject | None) -> JsonObject:
        return {
            "id": self.response_id,
            "object": "realtime.response",
            "status": status,
            "status_details": details,
            "output": list(self._output),
            "conversation_id": self.conversation_id,
            **self._shown,
            "usage": usage,
        }

    def _place(self) -> JsonObject:
        assert self._open is not None  # noqa: S101 - every caller opened or checked it
        return {
            "response_id": self.response_id,
            "item_id": self._open.item_id,
            "output_index": self._open.output_index,
        }

    def _begin(self, item: _OpenItem) -> None:
        self._open = item
        wire = item.wire("in_progress", with_content=False)
        self._emitter.emit(
            "response.output_item.added",
            response_id=self.response_id,
            output_index=item.output_index,
            item=wire,
        )
        if self.conversation_id is not None:
            previous = self._items.add(wire)
            self._emitter.emit("conversation.item.added", previous_item_id=previous, item=wire)

    def _close(self, status: str) -> None:
        item = self._open
        if item is None:
            return
        if item.tool_call_id is None:
            self._emitter.emit("response.output_text.done", **self._place(), content_index=0, text=item.text)
            self._emit_part("response.content_part.done", item.text)
        elif status == "completed":
            self._emitter.emit(
                "response.function_call_arguments.done",
                **self._place(),
                call_id=item.tool_call_id,
                name=item.name,
                arguments=item.text,
            )
        self._settle(item, item.wire(status))

    def _settle(self, item: _OpenItem, wire: JsonObject) -> None:
        if self.conversation_id is not None and item.item_id in self._items:
            previous = self._items.replace(wire)
            self._emitter.emit("conversation.item.done", previous_item_id=previous, item=wire)
        self._emitter.emit(
            "response.output_item.done",
            response_id=self.response_id,
            output_index=item.output_index,
            item=wire,
        )
        self._output.append(wire)
        self._closed_tokens += text_tokens(item.text)
        self._open = None

    def _emit_part(self, event_type: str, text: str) -> None:
        self._emitter.emit(event_type, **self._place(), content_index=0, part={"type": "text", "text": text})
