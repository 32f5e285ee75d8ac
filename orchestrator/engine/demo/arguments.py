"""Fills a tool's slots from one clause."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.clauses import Clause
from orchestrator.engine.demo.clock import clock_time
from orchestrator.engine.demo.durations import SECONDS, duration
from orchestrator.engine.demo.lexicon import STOP_WORDS, VERBS, Action
from orchestrator.engine.demo.mentions import Mention, mentions
from orchestrator.engine.demo.numbers import Quantity, quantities
from orchestrator.engine.demo.texts import (
    find_text,
    is_person,
    is_query,
    is_writing,
    remainder,
    takes_any_words,
)
from orchestrator.engine.demo.tools import Slot, Tool
from orchestrator.engine.demo.words import name_words, stem

_NOUN_NOISE: Final = frozenset({"one", "ones", "size", "sized", "piece", "of", "order", "portion"})
_ADVERBS: Final = frozenset(
    {"today", "tomorrow", "tonight", "again", "instead", "later", "first", "next", "twice", "too", "back"}
    | {"away", "yet", "already", "still", "anymore", "soon", "quickly"}
)
# What these act on is a thing that can be unknown; a day or an account is only missing.
_OF_THINGS: Final = frozenset({Action.ADD, Action.REMOVE, Action.CHANGE, Action.CANCEL, Action.PLAY, None})
_EVENING: Final = frozenset({"table", "dinner", "restaurant", "tonight", "evening", "party", "show"})
_OFF: Final = frozenset({"off", "no", "not", "without"})


@dataclass(frozen=True)
class Filled:
    """What a clause gives a tool.

    Args:
        values: Slot names to values.
        said: The thing as the caller named it, where a choice named it: "margherita pizza".
        unknown: Words that stand where a choice of the main slot should, but are none of them.
        certainty: The least certain of the choices found, 1 when all are exact.
        explicit: Slots that something in the clause pointed to; the others took what was left.
        guessed: Slots that took what was left over.
        leftover: How many words of substance nothing took.
    """

    values: dict[str, JsonValue] = field(default_factory=dict)
    said: str = ""
    unknown: str = ""
    certainty: float = 1.0
    explicit: frozenset[str] = frozenset()
    guessed: frozenset[str] = frozenset()
    leftover: int = 0

    def missing(self, tool: Tool) -> tuple[Slot, ...]:
        """The required slots that are empty."""
        return tuple(slot for slot in tool.required if slot.name not in self.values)


class _Filler:
    """Fills one tool's slots; each word serves one slot only."""

    def __init__(self, tool: Tool, clause: Clause) -> None:
        self.tool = tool
        self.tokens = clause.tokens
        self.clause = clause
        self.taken = [token.is_mark for token in clause.tokens]
        self.values: dict[str, JsonValue] = {}
        self.explicit: set[str] = set()
        self.certainty = 1.0
        self.main: Mention | None = None

    def fill(self) -> Filled:
        self._choices()
        self._texts_by_sense()
        self._numbers()
        self._flags()
        said, unknown = self._noun()
        self._texts_by_rest(unknown)
        return Filled(
            values=self.values,
            said=said,
            unknown=unknown,
            certainty=self.certainty,
            explicit=frozenset(self.explicit),
            guessed=frozenset(self.values) - self.explicit,
            leftover=self._leftover(),
        )

    def _choices(self) -> None:
        main = self.tool.main
        slots = sorted((slot for slot in self.tool.slots if slot.choices), key=lambda slot: slot is not main)
        for slot in slots:
            free = [m for m in mentions(self.tokens, slot) if not any(self.taken[m.start : m.end])]
            wanted = [m for m in free if not self._excluded(m.start)]
            if slot.takes_list and wanted:
                self._set(slot, [mention.choice.value for mention in wanted])
                for mention in wanted:
                    self._take(mention.start, mention.end)
            elif wanted and not slot.takes_list:
                self._choose(slot, wanted[0])

    def _choose(self, slot: Slot, mention: Mention) -> None:
        self._set(slot, mention.choice.value)
        self._take(mention.start, mention.end)
        self.certainty = min(self.certainty, mention.certainty)
        if slot is self.tool.main:
            self.main = mention

    def _excluded(self, index: int) -> bool:
        """Whether "no" or "without" stands just before."""
        return any(token.text in {"no", "without"} for token in self.tokens[max(0, index - 2) : index])

    def _texts_by_sense(self) -> None:
        for slot in self.tool.slots:
            if slot.kind == "text":
                found = find_text(slot, self.tokens, self.taken)
                if found is not None and found.value:
                    self._set(slot, in_format(slot, found.value, self.tool, self.clause))
                    self._take(found.start, found.end)

    def _numbers(self) -> None:
        numeric = [slot for slot in self.tool.slots if slot.kind in {"integer", "number"}]
        for slot in numeric:
            self._length_of_time(slot)
        free = [q for q in quantities(self.tokens) if not any(self.taken[q.start : q.end])]
        for slot in numeric:
            if slot.name not in self.values:
                quantity = self._number_for(slot, free, alone=len(numeric) == 1)
                if quantity is not None:
                    free.remove(quantity)
                    self._set_number(slot, quantity.value, explicit=not quantity.indefinite)
                    self._take(quantity.start, quantity.end)

    def _length_of_time(self, slot: Slot) -> None:
        unit = next((word for word in (*name_words(slot.name), *sorted(slot.words)) if word in SECONDS), None)
        found = duration(self.tokens) if unit else None
        if found is not None and unit is not None:
            self._set_number(slot, found.seconds / SECONDS[unit], explicit=True)
            self._take(found.start, found.end)

    def _number_for(self, slot: Slot, free: list[Quantity], *, alone: bool) -> Quantity | None:
        for quantity in free:
            after = self.tokens[quantity.end].stem if quantity.end < len(self.tokens) else ""
            if after and after in slot.words:
                return quantity
        if slot.is_quantity and self.main is not None:
            before = [q for q in free if q.end <= self.main.start]
            return before[-1] if before else next((q for q in free if not q.indefinite), None)
        certain = [quantity for quantity in free if slot.is_quantity or not quantity.indefinite]
        return certain[0] if certain and (alone or slot.is_quantity or slot.required) else None

    def _flags(self) -> None:
        for slot in self.tool.slots:
            if slot.kind != "boolean":
                continue
            names = frozenset(name_words(slot.name))
            if names & {"on", "enabled", "enable", "state", "power"}:
                self._switch(slot)
                continue
            for index, token in enumerate(self.tokens):
                if token.stem in names and not self.taken[index]:
                    before = self.tokens[index - 1].text if index else ""
                    self._set(slot, before not in _OFF)
                    self._take(index, index + 1)

    def _switch(self, slot: Slot) -> None:
        for word, value in (("off", False), ("on", True)):
            if word in self.clause.stems:
                self._set(slot, value)

    def _noun(self) -> tuple[str, str]:
        """The thing as it was named, and the words that name no choice where one was due."""
        main = self.tool.main
        if main is None or not main.choices or (self.main is None and not main.required):
            return "", ""
        if self.main is not None:
            end = self.main.end
            if end < len(self.tokens) and self._is_noun(end):
                self._take(end, end + 1)
                end += 1
            words = [token.text for token in self.tokens[self.main.end : end]]
            return " ".join([self.main.choice.said, *words]), ""
        if self.tool.action not in _OF_THINGS:
            return "", ""
        found = remainder(self.tokens, self.taken, self._noise())
        return "", found.value if found else ""

    def _is_noun(self, index: int) -> bool:
        """Whether the word after a choice belongs to it: "margherita pizzas"."""
        word = self.tokens[index].text
        plain = word.isalpha() and len(word) > 2 and word not in STOP_WORDS and word not in _ADVERBS
        return plain and not self.taken[index] and not word.endswith("ly")

    def _texts_by_rest(self, unknown: str) -> None:
        """Give what is left to the one text slot that needs it."""
        needy = [slot for slot in self.tool.slots if slot.kind == "text" and slot.name not in self.values]
        needy = [slot for slot in needy if slot.required and takes_any_words(slot)]
        if len(needy) != 1 or unknown:
            return
        slot = needy[0]
        writing = is_writing(slot)
        message = writing and not is_query(slot)
        noise = self.clause.cue if message else self._noise()
        found = remainder(self.tokens, self.taken, noise, verbatim=message)
        if found is None:
            return
        value = found.value if writing or self.tool.quantity is None else _singular(found.value)
        self.values[slot.name] = value
        self._take(found.start, found.end)

    def _noise(self) -> frozenset[str]:
        verbs = frozenset[str]().union(*(VERBS[action] for action in self.clause.actions))
        return verbs | self.clause.cue | self.tool.name_topic | _NOUN_NOISE | _WISHES

    def _leftover(self) -> int:
        noise = self._noise() | STOP_WORDS | _ADVERBS | self.clause.cue
        return sum(
            not taken and token.text not in noise and token.stem not in self.tool.topic
            for token, taken in zip(self.tokens, self.taken, strict=True)
        )

    def _set(self, slot: Slot, value: JsonValue) -> None:
        if slot.name not in self.values:
            self.values[slot.name] = value
            self.explicit.add(slot.name)

    def _set_number(self, slot: Slot, value: float, *, explicit: bool) -> None:
        """Set a number that the schema allows; another is as good as none."""
        whole = slot.kind == "integer" or value == int(value)
        number = max(round(value), value > 0) if whole else value
        if not slot.allows(number):
            return
        self.values[slot.name] = number
        if explicit:
            self.explicit.add(slot.name)

    def _take(self, start: int, end: int) -> None:
        self.taken[start:end] = [True] * (end - start)


