"""A stored conversation as a test: a scripted model that says what it said, a caller who says what was said.

What is asserted is what was done: tools with arguments and outcomes, handoffs, and the states in the end. The
text of the file holds no ids; telephone numbers, card numbers and mail addresses are replaced by made-up
ones, the same one everywhere. Names and addresses are not known from other words: read the file before it is
kept.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.python_source import (
    Invocation,
    Raw,
    Source,
    is_keyword,
    listing,
    literal,
    pair,
    quoted,
    written,
)
from orchestrator.core.recorded_answers import RecordedAnswer, recorded_answers
from orchestrator.core.records import ResponseRow
from orchestrator.core.redaction import KINDS, Redaction
from orchestrator.core.turns import Handover, Step, ToolUse, Turn

UNSTEADY: Final = frozenset({"timed_out", "cancelled", "declined"})
"""Outcomes that depend on time or on people: a test stops before the turn that has one."""

SECONDS: Final = 30
PERSONAL: Final = Redaction(kinds=frozenset(KINDS))
ANY: Final = "ANY"

LONGEST_NAME: Final = 39
"""Letters of a test's name, so that its first line is not broken."""

_MADE_UP: Final = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9_-]{4,}|\d{4}-\d\d-\d\d(T\S*)?")
"""What is made anew in every run: numbers of orders, ids, days."""

