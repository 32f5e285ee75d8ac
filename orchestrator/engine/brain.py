"""The protocol between a session and what thinks up its replies."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from orchestrator.core.errors import EngineError
from orchestrator.core.json_value import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class BrainContext:
    """All that a brain may know about the response it is asked for.

    Args:
        model: The model of the session's URL.
        instructions: The session's instructions, or the response's own.
        items: The conversation, or the response's own `input`, in the wire's item shapes; never change them.
        tools: The function tools on offer, in the wire's shape.
        tool_choice: `auto`, `none`, `required`, or an object naming one function.
        parallel_tool_calls: Whether one response may hold several calls.
        max_output_tokens: The most the reply may have; None without limit. The session enforces it, too.
        overridden_instructions: The response brought instructions of its own.
        hints: A tool's name to example phrases of callers who want it (session extension `hints`).
        agent: The display name of the agent (session extension `agent`).
        confidence: How sure the recogniser is of what it wrote down, 0 to 1, by item id; typed items, and
            those of a recogniser that does not say, are not in it.
    """

    model: str
    instructions: str
    items: tuple[JsonObject, ...]
    tools: tuple[JsonObject, ...] = ()
    tool_choice: JsonValue = "auto"
    parallel_tool_calls: bool = True
    max_output_tokens: int | None = None
    overridden_instructions: bool = False
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    agent: str | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More words of the reply; any length."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """A function call begins; it ends when anything but its arguments follows.

    Args:
        name: The function's name.
        tool_call_id: The model's id for it, where it has one.
    """

    name: str
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCallArguments:
    """More of the JSON text of the arguments of the call that began last."""

    text: str


@dataclass(frozen=True, slots=True)
class TokensUsed:
    """What the model says it used, in place of the session's own count."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class StoppedEarly:
    """The model ended before it was done."""

    reason: Literal["max_output_tokens", "content_filter"]


BrainEvent = TextDelta | ToolCallStarted | ToolCallArguments | TokensUsed | StoppedEarly


class Brain(Protocol):
    """Thinks up replies. One brain serves many sessions at once, and keeps nothing between responses."""

    def respond(self, context: BrainContext) -> AsyncIterator[BrainEvent]:
        """Answer one response, event by event; cancelled by closing the iterator.

        Raises:
            BrainError: The reply failed; the response ends as `failed` with its code.
        """
        ...


class BrainError(EngineError):
    """A brain could not answer; becomes `status_details.error` of the response.

    Args:
        wire_code: The protocol's code: `rate_limit_exceeded`, `insufficient_quota`, `server_error`, …
        message: What went wrong, in words fit for a client.
        kind: The protocol's `error.type`.
    """

    code = "brain_failed"

    def __init__(self, wire_code: str, message: str, *, kind: str = "server_error") -> None:
        super().__init__(message)
        self.wire_code = wire_code
        self.kind = kind
