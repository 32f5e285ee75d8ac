"""What is said once tools have answered: read back, totals, errors and their mend."""

from collections.abc import Mapping, Sequence
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.dialogue import Done
from orchestrator.engine.demo.grammar import listed, sentence
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.mending import asked_by, before_question, blamed_slot
from orchestrator.engine.demo.outputs import (
    Answer,
    narrated,
    number_of,
    read_answer,
    sentence_of,
    total_of,
)
from orchestrator.engine.demo.phrasing import MOST_OPTIONS, ask_for, doing_with, the_thing, thing_of
from orchestrator.engine.demo.texts import is_person
from orchestrator.engine.demo.tools import Tool

_DONE: Final = {
    "add": "added",
    "remove": "removed",
    "change": "changed",
    "set": "set",
    "clear": "cleared",
    "empty": "emptied",
    "cancel": "cancelled",
    "book": "booked",
    "reserve": "reserved",
    "send": "sent",
    "start": "started",
    "stop": "stopped",
    "turn": "turned",
    "take": "taken",
    "leave": "left",
    "play": "started",
    "open": "opened",
    "update": "updated",
    "create": "created",
    "delete": "deleted",
    "schedule": "scheduled",
    "make": "made",
    "place": "placed",
    "submit": "submitted",
    "order": "ordered",
    "buy": "bought",
    "put": "put",
    "write": "written",
    "call": "called",
    "lock": "locked",
    "unlock": "unlocked",
}


def report(
    calls: Sequence[Done], tools: Mapping[str, Tool], named: Mapping[str, str]
) -> tuple[str, Done | None]:
    """Say what came of a turn's calls.

    Args:
        calls: The calls with their outputs.
        tools: The session's tools by name.
        named: By tool call id, the thing as the caller named it.

    Returns:
        The sentences, and the call that failed last, if one did.
    """
    answers = [(call, read_answer(call.output)) for call in calls]
    good = [(call, answer) for call, answer in answers if not answer.error]
    bad = [(call, answer) for call, answer in answers if answer.error]
    replaced = _replacement(good, tools)
    parts = [replaced] if replaced else _each(good, tools, named)
    total = _total_after_changes(good, tools)
    if total and total not in " ".join(parts):
        parts.append(f"That comes to {total}.")
    parts += [_failure(call, answer, tools.get(call.name)) for call, answer in bad]
    return " ".join(part for part in parts if part), bad[-1][0] if bad else None


Good = Sequence[tuple[Done, Answer]]


def _each(good: Good, tools: Mapping[str, Tool], named: Mapping[str, str]) -> list[str]:
    """What came of each call, in order; everything that was added in one sentence."""
    parts: list[str] = []
    added = [call for call, _ in good if _is_add(call, tools)]
    for call, answer in good:
        if call not in added:
            parts.append(_single(call, answer, tools.get(call.name)))
        elif call is added[0]:
            parts.append(_read_back(added, tools, named))
    return parts


def _replacement(good: Good, tools: Mapping[str, Tool]) -> str:
    """Say a removal and an addition of the same thing as the change it is."""
    done = [
        (tools[call.name], slot_values(tools[call.name], call.arguments))
        for call, _ in good
        if call.name in tools
    ]
    if [tool.action for tool, _ in done] != [Action.REMOVE, Action.ADD] or len(done) != len(good):
        return ""
    (removing, gone), (adding, come) = done
    same = removing.main and adding.main and gone.get(removing.main.name) == come.get(adding.main.name)
    return sentence(f"it's {thing_of(adding, come)} now") if same else ""


def _is_add(call: Done, tools: Mapping[str, Tool]) -> bool:
    tool = tools.get(call.name)
    return tool is not None and tool.action is Action.ADD and bool(_things(call, tool, ""))


def _read_back(added: Sequence[Done], tools: Mapping[str, Tool], named: Mapping[str, str]) -> str:
    """Read back everything that was added, in one sentence."""
    things = [
        thing for call in added for thing in _things(call, tools[call.name], named.get(call.tool_call_id, ""))
    ]
    return sentence(f"I've added {listed(things)}")


def _things(call: Done, tool: Tool, said: str) -> list[str]:
    listed_values = call.arguments.get(tool.list_slot) if tool.list_slot else None
    if isinstance(listed_values, list):
        return [thing_of(tool, values) for values in listed_values if isinstance(values, dict)]
    thing = thing_of(tool, slot_values(tool, call.arguments), said)
    return [thing] if thing else []


