"""A stored conversation turn by turn: what the caller said, and what the agents did upon it.

A turn begins where the caller says something after the agents have answered; turn 0 is what happened before a
word of the caller, such as a greeting. Items are taken in the order in which they are read.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.core.definition import TRANSFER_PREFIX
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import RevisionRow, ToolOutcome, ToolRunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the agents were told: by the caller, or beside them as a note (`role` is `system`)."""

    role: str
    content: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(part.text for part in self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool was called.

    Attributes:
        arguments: As JSON data; as text where they are none.
        outcome: Of its last run; `completed` where no run is known, as for tools of the client.
        output: What the tool answered, None where it never did.
        client: Whether the client was to answer it.
    """

    name: str
    arguments: JsonValue
    outcome: ToolOutcome = "completed"
    output: str | None = None
    tool_call_id: str = ""
    client: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Another agent came on duty.

    Attributes:
        reason: In the model's words.
        payload: What it was told besides.
        by_operator: Nobody in the conversation asked for it.
    """

    source: str
    target: str
    reason: str = ""
    payload: JsonObject = field(default_factory=dict)
    by_operator: bool = False


Step = ToolUse | Handover


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn.

    Attributes:
        number: 0 for what came before the caller's first words, then 1, 2, 3 …
        item_id: The first item of it, for links; None for a turn 0 in which nothing happened.
        steps: What was done, in order.
        replies: What the agents said, one text for each message.
        states: Values of all states at the end of it, by name.
    """

    number: int
    item_id: str | None = None
    said: tuple[Said, ...] = ()
    steps: tuple[Step, ...] = ()
    replies: tuple[str, ...] = ()
    states: Mapping[str, JsonObject] = field(default_factory=dict)

    @property
    def caller_text(self) -> str:
        """What the caller said, in one line."""
        return " ".join(said.text for said in self.said if said.role == "user").strip()

    @property
    def answered(self) -> bool:
        """Whether anything was said or done upon it."""
        return bool(self.steps or self.replies)


def turns_of(
    items: Sequence[Item],
    runs: Iterable[ToolRunRow] = (),
    revisions: Iterable[RevisionRow] = (),
    initial: Mapping[str, JsonObject] | None = None,
) -> tuple[Turn, ...]:
    """The turns of a conversation; turn 0 is always there.

    Args:
        items: Of the conversation, in any order, deleted ones too.
        runs: Of its tools.
        revisions: Of its states.
        initial: Values that states have before their first revision, by name.
    """
    parts = _divided(items)
    outcomes = {run.tool_call_id: run.outcome for run in sorted(runs, key=lambda run: run.attempt)}
    outputs = {item.tool_call_id: item.output for item in items if item.kind == "function_call_output"}
    place = {item.id: number for number, part in enumerate(parts) for item in part}
    changes = sorted(revisions, key=lambda row: (row.sequence, row.revision))
    states: dict[str, JsonObject] = dict(initial or {})
    turns = []
    for number, part in enumerate(parts):
        states |= {row.state: row.value for row in changes if place.get(row.item_id) == number}
        turns.append(
            Turn(
                number=number,
                item_id=part[0].id if part else None,
                said=tuple(_said(item) for item in part if _is_input(item)),
                steps=tuple(step for item in part if (step := _step(item, outcomes, outputs)) is not None),
                replies=tuple(item.text for item in part if _is_reply(item)),
                states=dict(states),
            )
        )
    return tuple(turns)


def _divided(items: Sequence[Item]) -> list[list[Item]]:
    """The items of each turn: a word of the caller after anything else of a turn begins the next one."""
    parts: list[list[Item]] = [[]]
    for item in sorted(items, key=lambda item: (item.position, item.sequence)):
        if item.deleted or (_is_input(item) and not any(_has_something(part) for part in item.content)):
            continue
        if _is_input(item) and _is_answered(parts[-1]):
            parts.append([])
        elif len(parts) == 1 and item.role == "user":
            parts.insert(0, [])
        parts[-1].append(item)
    return parts


def _is_answered(part: list[Item]) -> bool:
    return any(_is_reply(item) or item.kind in {"function_call", "handoff"} for item in part)


def _is_input(item: Item) -> bool:
    """Whether it tells the agents something; notes of our own come by themselves, and are none."""
    return item.kind == "message" and item.role in {"user", "system"} and item.origin != "service"


def _is_reply(item: Item) -> bool:
    """Whether the agent said it; what is said while a tool is slow is a matter of time."""
    return item.kind == "message" and item.role == "assistant" and not item.data.get("filler")


def _has_something(part: Part) -> bool:
    return bool(part.text.strip()) or part.image_url is not None


def _said(item: Item) -> Said:
    return Said(role=item.role or "user", content=item.content)


def _step(
    item: Item, outcomes: Mapping[str, ToolOutcome], outputs: Mapping[str | None, str | None]
) -> Step | None:
    if item.kind == "handoff":
        return _handover(item.data)
    call, name = item.tool_call_id or "", item.name or ""
    outcome = outcomes.get(call, "completed")
    if item.kind != "function_call" or (name.startswith(TRANSFER_PREFIX) and outcome == "completed"):
        return None  # Of a handoff that took place, the marker tells.
    return ToolUse(
        name=name,
        arguments=parsed(item.arguments or "{}"),
        outcome=outcome,
        output=outputs.get(call),
        tool_call_id=call,
        client=bool(item.data.get("client_tool")),
    )


def _handover(data: JsonObject) -> Handover:
    payload = data.get("payload")
    return Handover(
        source=str(data.get("from")),
        target=str(data.get("to")),
        reason=str(data.get("reason") or ""),
        payload=payload if isinstance(payload, dict) else {},
        by_operator=data.get("cause") == "operator",
    )


def parsed(text: str) -> JsonValue:
    """Arguments as JSON data, or as the text that they are where they are none."""
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value
