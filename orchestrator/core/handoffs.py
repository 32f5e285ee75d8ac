"""Handoffs: declared edges from one agent to another."""

import re
from collections.abc import Callable, Mapping
from typing import Final, Self

from pydantic import BaseModel
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from orchestrator.core.definition import BACK, TRANSFER_PREFIX, HandoffSpec, HistoryPolicy
from orchestrator.core.json_value import JsonObject
from orchestrator.core.problems import Findings, errors_of
from orchestrator.core.schema import schema_flaws, schema_of
from orchestrator.core.tool_specs import FUNCTION_NAME, checked_by
from orchestrator.core.wording import clipped, listed, nearest

PREVIOUS: Final = "previous_agent"
"""Stands for the target's name in the function of a handoff that goes back."""

REASON: Final[JsonObject] = {
    "type": "string",
    "description": "Why the caller is handed over, short and in the third person: 'Wants to order a pizza.'",
    "minLength": 1,
    "maxLength": 500,
}
"""Schema of the argument that every handoff has."""

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


def read_history(value: object) -> HistoryPolicy | None:
    """Read a history policy as it may be written; None when it says nothing known."""
    if isinstance(value, HistoryPolicy):
        known = value.kind in {"full", "last", "summary", "none"}
        return value if known and (value.count > 0) == (value.kind == "last") else None
    if value == "full":
        return HistoryPolicy(kind="full")
    if value == "summary":
        return HistoryPolicy(kind="summary")
    if value == "none":
        return HistoryPolicy(kind="none")
    last = _LAST.fullmatch(value) if isinstance(value, str) else None
    return HistoryPolicy(kind="last", count=int(last[1])) if last else None


def function_name(handoff: Handoff) -> str:
    """The name under which the model calls a handoff."""
    if handoff.name is not None:
        return handoff.name
    return TRANSFER_PREFIX + (PREVIOUS if handoff.target == BACK else handoff.target)


def compile_handoff(
    handoff: Handoff, targets: Mapping[str, str], owner: str, findings: Findings
) -> HandoffSpec | None:
    """Compile one handoff.

    Args:
        handoff: As it was declared.
        targets: Description by name of every agent there is.
        owner: Name of the agent that declares it.
        findings: Where problems are noted.

    Returns:
        None when a problem was noted that keeps it from being used.
    """
    before = len(findings.problems)
    _check_target(handoff, targets, owner, findings)
    when: object = handoff.when
    if not isinstance(when, str) or not when.strip():
        findings.error("when", "says nothing", 'Tell the model when to take it: when="the caller wants …"')
    history = read_history(handoff.history)
    if history is None:
        findings.error(
            "history",
            f"{clipped(repr(handoff.history), 60)} is not known",
            'Write "full", "last:20" (any number of items), "summary" or "none"',
        )
    parameters = _parameters(handoff, findings)
    if history is None or parameters is None or errors_of(findings.problems[before:]):
        return None
    return HandoffSpec(
        target=handoff.target,
        when=handoff.when.strip(),
        function=function_name(handoff),
        description=_description(handoff, targets),
        parameters=parameters,
        check=checked_by(parameters, _reader(handoff)),
        history=history,
    )


def _reader(handoff: Handoff) -> Callable[[JsonObject], object]:
    payload = handoff.payload

    def read(arguments: JsonObject) -> object:
        fields = {name: value for name, value in arguments.items() if name != "reason"}
        return payload.model_validate(fields) if payload is not None else None

    return read


def _check_target(handoff: Handoff, targets: Mapping[str, str], owner: str, findings: Findings) -> None:
    target: object = handoff.target
    if not isinstance(target, str):
        findings.error("target", f"{clipped(repr(target), 60)} is no name", "Write the agent's name, as text")
        return
    if target == owner:
        findings.error("target", "hands over to itself", "Take this handoff out")
    elif target != BACK and target not in targets:
        meant = nearest(target, targets)
        known = listed(sorted(targets), "and")
        mend = f"Write {meant!r}" if meant else f"Write the name of an agent there is: {known}"
        findings.error("target", f"there is no agent {clipped(target)!r}", mend)
    if not FUNCTION_NAME.fullmatch(function_name(handoff)) or not function_name(handoff).startswith(
        TRANSFER_PREFIX
    ):
        findings.error(
            "name",
            f"{clipped(function_name(handoff), 80)!r} is no name for a handoff's function",
            f"Begin it with {TRANSFER_PREFIX}, then letters, digits, _ and -, at most 64 in all",
        )


def _description(handoff: Handoff, targets: Mapping[str, str]) -> str:
    if handoff.target == BACK:
        whom = "Hand the caller back to the agent before you."
    else:
        about = " ".join(targets[handoff.target].split())
        whom = f"Hand the caller over to {handoff.target}. {about}".strip()
    return f"{whom} Use it when: {handoff.when.strip().rstrip('.')}."


def _parameters(handoff: Handoff, findings: Findings) -> JsonObject | None:
    payload = _payload_schema(handoff, findings)
    if payload is None:
        return None
    fields, required = payload.get("properties"), payload.get("required")
    properties = fields if isinstance(fields, dict) else {}
    if "reason" in properties:
        findings.error("payload", "has a field named reason", "Rename it: every handoff has a reason already")
        return None
    parameters: JsonObject = {
        "type": "object",
        "properties": {"reason": REASON, **properties},
        "required": ["reason", *(required if isinstance(required, list) else [])],
        "additionalProperties": False,
    }
    return parameters | ({"$defs": payload["$defs"]} if "$defs" in payload else {})


def _payload_schema(handoff: Handoff, findings: Findings) -> JsonObject | None:
    payload: object = handoff.payload
    if payload is None:
        return {}
    mend = "Write a pydantic model whose fields JSON can carry"
    if not isinstance(payload, type) or not issubclass(payload, BaseModel):
        findings.error("payload", f"{clipped(repr(payload), 60)} is no pydantic model", mend)
        return None
    try:
        schema = schema_of(payload)
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        findings.error("payload", clipped(str(error).splitlines()[0], 200), mend)
        return None
    flaws = schema_flaws(schema)
    for flaw in flaws:
        findings.error("payload", f"has a flawed schema: {flaw}", mend)
    return None if flaws else schema
