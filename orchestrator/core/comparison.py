"""Two conversations side by side: the same caller, and whether the agents did the same for them.

What is compared is what was done: tools with their arguments and whether they succeeded, handoffs, and the
values of states after each turn. Words are not: a model never says the same twice.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.turns import Handover, Step, ToolUse, Turn

DifferenceKind = Literal[
    "tool_missing",
    "tool_added",
    "arguments",
    "outcome",
    "handoff_missing",
    "handoff_added",
    "payload",
    "state",
    "unanswered",
    "turn_missing",
]

MISSING = "—"
"""Stands for a value that is not there on one side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that went differently.

    Attributes:
        turn: In which turn.
        where: Name of the tool or of the agent, or the place in a state: `cart.lines[0].size`.
        original: How it was; `MISSING` where it was not.
        replayed: How it is.
    """

    turn: int
    kind: DifferenceKind
    where: str
    original: JsonValue = MISSING
    replayed: JsonValue = MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPair:
    """One turn as it was and as it is; None where there is no such turn."""

    number: int
    original: Turn | None
    replayed: Turn | None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two conversations, turn by turn.

    Attributes:
        final: How the states differ in the end, whatever the way there.
    """

    turns: tuple[TurnPair, ...]
    final: tuple[Difference, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All of them, in the order of turns."""
        return tuple(found for pair in self.turns for found in pair.differences)

    @property
    def first(self) -> int | None:
        """The first turn that differs, None where none does."""
        return next((pair.number for pair in self.turns if pair.differences), None)

    @property
    def same(self) -> bool:
        """Whether the agents did the same."""
        return self.first is None


def compare(original: Sequence[Turn], replayed: Sequence[Turn]) -> Comparison:
    """Compare two conversations of the same caller.

    A state that differs is told in the turn in which that came about, not again in every turn after it.
    """
    pairs: list[TurnPair] = []
    known: set[str] = set()
    last: tuple[Difference, ...] = ()
    for number, (before, after) in enumerate(zip_longest(original, replayed)):
        found = [*_turn(number, before, after)]
        if before is not None and after is not None:
            last = tuple(_states(number, before.states, after.states))
            found += [each for each in last if _mark(each) not in known]
            known = {_mark(each) for each in last}
        pairs.append(
            TurnPair(number=number, original=before, replayed=after, differences=tuple(found)),
        )
    if original and replayed and len(original) != len(replayed):
        last = tuple(_states(len(pairs) - 1, original[-1].states, replayed[-1].states))
    return Comparison(turns=tuple(pairs), final=last)


def _turn(number: int, before: Turn | None, after: Turn | None) -> Iterator[Difference]:
    if before is None or after is None:
        there = (MISSING, "there") if before is None else ("there", MISSING)
        yield Difference(turn=number, kind="turn_missing", where="turn", original=there[0], replayed=there[1])
        return
    yield from _steps(number, _asked_for(before.steps), _asked_for(after.steps))
    if before.answered and not after.answered:
        yield Difference(turn=number, kind="unanswered", where="reply", original="there")


def _asked_for(steps: Sequence[Step]) -> list[Step]:
    """What came of the conversation itself: an operator's doing says nothing of the agents."""
    return [step for step in steps if not (isinstance(step, Handover) and step.by_operator)]


# --- tools and handoffs -----------------------------------------------------------------------------------


def _steps(number: int, before: Sequence[Step], after: Sequence[Step]) -> Iterator[Difference]:
    """Pair what is alike first, then what has the same name; the rest is missing or added."""
    matcher = SequenceMatcher(
        None, [_identity(step) for step in before], [_identity(step) for step in after], autojunk=False
    )
    for word, b1, b2, a1, a2 in matcher.get_opcodes():
        if word != "equal":
            yield from _block(number, list(before[b1:b2]), list(after[a1:a2]))


def _block(number: int, before: list[Step], after: list[Step]) -> Iterator[Difference]:
    for step in before:
        twin = next((each for each in after if _name(each) == _name(step)), None)
        if twin is None:
            yield _lone(number, step, missing=True)
        else:
            after.remove(twin)
            yield from _pair(number, step, twin)
    for step in after:
        yield _lone(number, step, missing=False)


def _pair(number: int, before: Step, after: Step) -> Iterator[Difference]:
    if isinstance(before, ToolUse) and isinstance(after, ToolUse):
        for place, was, now in _changes(before.arguments, after.arguments):
            where = _joined(before.name, place)
            yield Difference(turn=number, kind="arguments", where=where, original=was, replayed=now)
        if before.outcome != after.outcome:
            yield Difference(
                turn=number,
                kind="outcome",
                where=before.name,
                original=before.outcome,
                replayed=after.outcome,
            )
    elif isinstance(before, Handover) and isinstance(after, Handover):
        for place, was, now in _changes(before.payload, after.payload):
            where = _joined(before.target, place)
            yield Difference(turn=number, kind="payload", where=where, original=was, replayed=now)


def _lone(number: int, step: Step, *, missing: bool) -> Difference:
    value: JsonValue
    if isinstance(step, ToolUse):
        kind: DifferenceKind = "tool_missing" if missing else "tool_added"
        where, value = step.name, step.arguments
    else:
        kind = "handoff_missing" if missing else "handoff_added"
        where, value = step.target, step.source
    return Difference(
        turn=number,
        kind=kind,
        where=where,
        original=value if missing else MISSING,
        replayed=MISSING if missing else value,
    )


def _name(step: Step) -> tuple[str, str]:
    return ("tool", step.name) if isinstance(step, ToolUse) else ("handoff", step.target)


def _identity(step: Step) -> tuple[str, ...]:
    if isinstance(step, ToolUse):
        return (*_name(step), canonical(step.arguments), step.outcome)
    return (*_name(step), canonical(step.payload))


# --- values -----------------------------------------------------------------------------------------------


def _states(
    number: int, before: Mapping[str, JsonObject], after: Mapping[str, JsonObject]
) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        for place, was, now in _changes(before.get(name, MISSING), after.get(name, MISSING)):
            where = _joined(name, place)
            yield Difference(turn=number, kind="state", where=where, original=was, replayed=now)


def _mark(found: Difference) -> str:
    return canonical([found.where, found.original, found.replayed])


def _changes(before: JsonValue, after: JsonValue) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """Where two values differ, and how, as deep down as can be said."""
    if canonical(before) == canonical(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            for place, was, now in _changes(before.get(key, MISSING), after.get(key, MISSING)):
                yield _joined(key, place), was, now
    elif isinstance(before, list) and isinstance(after, list):
        for index, (old, new) in enumerate(zip_longest(before, after, fillvalue=MISSING)):
            for place, was, now in _changes(old, new):
                yield _joined(f"[{index}]", place), was, now
    else:
        yield "", before, after


def _joined(head: str, place: str) -> str:
    return head + (place if not place or place.startswith("[") else f".{place}")


def canonical(value: JsonValue) -> str:
    """A value as text that is the same for equal values: keys sorted, `1.0` as `1`."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
