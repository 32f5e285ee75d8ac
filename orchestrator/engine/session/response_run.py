"""One response under way: what the brain says, as the protocol's events (sections 6, 8.1, 8.2 and 8.4)."""

from base64 import b64encode
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.audio_format import Encoder
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.output_item import OutputItem
from orchestrator.engine.session.tokens import spoken_tokens, text_tokens
from orchestrator.speech.protocol import BYTES_PER_MS, Speech

DELTA_BYTES: Final = 200 * BYTES_PER_MS
"""PCM of one `output_audio.delta` at most: a voice may hand over a whole clause at once."""


class ResponseRun:
    """Emits the whole lifecycle of one response; `finish` is called exactly once, whatever happened.

    Args:
        response_id: `resp_…`.
        conversation_id: The default conversation's id, or None when out of band.
        shown: The fields of the response object that echo the request, `metadata` among them.
        emitter: Where events go.
        items: The default conversation; untouched when out of band.
        new_id: Makes ids from prefixes.
        audio_format: Of messages in sound; None for messages in text.
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
        audio_format: str | None = None,
    ) -> None:
        self.response_id: Final = response_id
        self.conversation_id: Final = conversation_id
        self._shown = shown
        self._emitter = emitter
        self._items = items
        self._new_id = new_id
        self._audio_format = audio_format
        self._open: OutputItem | None = None
        self._output: list[JsonValue] = []
        self._closed_tokens = 0
        self._closed_sound_ms = 0.0

    @property
    def output_tokens(self) -> int:
        """Text tokens made so far, by the session's own count."""
        return self._closed_tokens + (text_tokens(self._open.text) if self._open else 0)

    @property
    def sound_ms(self) -> float:
        """Sound made so far, in milliseconds."""
        return self._closed_sound_ms + (self._open.sound_ms if self._open else 0.0)

    @property
    def audio_tokens(self) -> int:
        """Audio tokens made so far (section 11)."""
        return spoken_tokens(self.sound_ms)

    def created(self) -> None:
        """Emit `response.created`."""
        self._emitter.emit("response.created", response=self._wire("in_progress", None, None))

    def text(self, delta: str) -> None:
        """Add words to the message, and begin one if none is open."""
        if self._open is None or self._open.tool_call_id is not None:
            self._close("completed")
            encoder = Encoder(self._audio_format) if self._audio_format is not None else None
            self._begin(OutputItem(self._new_id("item"), len(self._output), encoder=encoder))
            self._emit_part("response.content_part.added", "")
        if delta and self._open is not None:
            self._open.pieces.append(delta)
            self._emit_content("output_audio_transcript" if self._open.is_spoken else "output_text", delta)

    def sound(self, speech: Speech) -> None:
        """Add sound to the message; ignored where none in sound is open."""
        item = self._open
        if item is None or not item.is_spoken:
            return
        item.words += speech.words
        if self.conversation_id is not None:
            self._items.sound.add(item.item_id, speech.pcm)
        for start in range(0, len(speech.pcm), DELTA_BYTES):
            self._emit_sound(item.encoded(speech.pcm[start : start + DELTA_BYTES]))
        self._items.attach_audio(item.item_id, item.audio())

    def call_started(self, name: str, tool_call_id: str | None) -> None:
        """Begin a function call; ends what was open before."""
        self._close("completed")
        known = tool_call_id or self._new_id("call")
        self._begin(OutputItem(self._new_id("item"), len(self._output), known, name))

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

    def _begin(self, item: OutputItem) -> None:
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
        if item.is_spoken:
            self._emit_sound(item.encoded(b"", last=True))
            self._items.attach_audio(item.item_id, item.audio())
            self._emit_done("output_audio")
            self._emit_done("output_audio_transcript", transcript=item.text)
        elif item.tool_call_id is None:
            self._emit_done("output_text", text=item.text)
        if item.tool_call_id is None:
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

    def _settle(self, item: OutputItem, wire: JsonObject) -> None:
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
        self._closed_sound_ms += item.sound_ms
        self._open = None

    def _emit_part(self, event_type: str, text: str) -> None:
        assert self._open is not None  # noqa: S101 - as above
        self._emitter.emit(event_type, **self._place(), content_index=0, part=self._open.part(text))

    def _emit_content(self, kind: str, delta: str) -> None:
        self._emitter.emit(f"response.{kind}.delta", **self._place(), content_index=0, delta=delta)

    def _emit_done(self, kind: str, **content: JsonValue) -> None:
        self._emitter.emit(f"response.{kind}.done", **self._place(), content_index=0, **content)

    def _emit_sound(self, sound: bytes) -> None:
        if sound:
            self._emit_content("output_audio", b64encode(sound).decode("ascii"))
