"""What a scripted engine says when it is asked for a response, and what it is shown when it decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from orchestrator.core.json_value import JsonObject

Status = Literal["completed", "failed", "incomplete", "cancelled"]
Transcript = Literal["early", "late", "none", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One response of the scripted engine. The whole lifecycle on the wire is made from it.

    Attributes:
        text: What it says; None to say nothing.
        calls: Functions that it calls after that, with arguments as an object, or as text to send as it is.
        audio_ms: Length of the speech where audio is asked for; None: 60 ms for each character.
        as_text: Answer with text where audio is asked for.
        status: How the response ends.
        reason: Of `incomplete`: `max_output_tokens` or `content_filter`.
        error_code: Of `failed`, such as `rate_limit_exceeded` or `server_error`.
        usage: As on the wire, None for null; `{}` for plausible counts.
        hold_after: Wait after so many deltas until the test releases it, or the client cancels.
        drop_after: Lose the connection after so many deltas.
        without_done: Never send `response.done`.
        with_unknown_events: Send an event of an unknown type, and unknown fields, on the way.
    """

    text: str | None = None
    calls: tuple[tuple[str, JsonObject | str], ...] = ()
    audio_ms: int | None = None
    as_text: bool = False
    status: Status = "completed"
    reason: str | None = None
    error_code: str | None = None
    usage: JsonObject | None = field(default_factory=dict)
    hold_after: int | None = None
    drop_after: int | None = None
    without_done: bool = False
    with_unknown_events: bool = False

    def but(self, **changes: Any) -> Self:
        """The same turn, changed."""
        return replace(self, **changes)


def says(text: str, **options: Any) -> Turn:
    """A turn that says something; options as in `Turn`."""
    return Turn(text=text, **options)


def calls(name: str, /, **arguments: Any) -> Turn:
    """A turn that calls one function."""
    return Turn(calls=((name, arguments),))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """What a responder may look at.

    Attributes:
        number: Of the connection, 1 for the engine's first.
        model: That the client asked for.
        session: The effective session object.
        items: As on the wire, in reading order. Caller audio carries what was said, however late the
            transcript is sent.
        options: Of the `response.create`; empty where voice activity asked.
    """

    number: int
    model: str
    session: JsonObject
    items: Sequence[JsonObject]
    options: JsonObject

    @property
    def instructions(self) -> str:
        """Of this response: its own, else the session's."""
        chosen = self.options.get("instructions", self.session.get("instructions"))
        return chosen if isinstance(chosen, str) else ""

    @property
    def tool_names(self) -> list[str]:
        """Functions that the model may call, in their order."""
        offered = self.options.get("tools", self.session.get("tools"))
        tools = offered if isinstance(offered, list) else []
        return [str(tool["name"]) for tool in tools if isinstance(tool, dict) and "name" in tool]

    @property
    def last_item(self) -> JsonObject:
        """The newest item, empty in an empty conversation."""
        return self.items[-1] if self.items else {}

    @property
    def last_output(self) -> str | None:
        """What a tool answered, when that is the newest item."""
        output = self.last_item.get("output")
        return output if isinstance(output, str) else None

    @property
    def user_text(self) -> str:
        """What the caller said or typed last."""
        said = [item for item in self.items if item.get("role") == "user"]
        return item_text(said[-1]) if said else ""


Responder = Callable[[SessionView], Turn]
"""Decides a response. It should go by the items alone: after a lost connection it is asked again."""


def item_text(item: JsonObject) -> str:
    """Everything written or said in a message on the wire."""
    content = item.get("content")
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    found = [part.get("text") or part.get("transcript") or "" for part in parts]
    return "".join(text for text in found if isinstance(text, str))
