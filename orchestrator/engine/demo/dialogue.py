"""Reads a conversation's items as turns: what the caller said, what was called, what was answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.tools import TRANSFER_PREFIX

_HANDED_OVER: Final = re.compile(
    r"\bhanded (?:the \w+ )?over to (?P<agent>[\w -]+?)(?::\s*(?P<reason>[^\]]*))?(?:\]|$)"
)
_CAME_BACK: Final = re.compile(r"\b(?:come|came) back\b|\bresumed\b|\binterrupted here\b", re.IGNORECASE)
NO_DOUBT: Final[Mapping[str, float]] = {}
CALLER_SAID: Final = "The caller said: "
"""Begins the reason of a handoff, so that an agent that is told nothing else still knows what was said."""


@dataclass
class Done:
    """A function call of the conversation.

    Args:
        name: The function.
        arguments: What it was called with.
        tool_call_id: Its id.
        output: What came back; None while it is not there.
    """

    name: str
    arguments: JsonObject
    tool_call_id: str
    output: str | None = None

    @property
    def failed(self) -> bool:
        """Whether its output tells of an error."""
        data = as_json(self.output or "")
        return isinstance(data, dict) and bool(data.get("error"))


@dataclass
class Turn:
    """What the caller said, and what came of it.

    Args:
        texts: The caller's words, message by message.
        calls: Function calls after them, handoffs left out.
        transfers: Handoffs after them.
        replies: What was answered by the agent on duty.
        handed_to: The agent that the caller was handed to in this turn.
        reason: Why, as the note of the handoff tells.
        came_back: The caller was away before this.
        unheard: The caller sent audio in which nothing was understood.
        confidence: How sure the recogniser is of the least certain of the words; None for typed ones.
        denied: The caller says that those were not their words; see `doubts`.
        last: What the last item was; notes count only when they tell of a handoff.
    """

    texts: list[str] = field(default_factory=list)
    calls: list[Done] = field(default_factory=list)
    transfers: list[Done] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    handed_to: str | None = None
    reason: str | None = None
    came_back: bool = False
    unheard: bool = False
    confidence: float | None = None
    denied: bool = False
    last: Literal["caller", "reply", "call", "note", "none"] = "none"

    @property
    def is_open(self) -> bool:
        """Whether nothing was said or done about the caller's words yet."""
        return not self.replies and not self.calls and not self.transfers


def turns_of(items: Sequence[JsonObject], confidence: Mapping[str, float] = NO_DOUBT) -> list[Turn]:
    """Read a conversation; the last turn is the one to answer.

    Args:
        items: In the wire's shapes.
        confidence: How sure the recogniser is of an item's words, by id.
    """
    reader = _Reader(confidence)
    for item in items:
        reader.read(item)
    return reader.turns


class _Reader:
    def __init__(self, confidence: Mapping[str, float]) -> None:
        self._confidence = confidence
        self.turns: list[Turn] = []
        self._calls: dict[str, Done] = {}

    def read(self, item: JsonObject) -> None:
        kind, role = item.get("type"), item.get("role")
        if kind == "function_call":
            self._call(item)
        elif kind == "function_call_output":
            self._output(item)
        elif role == "user":
            self._caller(item)
        elif role == "assistant":
            self._turn().replies.append(text_of(item))
            self._turn().last = "reply"
        elif role == "system":
            self._note(text_of(item))

    def _turn(self) -> Turn:
        if not self.turns:
            self.turns.append(Turn())
        return self.turns[-1]

    def _caller(self, item: JsonObject) -> None:
        if not self.turns or not self.turns[-1].is_open:
            self.turns.append(Turn())
        turn, said = self.turns[-1], text_of(item)
        if said:
            turn.texts.append(said)
            sure = self._confidence.get(str(item.get("id")))
            turn.confidence = min(
                (each for each in (turn.confidence, sure) if each is not None), default=None
            )
        else:
            turn.unheard = True
        turn.last = "caller"

    def _call(self, item: JsonObject) -> None:
        arguments = as_json(str(item.get("arguments") or "{}"))
        name, tool_call_id = str(item.get("name")), str(item.get("call_id"))
        done = Done(name, arguments if isinstance(arguments, dict) else {}, tool_call_id)
        self._calls[tool_call_id] = done
        turn = self._turn()
        (turn.transfers if name.startswith(TRANSFER_PREFIX) else turn.calls).append(done)
        turn.last = "call"

    def _output(self, item: JsonObject) -> None:
        done = self._calls.get(str(item.get("call_id")))
        if done is not None:
            done.output = str(item.get("output") or "")
            self._turn().last = "call"

    def _note(self, text: str) -> None:
        turn = self._turn()
        handed = _HANDED_OVER.search(text)
        if handed is not None:
            turn.handed_to, turn.reason = handed["agent"].strip(), handed["reason"]
            turn.replies.clear()  # the agent before said them, about being handed over
            turn.last = "note"
        elif _CAME_BACK.search(text):
            turn.came_back = True
        turn.reason = turn.reason or (text if CALLER_SAID in text else None)


def text_of(item: JsonObject) -> str:
    """The words of a message, whatever kind its parts are."""
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    words = [part.get("text") or part.get("transcript") for part in parts if isinstance(part, dict)]
    return " ".join(str(word) for word in words if word).strip()


def as_json(text: str) -> JsonValue:
    """Read JSON; None where it is none."""
    try:
        value: JsonValue = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return value
