"""Items: the entries of a conversation, in the Realtime protocol's own types plus our markers.

An item never moves and is never removed: `sequence` is the order in which items were written, `position` the
order in which they are read. They differ only where a client inserted an item into the past. A deleted item
keeps its row and is left out of what engines and clients see.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from orchestrator.core.json_value import JsonObject

ItemKind = Literal["message", "function_call", "function_call_output", "handoff", "resumed"]
Role = Literal["user", "assistant", "system"]
PartKind = Literal["text", "audio", "image"]
Origin = Literal["model", "caller", "client", "operator", "service"]

MARKERS: Final[frozenset[str]] = frozenset({"handoff", "resumed"})
"""Kinds that are ours alone: no engine and no stock client is ever shown one."""


class ItemStatus(StrEnum):
    """How far an item has come (section 4 of the protocol reference)."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One content part of a message.

    Attributes:
        kind: `text`, `audio` (then `text` is its transcript, empty while unknown) or `image`.
        text: What was written or said.
        image_url: A data URI, for images alone.
    """

    kind: PartKind = "text"
    text: str = ""
    image_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a conversation.

    Attributes:
        id: Unique within the conversation; stable across sessions.
        kind: One of the protocol's item types, or a marker.
        sequence: 1, 2, 3 … in the order of writing.
        position: Where it is read; equals `sequence` unless it was inserted into the past.
        status: How far it has come.
        created_at: Seconds since the Unix epoch.
        agent: The agent on duty when it was made.
        epoch: The session that it came from, 0 when it came from none.
        role: Who speaks, for messages.
        content: The parts of a message.
        heard: For an assistant's message: the prefix that was played to the caller. None: all of it.
        name: Of the function, for calls.
        arguments: JSON text, for calls.
        tool_call_id: Joins a function call and its output.
        output: What the tool answered, for outputs.
        origin: Who caused it: the model, the caller, the client application, an operator, or ourselves.
        late: True when its transcript came after the reply to it.
        deleted: True when a client took it out of the conversation.
        data: The payload of a marker, and what else is worth keeping of an item.
    """

    id: str
    kind: ItemKind
    sequence: int = 0
    position: Decimal = Decimal(0)
    status: ItemStatus = ItemStatus.COMPLETED
    created_at: float = 0.0
    agent: str = ""
    epoch: int = 0
    role: Role | None = None
    content: tuple[Part, ...] = ()
    heard: str | None = None
    name: str | None = None
    arguments: str | None = None
    tool_call_id: str | None = None
    output: str | None = None
    origin: Origin = "model"
    late: bool = False
    deleted: bool = False
    data: JsonObject = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Everything written or said in this message, generated text for an assistant's."""
        return "".join(part.text for part in self.content)

    @property
    def heard_text(self) -> str:
        """What reached the other side: the heard prefix where one is known, else the whole text."""
        return self.text if self.heard is None else self.heard

    @property
    def is_marker(self) -> bool:
        """Whether only we understand it."""
        return self.kind in MARKERS