def slot_values(tool: Tool, arguments: JsonObject) -> dict[str, JsonValue]:
    """Read a call's arguments as slot values, from inside objects too."""
    values: dict[str, JsonValue] = {}
    for slot in tool.slots:
        current: JsonValue = arguments
        for step in slot.path:
            current = current.get(step) if isinstance(current, dict) else None
        if current is not None:
            values[slot.name] = current
    return values


def _total_after_changes(good: Good, tools: Mapping[str, Tool]) -> str | None:
    """The total after things were added, removed or changed, from the newest answer that tells one."""
    changing = {Action.ADD, Action.REMOVE, Action.CHANGE}
    for call, answer in reversed(good):
        tool = tools.get(call.name)
        if tool is not None and tool.action in changing:
            return total_of(answer)
    return None


def _single(call: Done, answer: Answer, tool: Tool | None) -> str:
    """Say what came of one call."""
    if tool is None:
        return narrated(answer) or "That is done."
    values = slot_values(tool, call.arguments)
    if tool.action in {Action.SHOW, Action.FIND}:
        return narrated(answer, list(call.arguments.values())) or "There is nothing there."
    brought = sentence_of(answer)
    counted = tool.quantity is not None and tool.quantity.name in values
    if tool.action is Action.CHANGE and counted and tool.main is not None and tool.main.choices:
        return sentence(f"it's {thing_of(tool, values)} now")
    if tool.action is Action.REMOVE and not counted:
        return sentence(f"I've removed {the_thing(tool, values)}")
    if brought:
        return brought
    if tool.action is Action.FINISH:
        return _finished(tool, values, answer)
    if tool.action is None:
        return narrated(answer) or "That is done."
    return _done(tool, values, answer)


def _finished(tool: Tool, values: Mapping[str, JsonValue], answer: Answer) -> str:
    person = next(
        (str(values[slot.name]) for slot in tool.slots if is_person(slot) and slot.name in values), ""
    )
    parts = [f"Thank you{f', {person}' if person else ''}. Your order is placed."]
    total, number = total_of(answer), number_of(answer)
    if total:
        parts.append(f"The total is {total}.")
    if number:
        parts.append(f"Your order number is {number}.")
    parts.append(_ready(answer))
    return " ".join(part for part in parts if part)


def _ready(answer: Answer) -> str:
    data = answer.data if isinstance(answer.data, dict) else {}
    for name in ("ready_in_minutes", "eta_minutes", "minutes"):
        if isinstance(data.get(name), (int, float)):
            return f"It will be ready in {data[name]:g} minutes."
    for name in ("ready_at", "pickup_time", "pickup_at", "eta", "ready"):
        if isinstance(data.get(name), str):
            return f"It will be ready at {data[name]}."
    return ""


def _done(tool: Tool, values: Mapping[str, JsonValue], answer: Answer) -> str:
    """Say what was done ("I've booked a table for four") and the number that came back."""
    verb, _, rest = doing_with(tool, values).partition(" ")
    plain = verb in _DONE and not any(isinstance(value, bool) for value in values.values())
    said = sentence(f"I've {_DONE[verb]} {rest}") if plain else "Done."
    number = number_of(answer)
    return f"{said} Your reference is {number}." if number else said


def _failure(call: Done, answer: Answer, tool: Tool | None) -> str:
    """Say what went wrong and ask for the mend; an error that asks itself is said as it stands."""
    values = slot_values(tool, call.arguments) if tool is not None else {}
    slot = blamed_slot(tool, values, answer) if tool is not None else None
    question = asked_by(answer)
    if question:
        return " ".join(part for part in (sentence(before_question(answer)), question) if part)
    if slot is not None and tool is not None and _problems(answer):
        return f"Sorry, I need that once more. {ask_for(slot, tool)}"
    told = _sorry(answer.error.strip().rstrip("."))
    others = [choice.said for choice in slot.choices if choice.value != values.get(slot.name)] if slot else []
    options = list(answer.options) or others
    if options:
        return f"{told} Would you like {listed(options[:MOST_OPTIONS], 'or')} instead?"
    return f"{told} Would you like to try something else?"


def _sorry(why: str) -> str:
    """Say an error: a whole sentence as it stands, else as what did not work."""
    if not why:
        return "Sorry, that didn't work."
    return f"Sorry. {sentence(why)}" if why[0].isupper() else f"Sorry, that didn't work: {why}."


def _problems(answer: Answer) -> bool:
    return isinstance(answer.data, dict) and bool(answer.data.get("problems"))
