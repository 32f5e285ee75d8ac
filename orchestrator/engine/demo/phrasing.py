"""The demo brain's own sentences: questions, offers, reports. Short, and right in grammar."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.demo.grammar import article, counted, listed, sentence
from orchestrator.engine.demo.handoffs import target_name
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.numbers import say_number
from orchestrator.engine.demo.texts import is_person
from orchestrator.engine.demo.tools import Slot, Tool, doing_of
from orchestrator.engine.demo.words import name_words, spoken, stems

MOST_OPTIONS: Final = 6
_SIZES: Final = frozenset({"size", "crust", "strength", "style", "color", "colour"})


def ask_for(slot: Slot, tool: Tool, about: str = "") -> str:
    """Ask for a slot's value.

    Args:
        slot: What is missing.
        tool: The tool that needs it.
        about: The thing it is for, as it was named: "margherita pizza".
    """
    if slot.kind == "boolean":
        return sentence_question(f"{slot.label}, yes or no")
    if slot.choices:
        return _ask_choice(slot, tool, about)
    if is_person(slot):
        return "What name should I put it under?" if not _is_addressee(slot) else "Who is it for?"
    words = set(name_words(slot.name))
    if slot.is_quantity:
        return "How many would you like?"
    for known, question in _QUESTIONS:
        if words & known:
            return question
    if slot.kind in {"integer", "number"}:
        return sentence_question(f"{_how_many(slot)}")
    if slot is tool.main and tool.action is Action.ADD:
        return "What would you like?"
    return sentence_question(f"what is the {slot.label}")


_QUESTIONS: Final = (
    (frozenset({"city", "location", "place", "town"}), "For which place?"),
    (frozenset({"time", "hour"}), "At what time?"),
    (frozenset({"date", "day"}), "For which day?"),
    (frozenset({"when", "datetime"}), "When should that be?"),
    (frozenset({"phone", "telephone", "mobile"}), "What is the phone number?"),
    (frozenset({"email"}), "What is the e-mail address?"),
    (frozenset({"address"}), "What is the address?"),
    (frozenset({"message", "note", "text", "body", "content"}), "What should it say?"),
    (frozenset({"query", "question", "search", "topic", "term"}), "What should I look for?"),
    (frozenset({"people", "party", "guest", "person"}), "For how many people?"),
    (frozenset({"minute"}), "For how many minutes?"),
    (frozenset({"second"}), "For how many seconds?"),
    (frozenset({"night"}), "For how many nights?"),
)


def _how_many(slot: Slot) -> str:
    return f"how many {slot.label}" if slot.label.endswith("s") else f"what is the {slot.label}"


def _is_addressee(slot: Slot) -> bool:
    return bool({"recipient", "contact", "to"} & set(name_words(slot.name)))


def _ask_choice(slot: Slot, tool: Tool, about: str) -> str:
    said = [choice.said for choice in slot.choices]
    if slot is tool.main and about:
        alike = [choice for choice in slot.choices if stems(about) & stems(choice.said)]
        there_is = _there_is(replace(slot, choices=tuple(alike)) if alike else slot)
        verb = "would you like" if tool.action is Action.ADD else "do you mean"
        return f"{there_is} Which {_singular_noun(about)} {verb}?"
    if slot is tool.main and tool.action is Action.ADD:
        return (
            "What would you like?"
            if len(said) > MOST_OPTIONS
            else f"What would you like: {listed(said, 'or')}?"
        )
    thing = f" for the {about}" if about else ""
    if len(said) <= MOST_OPTIONS:
        return sentence_question(f"which {slot.label}{thing}: {listed(said, 'or')}")
    return sentence_question(f"which {slot.label}{thing}")


def unknown_choice(slot: Slot, words: str) -> str:
    """Say that something is not among the choices, and which are."""
    return f"Sorry, I don't have {_bare(words)}. {_there_is(slot)} Which would you like?"


def _there_is(slot: Slot) -> str:
    said = [choice.said for choice in slot.choices]
    more = "" if len(said) <= MOST_OPTIONS else ", for example,"
    return f"There is{more} {listed(said[:MOST_OPTIONS])}."


def _bare(words: str) -> str:
    """Leave out an article: "a hawaiian pizza" is "hawaiian pizza"."""
    return re.sub(r"^(?:any|a|an|the|some) ", "", words, flags=re.IGNORECASE)


def confirm(tool: Tool, values: Mapping[str, JsonValue]) -> str:
    """Ask whether something should really be done."""
    return sentence_question(f"shall I {doing_with(tool, values)}")


def offer(tool: Tool, values: Mapping[str, JsonValue], said: str) -> str:
    """Ask whether that was meant."""
    if tool.action is Action.ADD and said:
        return sentence_question(f"shall I add {thing_of(tool, values, said)}")
    return sentence_question(f"would you like me to {doing_with(tool, values)}")


def doing_with(tool: Tool, values: Mapping[str, JsonValue]) -> str:
    """Say what a call does, with its arguments: "check out under the name Ada"."""
    main = tool.main
    about_a_thing = main is not None and main.choices and main.name in values and tool.action in _ABOUT_THINGS
    told = [slot for slot in tool.slots if slot.name in values and not (about_a_thing and slot is main)]
    doing = doing_of(tool.name)
    if about_a_thing:
        doing = f"{doing.split()[0]} {the_thing(tool, values)}"
    for slot in list(told):
        if slot.choices and doing.endswith(f" {slot.label}"):
            doing = f"{doing.removesuffix(slot.label)}{_said_value(slot, values[slot.name])} {slot.label}"
            told.remove(slot)
    return " ".join([doing, *(_detail(slot, values[slot.name]) for slot in told)])


_ABOUT_THINGS: Final = frozenset({Action.ADD, Action.REMOVE, Action.CANCEL, Action.PLAY, Action.OPEN})


def _detail(slot: Slot, value: JsonValue) -> str:
    said = _said_value(slot, value)
    words = set(name_words(slot.name))
    if is_person(slot):
        return f"to {said}" if _is_addressee(slot) else f"under the name {said}"
    if words & {"date", "day", "when"}:
        return (
            f"on {said}"
            if re.match(r"(?:\w+day\b|the |\d)", said, re.IGNORECASE) and "today" not in said
            else said
        )
    for known, preposition in _DETAILS:
        if words & known and not words & {"type", "kind", "category"}:
            return f"{preposition} {said}"
    if slot.kind in {"integer", "number"} and slot.label.endswith("s"):
        return f"for {said} {slot.label}"
    return f"with the {slot.label} {said}"


_DETAILS: Final = (
    (frozenset({"time", "hour"}), "at"),
    (frozenset({"amount", "sum"}), "of"),
    (frozenset({"party", "people", "guest", "person"}), "for"),
    (frozenset({"city", "location", "place", "town", "room"}), "in"),
    (frozenset({"message", "note", "text"}), "saying"),
    (frozenset({"query", "question", "topic"}), "about"),
)


def thing_of(tool: Tool, values: Mapping[str, JsonValue], said: str = "") -> str:
    """Name what a call is about: "two large margherita pizzas with extra cheese".

    Args:
        tool: The tool.
        values: Slot names to values.
        said: The thing as the caller named it.
    """
    main = tool.main
    if main is None or main.name not in values:
        return ""
    noun = _singular_noun(said) if said else _said_value(main, values[main.name])
    kinds = [
        _said_value(slot, values[slot.name])
        for slot in tool.slots
        if slot.kind == "choice" and slot is not main and slot.name in values and _describes(slot)
    ]
    named = " ".join([*kinds, noun])
    quantity = tool.quantity
    count = values.get(quantity.name) if quantity is not None else None
    text = counted(float(count), named) if isinstance(count, (int, float)) else article(named)
    extras = [
        str(_said_one(slot, value))
        for slot in tool.slots
        if slot.kind == "choices"
        for value in _as_list(values.get(slot.name))
    ]
    return f"{text} with {listed(extras)}" if extras else text


def the_thing(tool: Tool, values: Mapping[str, JsonValue]) -> str:
    """Name what a call is about, as known: "the coke"."""
    main = tool.main
    return f"the {_said_value(main, values[main.name])}" if main is not None and main.name in values else "it"


def capabilities(tools: Sequence[Tool], *, most: int = 3) -> str:
    """Say what can be done here: "I can show the menu, add an item or connect you with a person."."""
    own = [_ability(tool) for tool in tools if not tool.is_transfer and not tool.ends_call][:most]
    others = [target_name(tool) for tool in tools if tool.is_transfer]
    doing = [*own, f"connect you with {listed(others, 'or')}"] if others else own
    return sentence(f"I can {listed(doing, 'or')}") if doing else ""


def _ability(tool: Tool) -> str:
    return doing_of(tool.name) if " " in doing_of(tool.name).replace("look up", "") else tool.doing


def sentence_question(text: str) -> str:
    """Begin with a capital, end with a question mark."""
    return f"{text[:1].upper()}{text[1:].rstrip('.?! ')}?"


def _describes(slot: Slot) -> bool:
    return bool(set(name_words(slot.name)) & _SIZES) or slot.kind == "choice"


def _said_value(slot: Slot, value: JsonValue) -> str:
    return listed([_said_one(slot, one) for one in _as_list(value)])


def _said_one(slot: Slot, value: JsonValue) -> str:
    for choice in slot.choices:
        if choice.value == value:
            return choice.said
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return say_number(value)
    return spoken(str(value)) if "_" in str(value) else str(value)


def _as_list(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _singular_noun(said: str) -> str:
    """One of what was named: "margherita pizzas" is "margherita pizza"."""
    *head, last = said.split(" ")
    one = last[:-1] if last.endswith("s") and not last.endswith(("ss", "us", "is")) else last
    return " ".join([*head, one])
