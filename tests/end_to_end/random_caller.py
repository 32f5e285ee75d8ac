"""A caller at the door, without a socket in between: real frames both ways, remembered and checked."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from orchestrator.api.door.connection import DoorConnection
from orchestrator.call.live import LiveConversation, new_id
from orchestrator.core.configuration import Wishes
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from tests.patience import PATIENCE


class RandomCaller:
    """One call.

    Args:
        live: The conversation that it joins.
        wishes: What it asks for.

    Attributes:
        sent: Items that were sent while the line was open, by id.
        told: Items that were told to be done, by id.
        refused: Event ids that were answered with `error`, with the code.
        left_early: Whether it left in the middle of an answer, of whose end it could not be told.
    """

    def __init__(self, live: LiveConversation, wishes: Wishes) -> None:
        self.live = live
        self.sent: dict[str, str] = {}
        self.told: dict[str, JsonObject] = {}
        self.refused: dict[str, str] = {}
        self.begun: list[str] = []
        self.done: list[str] = []
        self.left_early = False
        self._connection = DoorConnection(new_id("rtc"), extended=True)
        self._serial = 0
        live.join(self._connection, wishes=wishes)

    @property
    def hung_up(self) -> bool:
        return self._connection.closing is not None

    @property
    def answering(self) -> bool:
        """Whether a response that was begun has not ended."""
        return len(self.done) < len(self.begun)

    def send(self, kind: str, **fields: Any) -> str:
        self._serial += 1
        event_id = f"{self._connection.call_id}_{self._serial}"
        event = {"type": kind, "event_id": event_id, **fields}
        self._connection.take(msgspec.json.encode(event).decode(), self.live)
        return event_id

    def write(self, text: str) -> None:
        item_id = new_id("item")
        if not self.hung_up:
            self.sent[item_id] = text
        content = [{"type": "input_text", "text": text}]
        item = {"id": item_id, "type": "message", "role": "user", "content": content}
        self.send("conversation.item.create", item=item)

    async def say(self, text: str) -> None:
        """Write, ask, and wait for the end of the answer, or for its refusal."""
        self.write(text)
        await self.ask()

    async def ask(self) -> None:
        ended = len(self.done)
        asked = self.send("response.create")
        await self.until(lambda: len(self.done) > ended or asked in self.refused)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Read until something holds, or the line is closed; every wait has an end."""
        self.read()
        async with asyncio.timeout(PATIENCE):
            while not (self.hung_up or holds()):
                frame = await self._connection.next_frame()
                if frame is not None:
                    self._note(msgspec.json.decode(frame))
                self.read()

    def read(self) -> None:
        """Take in what waits."""
        frames = self._connection._frames
        while frames:
            self._note(msgspec.json.decode(frames.popleft()))

    def leave(self) -> None:
        self.read()
        self.left_early = not self.hung_up and self.answering
        self.live.leave(self._connection, "client disconnected")

    def _note(self, event: JsonObject) -> None:
        kind, response, item = event["type"], event.get("response"), event.get("item")
        if kind == "response.created" and isinstance(response, dict):
            self.begun.append(str(response["id"]))
        elif kind == "response.done" and isinstance(response, dict):
            self.done.append(str(response["id"]))
        elif kind == "conversation.item.done" and isinstance(item, dict):
            self.told[str(item["id"])] = item
        elif kind == "conversation.item.deleted":
            self.told.pop(str(event["item_id"]), None)
        elif kind == "error" and isinstance(error := event["error"], dict):
            self.refused[str(error.get("event_id"))] = str(error.get("code"))

    def check(self, stored: dict[str, Item]) -> None:
        """Every response that was begun has ended, and every item that was told or taken is stored."""
        assert len(set(self.begun)) == len(self.begun)
        assert self.done == self.begun[: len(self.done)], "a response ended that had not begun, or twice"
        assert self.left_early or not self.answering, "a response was left without an end"
        for item_id, text in self.sent.items():
            assert stored[item_id].text == text, "an item of the caller's was lost"
        for item_id, item in self.told.items():
            kept = stored[item_id]
            assert (kept.kind, kept.tool_call_id) == (item["type"], item.get("call_id"))
            if item["type"] == "message" and kept.status == item["status"] == "completed":
                parts = item["content"]
                assert isinstance(parts, list)
                told = "".join(str(part.get("text") or part.get("transcript") or "") for part in parts)  # type: ignore[union-attr]
                assert not told or told == kept.text, "an item is stored with other words than were told"
