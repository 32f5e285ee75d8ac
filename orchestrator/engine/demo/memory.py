"""What earlier calls tell about words like "it", "another one" and "make it three"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.arguments import Filled, fill
from orchestrator.engine.demo.clauses import Clause
from orchestrator.engine.demo.dialogue import Done, as_json
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.numbers import quantities
from orchestrator.engine.demo.planning import Step
from orchestrator.engine.demo.reports import slot_values
from orchestrator.engine.demo.texts import find_text, is_person
from orchestrator.engine.demo.tools import Slot, Tool
from orchestrator.engine.demo.words import name_words, stems, tokens

_MAKE_IT: Final = re.compile(
    r"\b(?:make|change|have|turn) (?:it|that|them|those|this|these|the \w+(?: \w+)?)\b|\bmake (?:the|my) "
    r"|\bi meant?\b|\binstead\b|^(?:no |sorry )*actually\b|\bactually\b.*\b(?:rather|not)\b"
    r"|\b(?:put|add)\b.*\bon (?:it|that|them)\b"
)
_AGAIN: Final = re.compile(r"\b(?:another|one more|same again|the same|again|\w+ more)\b")
_POINTS_BACK: Final = frozenset({"it", "that", "them", "those", "this", "one", "last", "these"})


def adjustment(clause: Clause, tools: Sequence[Tool], memory: Sequence[Done]) -> list[Step]:
    """Read "make it three", "change that to a large", "another one" by what was called before.

    Args:
        clause: What the caller said.
        tools: The tools on offer.
        memory: The calls so far that did not fail, oldest first.

    Returns:
        The steps that bring the change about; empty when the clause is none.
    """
    begun = _begun(tools, memory)
    if not begun or clause.negated:
        return []
    text = clause.reading.text
    if _MAKE_IT.search(text):
        return _changed(clause, tools, begun)
    tool, values = begun[-1]
    said = fill(tool, clause)
    names_another = tool.main is not None and tool.main.name in said.explicit
    if _AGAIN.search(text) and not names_another and tool.action is Action.ADD and len(clause.tokens) <= 8:
        return _repeated(values, tool, clause)
    return []


Begun = tuple[Tool, dict[str, JsonValue]]


def _begun(tools: Sequence[Tool], memory: Sequence[Done]) -> list[Begun]:
    """What was added, booked or set, with later changes laid over it; the newest touched is last."""
    by_name = {tool.name: tool for tool in tools}
    begun: list[Begun] = []
    for call in memory:
        tool = by_name.get(call.name)
        if tool is None:
            continue
        values = slot_values(tool, call.arguments)
        if tool.action in {Action.ADD, Action.BOOK, Action.START}:
            begun.append((tool, values))
        elif tool.action in {Action.CHANGE, Action.REMOVE}:
            touched = [one for one in begun if _same_thing(one, values)]
            begun = [one for one in begun if one not in touched]
            if touched and tool.action is Action.CHANGE:
                begun.append((touched[-1][0], {**touched[-1][1], **values}))
            elif tool.action is Action.CHANGE:
                begun.append((tool, values))
    return begun


def _same_thing(begun: Begun, values: dict[str, JsonValue]) -> bool:
    main = begun[0].main
    return main is not None and main.name in values and begun[1].get(main.name) == values[main.name]


def pointing_back(step: Step, clause: Clause, memory: Sequence[Done], tools: Sequence[Tool]) -> Step:
    """Fill what "it" or "the last one" stands for from the newest call that has such an argument."""
    if not step.missing or not (clause.stems & _POINTS_BACK):
        return step
    by_name = {tool.name: tool for tool in tools}
    values = dict(step.filled.values)
    for slot in step.missing:
        for call in reversed(memory):
            source = by_name.get(call.name)
            known = slot_values(source, call.arguments) if source is not None else call.arguments
            if slot.name in known and _fits(slot, known[slot.name]):
                values[slot.name] = known[slot.name]
                break
    return replace(step, filled=replace(step.filled, values=values, unknown=""))


def looked_up(step: Step, clause: Clause, memory: Sequence[Done]) -> Step:
    """Fill an id that only an earlier answer knows: "remove the coke" of a cart whose lines have ids."""
    values = dict(step.filled.values)
    for slot in step.missing:
        if slot.choices or not ({"id", "line", "number", "index", "reference"} & set(name_words(slot.name))):
            continue
        for call in reversed(memory):
            found = _best_row(as_json(call.output or ""), slot, clause)
            if found is not None:
                values[slot.name] = found
                break
    return replace(step, filled=replace(step.filled, values=values))


def remembered_name(step: Step, texts: Sequence[str]) -> Step:
    """Fill a person's name that the caller gave earlier ("my name is Ada")."""
    values = dict(step.filled.values)
    for slot in (*step.missing, *step.unasked):
        if slot.kind != "text" or not is_person(slot):
            continue
        for text in reversed(texts):
            words = tokens(text)
            found = find_text(slot, words, [False] * len(words))
            if found is not None and "name" in stems(text):
                values[slot.name] = found.value
                break
    return replace(step, filled=replace(step.filled, values=values))


