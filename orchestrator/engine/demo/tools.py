"""Tools as the offline demo brain sees them: an action, words that are its own, slots to fill."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.demo.grammar import article, imperative
from orchestrator.engine.demo.lexicon import STOP_WORDS, TOOL_VERBS, Action
from orchestrator.engine.demo.words import name_words, spoken, stems

TRANSFER_PREFIX: Final = "transfer_to_"
SlotKind = Literal["choice", "choices", "integer", "number", "boolean", "text", "texts", "other"]
_ASK: Final = re.compile(r"\bask(?: for it)?(?: when| if| the caller|,|$)", re.IGNORECASE)
_QUANTITY: Final = frozenset({"quantity", "qty", "count", "amount", "number", "unit", "many", "copy"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a slot may take.

    Args:
        value: As the schema writes it.
        said: As it is said.
    """

    value: JsonValue
    said: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument of a tool.

    Args:
        name: Its name in the schema.
        path: Where it goes in the arguments; longer than one for a field of an object.
        kind: What fills it.
        description: From the schema.
        choices: The values of an enum.
        required: Whether a call without it is refused.
        minimum: The least number.
        maximum: The greatest number.
        text_format: The schema's `format`, such as `date` or `email`.
    """

    name: str
    path: tuple[str, ...]
    kind: SlotKind
    description: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    text_format: str = ""

    @property
    def label(self) -> str:
        """The slot's name as it is said."""
        return spoken(self.name)

    @property
    def words(self) -> frozenset[str]:
        """Stems of name and description."""
        return frozenset(name_words(self.name)) | (stems(self.description) - STOP_WORDS)

    @property
    def is_quantity(self) -> bool:
        """Whether it counts things: "two cokes"."""
        return self.kind in {"integer", "number"} and bool(_QUANTITY & set(name_words(self.name)))

    def allows(self, number: float) -> bool:
        """Whether a number is within the schema's bounds."""
        above = self.minimum is None or number >= self.minimum
        return above and (self.maximum is None or number <= self.maximum)

    @property
    def is_asked_for(self) -> bool:
        """Whether its description wants the caller asked, though a call without it is not refused."""
        return not self.required and bool(_ASK.search(self.description))

    @property
    def takes_list(self) -> bool:
        """Whether it takes several values."""
        return self.kind in {"choices", "texts"}


@dataclass(frozen=True, slots=True)
class Tool:
    """One function tool.

    Args:
        name: Its name.
        description: From its declaration.
        slots: Its arguments, in the schema's order.
        action: What it does, where its name says so.
        topic: Stems of its name and of its description that say what it is about.
        name_topic: Of these, the stems of the name.
        asks_first: Whether the caller is asked before it is called.
        list_slot: The argument that takes several objects of these slots, one for each thing.
    """

    name: str
    description: str
    slots: tuple[Slot, ...]
    action: Action | None
    topic: frozenset[str]
    name_topic: frozenset[str]
    asks_first: bool
    list_slot: str | None = None

    @property
    def is_transfer(self) -> bool:
        """Whether it hands the caller over to another agent."""
        return self.name.startswith(TRANSFER_PREFIX)

    @property
    def required(self) -> tuple[Slot, ...]:
        """The slots that a call needs."""
        return tuple(slot for slot in self.slots if slot.required)

    @property
    def ends_call(self) -> bool:
        """Whether it hangs up."""
        return set(name_words(self.name)) in ({"end", "call"}, {"hang", "up"}, {"end", "conversation"})

    @property
    def quantity(self) -> Slot | None:
        """The slot that counts things."""
        return next((slot for slot in self.slots if slot.is_quantity), None)

    @property
    def main(self) -> Slot | None:
        """The slot that says which thing: the choice among the most, else the first required text."""
        choices = [slot for slot in self.slots if slot.kind == "choice"]
        required = [slot for slot in choices if slot.required]
        if required or choices:
            return max(required or choices, key=lambda slot: len(slot.choices))
        texts = [slot for slot in self.slots if slot.kind == "text" and slot.required]
        return texts[0] if texts else None

    def slot(self, name: str) -> Slot | None:
        """The slot of that name."""
        return next((slot for slot in self.slots if slot.name == name), None)

    @property
    def doing(self) -> str:
        """What it does, as a short imperative: "check out", "set a timer", "look up an order"."""
        said = imperative(self.description)
        if said and len(said.split()) <= _LONGEST_DOING and said.split()[0] in _known_verbs():
            return said
        return doing_of(self.name)


_LONGEST_DOING: Final = 7


def doing_of(name: str) -> str:
    """Say a tool's name as an imperative: `clear_cart` is "clear the cart", `set_timer` "set a timer"."""
    said = {"checkout": "check out", "lookup": "look up", "signup": "sign up"}.get(name, spoken(name))
    words = said.split() or [name]
    if words[0].endswith("ing") and len(words) > 1:
        return f"tell you the {said}"
    verb = 2 if len(words) > 1 and words[1] in _PARTICLES else 1
    return _with_article(" ".join(words[:verb]), words[verb:])


_PARTICLES: Final = frozenset({"out", "on", "off", "up", "in", "down"})
_MAKES_ONE: Final = frozenset(
    {"set", "book", "reserve", "add", "start", "create", "make", "send", "leave", "take", "write", "schedule"}
)


def _with_article(verb: str, rest: list[str]) -> str:
    if not rest or rest[0] in {"all", "everything", "my", "to"}:
        return " ".join([verb, *rest])
    noun = " ".join(rest)
    indefinite = verb in _MAKES_ONE and not noun.endswith("s")
    return f"{verb} {article(noun) if indefinite else f'the {noun}'}"


@lru_cache(maxsize=1)
def _known_verbs() -> frozenset[str]:
    return frozenset(TOOL_VERBS) | {
        "look",
        "take",
        "make",
        "give",
        "answer",
        "hand",
        "check",
        "place",
        "turn",
    }