_WISHES: Final = frozenset({"like", "want", "have", "get", "take", "give", "need", "would", "can", "could"})


def fill(tool: Tool, clause: Clause) -> Filled:
    """Fill a tool's slots from a clause."""
    return _Filler(tool, clause).fill()


def in_format(slot: Slot, value: str, tool: Tool, clause: Clause) -> str:
    """Write a value in the form that the slot wants; a table at seven is one in the evening."""
    if is_person(slot) and value.islower():
        return value.title()
    if slot.text_format != "time":
        return value
    evening = bool((tool.topic | clause.stems) & _EVENING)
    return clock_time(value, evening=evening) or value


def merged(first: Filled, second: Filled) -> Filled:
    """Lay a later clause's values over an earlier one's."""
    values = dict(first.values)
    for name, value in second.values.items():
        before = values.get(name)
        if isinstance(before, list) and isinstance(value, list):
            values[name] = [*before, *value]
        elif name not in second.guessed or name not in values:
            values[name] = value
    return replace(
        first,
        values=values,
        said=second.said or first.said,
        unknown="" if second.values else first.unknown or second.unknown,
        certainty=min(first.certainty, second.certainty),
        explicit=first.explicit | second.explicit,
    )


def as_arguments(tool: Tool, values: Mapping[str, JsonValue]) -> JsonObject:
    """Write slot values as the tool's arguments, objects inside objects where its schema has them."""
    arguments: JsonObject = {}
    for slot in tool.slots:
        if slot.name not in values:
            continue
        target = arguments
        for step in slot.path[:-1]:
            inner = target.setdefault(step, {})
            if isinstance(inner, dict):
                target = inner
        target[slot.path[-1]] = values[slot.name]
    return arguments


def _singular(text: str) -> str:
    """Name the thing once, as its number stands elsewhere: "garlic breads" is "garlic bread"."""
    words = text.split()
    return " ".join([*words[:-1], stem(words[-1]) if words[-1].islower() else words[-1]])
