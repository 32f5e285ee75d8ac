"""One WebSocket client of the door, as the driver knows it and as the wire sees it."""

import asyncio
import secrets
from collections import deque
from typing import Final

from orchestrator.api.door.incoming import READERS, read_audio
from orchestrator.api.door.outgoing import Outgoing, error_event, item_object
from orchestrator.call.live import LiveConversation
from orchestrator.core.events import CallerTruncatedItem
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import AudioRouteNotice, Notice
from orchestrator.realtime.codec import InvalidFrameError, decode, encode
from orchestrator.realtime.connection import AudioDelta
from orchestrator.realtime.serving.client_events import checked_event_type, client_event_id
from orchestrator.realtime.serving.refusal import RefusedError
from orchestrator.realtime.serving.validation import require_text

MOST_WAITING: Final = 4096
"""Frames that may wait for a client that reads slowly; past that it is hung up on."""

CLOSE_CODES: Final = {
    "replaced": 4409,
    "shutdown": 1012,
    "moved": 1012,
    "internal_error": 1011,
    "slow_reader": 1013,
}


class DoorConnection:
    """Translates between a client and the conversation it is connected to.

    Args:
        call_id: Of this connection.
        transport: `websocket`, or `sideband` for one that joins a call.
        extended: Whether it is told our own events.
    """

    def __init__(self, call_id: str, *, transport: str = "websocket", extended: bool = False) -> None:
        self.call_id = call_id
        self.transport = transport
        self.closing: str | None = None
        self._outgoing = Outgoing(extended=extended)
        self._frames: deque[str] = deque()
        self._work = asyncio.Event()
        self._event_prefix = f"event_{secrets.token_hex(8)}"
        self._events = 0

    # --- to the client ------------------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Queue what a notice is on the wire."""
        for event in self._outgoing.events(notice):
            self.send(event)

    def play(self, delta: AudioDelta, route: AudioRouteNotice) -> None:
        """Queue a piece of speech, under the names that the client knows."""
        self.send(
            {
                "type": "response.output_audio.delta",
                "response_id": route.reply_id,
                "item_id": route.item_id,
                "output_index": route.output_index,
                "content_index": 0,
                "delta": delta.base64(),
            }
        )

    def flush(self) -> None:
        """Nothing to do: over a WebSocket the client plays, and so the client stops."""

    def hang_up(self, reason: str) -> None:
        """Close once everything queued has been sent."""
        self.closing = reason
        self._work.set()

    def send(self, event: JsonObject) -> None:
        """Queue an event; gives it its `event_id`."""
        if len(self._frames) >= MOST_WAITING:
            self._frames.clear()
            self.hang_up("slow_reader")
            return
        self._events += 1
        event["event_id"] = f"{self._event_prefix}{self._events}"
        self._frames.append(encode(event))
        self._work.set()

    async def next_frame(self) -> str | None:
        """Wait for the next frame to be sent; None once the connection is to be closed."""
        while not self._frames:
            if self.closing is not None:
                return None
            self._work.clear()
            await self._work.wait()
        return self._frames.popleft()

    @property
    def close_code(self) -> int:
        """Why, as a WebSocket close code."""
        return CLOSE_CODES.get(self.closing or "", 1000)

    # --- from the client ----------------------------------------------------------------------------------

    def take(self, frame: str, live: LiveConversation) -> None:
        """Act on a text frame of the client; a refused one changes nothing and is told as `error`."""
        event: JsonObject = {}
        try:
            event = decode(frame)
            self._take_event(event, live)
        except InvalidFrameError as error:
            self.send(error_event(error.code, error.message))
        except RefusedError as error:
            event_id = client_event_id(event)
            self.send(error_event(error.wire_code, error.message, error.param, event_id, error.kind))

    def refuse_binary(self) -> None:
        """A binary frame is no event (section 2.1)."""
        self.send(
            error_event("invalid_event", "Events are text frames with one JSON object each. Send text.")
        )

    def _take_event(self, event: JsonObject, live: LiveConversation) -> None:
        kind = checked_event_type(event)
        if kind == "input_audio_buffer.append":
            live.hear(read_audio(event))
        elif kind == "conversation.item.retrieve":
            self._retrieve(require_text(event, "item_id"), live)
        elif kind == "output_audio_buffer.clear":
            message = "'output_audio_buffer.clear' is for WebRTC calls; over a WebSocket the client plays."
            raise RefusedError("invalid_value", message, param="type")
        else:
            read = READERS[kind](event, client_event_id(event))
            if isinstance(read, CallerTruncatedItem):
                read = live.measured(read)
            live.feed(read)

    def _retrieve(self, item_id: str, live: LiveConversation) -> None:
        item = live.machine.item(item_id)
        if item is None:
            raise RefusedError("item_retrieve_invalid_item_id", f"There is no item {item_id!r}.")
        self.send({"type": "conversation.item.retrieved", "item": item_object(item)})