_OUR_ID: Final = re.compile(r"\b(?:conv|item|call|resp|rtc)_[A-Za-z0-9]{6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a test is made of.

    Attributes:
        package: Import name of the agents.
        agent: Who took the call.
        turns: Of the conversation, with states that have their first values where nothing changed them.
        approved: Names of tools that an operator must approve: a test stops before the turn that uses one.
    """

    package: str
    agent: str
    turns: Sequence[Turn]
    items: Sequence[Item]
    responses: Sequence[ResponseRow]
    approved: frozenset[str] = frozenset()


def generated_test(story: Story) -> str:
    """The source of a test file."""
    turns = list(_repeatable(story))
    end = _end(turns, story)
    answers = [answer for answer in recorded_answers(story.items, story.responses) if answer.sequence < end]
    names = _StandIns()
    script = [_scripted(answer, names) for answer in answers]
    body = [line for turn in turns for line in _played(turn, names)]
    last = _expected_states(turns, answers, names)
    title = _slug(turns)
    parts = [
        f'"""A conversation that was held once, as a test: {title.replace("_", " ")}."""',
        _imports(script, body, last),
        written(Invocation("Recital", tuple(script)), before="MODEL = "),
        "\n".join(
            [f"async def test_{title}(scripted_engine, local_database):", *_opening(story), *body, *last]
        ),
    ]
    return "\n\n".join(parts[:3]) + "\n\n\n" + parts[3] + "\n    assert MODEL.left == 0\n"


# --- what is repeated -------------------------------------------------------------------------------------


def _repeatable(story: Story) -> Iterable[Turn]:
    """The turns until one that depends on people or on time, without those that nobody answered."""
    for turn in story.turns:
        if any(_is_unsteady(step, story.approved) for step in turn.steps):
            return
        if turn.answered:
            yield turn


def _is_unsteady(step: Step, approved: frozenset[str]) -> bool:
    if isinstance(step, Handover):
        return step.by_operator
    return step.outcome in UNSTEADY or step.name in approved


def _end(turns: Sequence[Turn], story: Story) -> float:
    """The sequence number at which the first turn begins that is not part of the test."""
    last = max((turn.number for turn in turns), default=-1)
    places = {item.id: item.sequence for item in story.items}
    beyond = [places[turn.item_id] for turn in story.turns if turn.number > last and turn.item_id in places]
    return min(beyond, default=float("inf"))


# --- the parts of the file --------------------------------------------------------------------------------


def _imports(script: Sequence[Source], body: Sequence[str], last: Sequence[str]) -> str:
    lines = ["from orchestrator.testing.local_service import local_service"]
    asked = [
        name for name, sign in (("done", "done("), ("states", "states(")) if sign in "\n".join([*body, *last])
    ]
    lines.append(f"from orchestrator.testing.recital import {', '.join(['Recital', *asked])}")
    made = sorted({part.name for part in script if isinstance(part, Invocation)})
    if made:
        lines.append(f"from orchestrator.testing.turns import {', '.join(made)}")
    if any(re.search(rf"\b{ANY}\b", line) for line in last):
        lines = [f"from unittest.mock import {ANY}", "", *lines]
    return "\n".join(lines)


def _opening(story: Story) -> list[str]:
    call = Invocation(
        "service.call",
        (Raw(quoted(story.agent)),),
        (("include_events", Raw("True")), ("seconds", Raw(str(SECONDS)))),
    )
    served = Invocation(
        "local_service",
        (Raw(quoted(story.package)),),
        (("engine", Raw("engine")), ("database_url", Raw("local_database"))),
    )
    inner = " " * 8
    return [
        "    async with (",
        f"{inner}scripted_engine(MODEL) as engine,",
        written(served, indent=inner, after=" as service,"),
        written(call, indent=inner, after=" as caller,"),
        "    ):",
    ]


def _scripted(answer: RecordedAnswer, names: "_StandIns") -> Source:
    text = names.text(answer.text)
    if not answer.calls:
        return Invocation("says", (Raw(quoted(text)),))
    [(name, arguments), *more] = answer.calls
    given = names.value(arguments)
    if not text and not more and isinstance(given, dict) and all(is_keyword(key) for key in given):
        keywords = tuple((key, literal(value)) for key, value in given.items())
        return Invocation("calls", (Raw(quoted(name)),), keywords)
    calls = tuple(pair(Raw(quoted(name)), literal(names.value(given))) for name, given in answer.calls)
    said = (("text", Raw(quoted(text))),) if text else ()
    return Invocation("Turn", (), (*said, ("calls", pair(*calls))))


def _played(turn: Turn, names: "_StandIns") -> list[str]:
    """The lines that say a turn, and what was done upon it."""
    inner = " " * 8
    words = [names.text(said.text) for said in turn.said if said.role == "user"]
    if turn.number == 0 and not turn.steps:
        return []  # A greeting of our own, or words that nobody asked for.
    lines = [_noted(names.text(said.text)) for said in turn.said if said.role == "system"]
    said = Invocation("caller.say", (Raw(quoted(" ".join(words))),)) if words else Invocation("caller.ask")
    lines.append(written(said, indent=inner, before="reply = await "))
    for use in (step for step in turn.steps if isinstance(step, ToolUse) and step.client):
        output = names.text(use.output or "")
        answer = Invocation("caller.answer_call", (Raw("reply.calls[0]"), Raw(quoted(output))))
        lines += [written(answer, indent=inner, before="await "), f"{inner}reply = await caller.ask()"]
    steps = _expected_steps(turn.steps, names)
    if steps and not any(isinstance(step, ToolUse) and step.client for step in turn.steps):
        lines.append(written(listing(steps), indent=inner, before="assert done(reply) == "))
    else:
        lines.append(f'{inner}assert reply.status == "completed"')
    return lines


def _noted(text: str) -> str:
    content: JsonValue = [{"type": "input_text", "text": text}]
    item: JsonObject = {"type": "message", "role": "system", "content": content}
    event = Raw(quoted("conversation.item.create"))
    return written(
        Invocation("caller.send", (event,), (("item", literal(item)),)), indent=" " * 8, before="await "
    )


def _expected_steps(steps: Sequence[Step], names: "_StandIns") -> list[Source]:
    """As `orchestrator.testing.recital.done` tells them: tools between two handoffs are sorted."""
    told: list[Source] = []
    tools: list[tuple[str, JsonValue, str]] = []
    for step in [*steps, None]:
        if isinstance(step, ToolUse):
            tools.append((step.name, names.value(step.arguments), step.outcome))
            continue
        tools.sort(key=lambda tool: (tool[0], json.dumps(tool[1], sort_keys=True)))
        told += [pair(Raw(quoted(name)), literal(given), Raw(quoted(how))) for name, given, how in tools]
        tools = []
        if step is not None:
            told.append(pair(Raw(quoted("handoff")), Raw(quoted(step.target))))
    return told


def _expected_states(
    turns: Sequence[Turn], answers: Sequence[RecordedAnswer], names: "_StandIns"
) -> list[str]:
    """The states in the end, those that changed."""
    if not turns:
        return []
    first, last = turns[0].states, turns[-1].states
    changed = {name: value for name, value in last.items() if value != first.get(name)}
    asked = json.dumps([list(answer.calls) for answer in answers])
    told: Mapping[str, JsonValue] = {name: names.value(value) for name, value in changed.items()}
    unknown = {
        text: ANY for text in _texts(list(told.values())) if _MADE_UP.fullmatch(text) and text not in asked
    }
    return [
        written(literal(value, unknown), indent=" " * 8, before=f"assert states(caller)[{quoted(name)}] == ")
        for name, value in told.items()
    ]


def _texts(value: JsonValue) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


def _slug(turns: Sequence[Turn]) -> str:
    """What the conversation was about, in a few words: tools and agents, else that people talked."""
    steps = [step for turn in turns for step in turn.steps]
    used = list(dict.fromkeys(step.name if isinstance(step, ToolUse) else step.target for step in steps))
    words = "_then_".join(re.sub(r"\W+", "_", name) for name in used[:2]) or "a_conversation"
    return words.lower()[:LONGEST_NAME].rstrip("_")


# --- people -----------------------------------------------------------------------------------------------


class _StandIns:
    """Made-up values for personal data, the same for the same."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def text(self, text: str) -> str:
        """A text without personal data and without ids."""
        text = _OUR_ID.sub("an_id", text)
        pieces, at = [], 0
        for span in PERSONAL.text(text).taken:
            pieces += [text[at : span.start], self._stand_in(span.kind, text[span.start : span.end])]
            at = span.end
        return "".join([*pieces, text[at:]])

    def value(self, value: JsonValue) -> JsonValue:
        """JSON data, likewise."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        if isinstance(value, dict):
            return {key: self.value(inner) for key, inner in value.items()}
        return value

    def _stand_in(self, kind: str, found: str) -> str:
        digits = re.sub(r"\D", "", found)[-10:] or found.lower()
        number = len(self._given)
        made = {"phone": f"202-555-{100 + number:04}", "card": "4000 0000 0000 0002"}
        return self._given.setdefault((kind, digits), made.get(kind, f"caller{number}@example.com"))
