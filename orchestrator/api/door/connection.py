"""One WebSocket client of the door, as the driver knows it and as the wire sees it."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from orchestrator.api.door.dialogue import Dialogue
from orchestrator.api.door.outgoing import error_event
from orchestrator.call.live import LiveConversation
from orchestrator.call.sound import Sound
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import AudioRouteNotice, Notice

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
    """A client that is connected by a WebSocket.

    Args:
        call_id: Of this connection.
        transport: `websocket`, or `sideband` for one that joins a call.
        extended: Whether it is told our own events.

    Attributes:
        closing: Why it is to be closed, once it is.
        send_now: Sends a frame without waiting; False where it is to be queued.
    """

    def __init__(self, call_id: str, *, transport: str = "websocket", extended: bool = False) -> None:
        self.call_id = call_id
        self.transport = transport
        self.closing: str | None = None
        self.send_now: Callable[[str], bool] = lambda _: False
        self._dialogue = Dialogue(self, extended=extended)
        self._frames: deque[str] = deque()
        self._in_hand = False
        self._work = asyncio.Event()

    # --- to the client ------------------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Queue what a notice is on the wire."""
        self._dialogue.tell(notice)

    def play(self, sound: Sound, route: AudioRouteNotice) -> None:
        """Queue a piece of speech, under the names that the client knows."""
        self.send(
            {
                "type": "response.output_audio.delta",
                "response_id": route.reply_id,
                "item_id": route.item_id,
                "output_index": route.output_index,
                "content_index": 0,
                "delta": sound.base64(),
            }
        )

    def flush(self) -> None:
        """Nothing to do: over a WebSocket the client plays, and so the client stops."""

    def pause(self) -> bool:
        """The client plays, and goes on."""
        return False

    def resume(self) -> None:
        """Nothing was held back."""

    def statistics(self) -> JsonObject:
        """Nothing is measured of a WebSocket."""
        return {}

    def hang_up(self, reason: str) -> None:
        """Close once everything queued has been sent."""
        self.closing = reason
        self._work.set()

    def send(self, event: JsonObject) -> None:
        """Queue an event; gives it its `event_id`."""
        self._dialogue.send(event)

    def deliver(self, frame: str) -> None:
        """Send a frame, at once where none waits: to wake the writer costs more than to write."""
        if not self._frames and not self._in_hand and self.send_now(frame):
            return
        if len(self._frames) >= MOST_WAITING:
            self._frames.clear()
            self.hang_up("slow_reader")
            return
        self._frames.append(frame)
        self._work.set()

    async def next_frame(self) -> str | None:
        """Wait for the next frame to be sent; None once the connection is to be closed."""
        self._in_hand = False
        while not self._frames:
            if self.closing is not None:
                return None
            self._work.clear()
            await self._work.wait()
        self._in_hand = True
        return self._frames.popleft()

    @property
    def close_code(self) -> int:
        """Why, as a WebSocket close code."""
        return CLOSE_CODES.get(self.closing or "", 1000)

    # --- from the client ----------------------------------------------------------------------------------

    def take(self, frame: str, live: LiveConversation) -> None:
        """Act on a text frame of the client; a refused one changes nothing and is told as `error`."""
        self._dialogue.take(frame, live)

    def refuse_binary(self) -> None:
        """A binary frame is no event (section 2.1)."""
        self.send(
            error_event("invalid_event", "Events are text frames with one JSON object each. Send text.")
        )