def _changed(clause: Clause, tools: Sequence[Tool], begun: Sequence[Begun]) -> list[Step]:
    tool, before = _meant(clause, begun)
    new = _more_of_lists(_new_values(clause, tool, before), before)
    if not new:
        return []
    after = {**before, **new}
    for other in tools:
        if other.action is Action.CHANGE and _can_change(other, before, new):
            return [
                Step(
                    other,
                    Filled(
                        values={slot.name: after[slot.name] for slot in other.slots if slot.name in after}
                    ),
                )
            ]
    return _by_removing_and_adding(tool, tools, before, new)


def _meant(clause: Clause, begun: Sequence[Begun]) -> Begun:
    """What the clause names ("make the coke two"), else the newest."""
    for tool, values in reversed(begun):
        main = tool.main
        named = fill(tool, clause).values.get(main.name) if main is not None and main.choices else None
        if main is not None and named is not None and named == values.get(main.name):
            return tool, values
    return begun[-1]


def _new_values(clause: Clause, tool: Tool, before: dict[str, JsonValue]) -> dict[str, JsonValue]:
    said = fill(tool, clause)
    new = {
        name: value
        for name, value in said.values.items()
        if name in said.explicit and before.get(name) != value
    }
    quantity = tool.quantity
    if quantity is None or quantity.name in new:
        return new
    numbers = [int(number.value) for number in quantities(clause.tokens) if not number.indefinite]
    allowed = [
        number for number in numbers if quantity.allows(number) and before.get(quantity.name) != number
    ]
    return {**new, quantity.name: allowed[-1]} if allowed else new


def _more_of_lists(new: dict[str, JsonValue], before: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What is put on top joins what is there already."""
    joined = dict(new)
    for name, value in new.items():
        had = before.get(name)
        if isinstance(had, list) and isinstance(value, list):
            joined[name] = [*had, *(one for one in value if one not in had)]
    return joined


def _can_change(tool: Tool, before: dict[str, JsonValue], new: dict[str, JsonValue]) -> bool:
    names = {slot.name for slot in tool.slots}
    return new.keys() <= names and {slot.name for slot in tool.required} <= (before.keys() | new.keys())


def _by_removing_and_adding(
    tool: Tool, tools: Sequence[Tool], before: dict[str, JsonValue], new: dict[str, JsonValue]
) -> list[Step]:
    """Without a tool that changes: add the difference, or remove the old and add the new."""
    quantity = tool.quantity
    if quantity is not None and new.keys() == {quantity.name}:
        had, wanted = before.get(quantity.name, 1), new[quantity.name]
        more = wanted - had if isinstance(had, (int, float)) and isinstance(wanted, (int, float)) else 0
        if more > 0 and quantity.allows(more):
            return [Step(tool, Filled(values={**before, quantity.name: more}))]
    removing = next(
        (other for other in tools if other.action is Action.REMOVE and _can_remove(other, before)), None
    )
    if removing is None:
        return []
    gone = {slot.name: before[slot.name] for slot in removing.slots if slot.name in before}
    return [Step(removing, Filled(values=gone)), Step(tool, Filled(values={**before, **new}))]


def _can_remove(tool: Tool, before: dict[str, JsonValue]) -> bool:
    return bool(tool.required) and {slot.name for slot in tool.required} <= before.keys()


def _repeated(before: dict[str, JsonValue], tool: Tool, clause: Clause) -> list[Step]:
    """The same once more, or as often as was said; nothing for a number that the tool does not take."""
    values = dict(before)
    quantity = tool.quantity
    if quantity is not None and "same" in clause.stems:
        values.setdefault(quantity.name, 1)
    elif quantity is not None:
        numbers = [int(number.value) for number in quantities(clause.tokens)]
        values[quantity.name] = wanted = numbers[0] if numbers else 1
        if not quantity.allows(wanted):
            return []
    return [Step(tool, Filled(values=values))]


def _fits(slot: Slot, value: JsonValue) -> bool:
    return not slot.choices or any(choice.value == value for choice in slot.choices)


def _best_row(data: JsonValue, slot: Slot, clause: Clause) -> JsonValue:
    """The id of the row of an answer whose words the clause has; None without one."""
    best: tuple[int, JsonValue] = (0, None)
    for row in _rows(data):
        key = slot.name if slot.name in row else "id" if "id" in row else None
        if key is None:
            continue
        words = stems(
            " ".join(str(value).replace("_", " ") for value in row.values() if isinstance(value, str))
        )
        shared = len(words & clause.stems)
        if shared > best[0]:
            best = (shared, row[key])
    return best[1]


def _rows(data: JsonValue) -> list[JsonObject]:
    """Every object inside a list, however deep."""
    if isinstance(data, dict):
        return [row for value in data.values() for row in _rows(value)]
    if isinstance(data, list):
        return [row for row in data if isinstance(row, dict)]
    return []
