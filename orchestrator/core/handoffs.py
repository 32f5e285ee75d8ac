"""Handoffs: declared edges from one agent to another."""

import re
from typing import Final, Self

from pydantic import BaseModel

from orchestrator.core.definition import BACK, HistoryPolicy

PREVIOUS: Final = "previous_agent"
"""Stands for the target's name in the function of a handoff that goes back."""

_LAST: Final = re.compile(r"last:([1-9]\d{0,5})")


class Handoff:
    """An edge to another agent, offered to the model as the function `transfer_to_<target>`.

    Args:
        target: Name of the agent.
        when: When to take it, in words for the model: "the caller wants to order food".
        payload: A pydantic model of what the next agent should be given; None for the reason alone.
        history: What the target is told of the conversation: `"full"`, `"last:20"` (items), `"summary"`,
            `"none"`, or a `HistoryPolicy`.
        name: Function name, `transfer_to_…`, where one target has several handoffs.
    """

    def __init__(
        self,
        target: str,
        *,
        when: str,
        payload: type[BaseModel] | None = None,
        history: HistoryPolicy | str = "full",
        name: str | None = None,
    ) -> None:
        self.target = target
        self.when = when
        self.payload = payload
        self.history = history
        self.name = name

    @classmethod
    def back(
        cls,
        *,
        when: str,
        payload: type[BaseModel] | None = None,
        history: HistoryPolicy | str = "full",
        name: str | None = None,
    ) -> Self:
        """A handoff to whichever agent handed over; refused at run time when there was none."""
        return cls(BACK, when=when, payload=payload, history=history, name=name)

    def __repr__(self) -> str:
        return f"Handoff({self.target!r}, when={self.when!r})"


def read_history(value: HistoryPolicy | str) -> HistoryPolicy | None:
    """Read a history policy as it may be written; None when it says nothing known."""
    if isinstance(value, HistoryPolicy):
        known = value.kind in {"full", "last", "summary", "none"} and (value.count > 0) == (
            value.kind == "last"
        )
        return value if known else None
    if value == "full":
        return HistoryPolicy(kind="full")
    if value == "summary":
        return HistoryPolicy(kind="summary")
    if value == "none":
        return HistoryPolicy(kind="none")
    last = _LAST.fullmatch(value)
    return HistoryPolicy(kind="last", count=int(last[1])) if last else None
