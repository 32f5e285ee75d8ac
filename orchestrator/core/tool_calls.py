"""One call of a tool, from the model's word to its answer, and the calls of one response together."""

import json
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.core.definition import HandoffSpec, ToolSpec
from orchestrator.core.events import ToolReturned
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import RevisionRow, ToolOutcome, ToolRunRow

Stage = Literal["queued", "approval", "running", "settling", "answered"]


@dataclass(slots=True)
class ToolCall:
    """One call of a tool, from the model's word to its answer.

    Attributes:
        item: The function call.
        spec: The tool; None for a handoff, a client tool, or a name that nobody knows.
        handoff: The edge that was called, with its target.
        client: The client is to answer it.
    """

    item: Item
    spec: ToolSpec | None = None
    handoff: tuple[HandoffSpec, str] | None = None
    client: bool = False
    arguments: JsonObject = field(default_factory=dict)
    attempt: int = 1
    stage: Stage = "queued"
    started_at: float = 0.0
    returned: ToolReturned | None = None
    output: Item | None = None
    revisions: tuple[RevisionRow, ...] = ()

    @property
    def id(self) -> str:
        """Its `tool_call_id`."""
        return self.item.tool_call_id or self.item.id


@dataclass(slots=True)
class Round:
    """The calls of a reply that are not all answered yet.

    Attributes:
        response_done: The response that made the last of them is over, so no call will be added.
        silent: No response is to follow: the caller cancelled, or has left, or has only just come back.
        repaired: Tools whose bad arguments were counted already.
    """

    calls: dict[str, ToolCall] = field(default_factory=dict)
    response_done: bool = False
    silent: bool = False
    repaired: set[str] = field(default_factory=set)

    @property
    def open_calls(self) -> list[ToolCall]:
        """Those that are not answered."""
        return [call for call in self.calls.values() if call.stage != "answered"]

    @property
    def waits_for_client(self) -> bool:
        """Whether only the client's answers are missing."""
        open_calls = self.open_calls
        return self.response_done and bool(open_calls) and all(call.client for call in open_calls)

    @property
    def complete(self) -> bool:
        """Whether nothing of ours is missing; handoffs come after everything else."""
        return self.response_done and all(call.client or call.handoff is not None for call in self.open_calls)

    @property
    def has_client_calls(self) -> bool:
        """Whether the client has had a part in it."""
        return any(call.client for call in self.calls.values())


def parse(call: ToolCall) -> tuple[str, ...]:
    """Parse and check the arguments of a call; what is wrong with them, in words for the model."""
    try:
        arguments = json.loads(call.item.arguments or "{}")
    except ValueError as error:
        return (f"arguments: not valid JSON ({error}); send one JSON object",)
    if not isinstance(arguments, dict):
        return ("arguments: not an object; send one JSON object",)
    call.arguments = arguments
    check = call.spec.check if call.spec else call.handoff[0].check if call.handoff else None
    return tuple(str(found) for found in check(arguments)) if check else ()


def failure(code: str, message: str, problems: list[str] | None = None) -> str:
    """A tool's output that tells the model what went wrong, as JSON text."""
    body: JsonObject = {"error": message, "code": code}
    if problems:
        body["problems"] = list(problems)
    return json.dumps(body, ensure_ascii=False)


def run_row(
    call: ToolCall,
    outcome: ToolOutcome,
    *,
    finished_at: float | None = None,
    error_code: str | None = None,
    error: str | None = None,
) -> ToolRunRow:
    """What is stored of a run."""
    return ToolRunRow(
        tool_call_id=call.id,
        attempt=call.attempt,
        name=call.item.name or "",
        agent=call.item.agent,
        arguments=call.item.arguments or "{}",
        outcome=outcome,
        started_at=call.started_at or call.item.created_at,
        finished_at=finished_at,
        error_code=error_code,
        error=error,
        violations=call.returned.violations if call.returned else (),
    )
