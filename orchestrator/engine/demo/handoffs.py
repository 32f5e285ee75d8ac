"""Which agent a caller should be handed to, by the transfer tools' descriptions and hints."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.engine.demo.arguments import Filled, fill
from orchestrator.engine.demo.clauses import Clause
from orchestrator.engine.demo.dialogue import CALLER_SAID
from orchestrator.engine.demo.intents import Hints, hint_points
from orchestrator.engine.demo.lexicon import HUMAN, STOP_WORDS, WISHES, related
from orchestrator.engine.demo.numbers import quantities
from orchestrator.engine.demo.planning import Step
from orchestrator.engine.demo.tools import TRANSFER_PREFIX, Tool
from orchestrator.engine.demo.words import spoken, stems

HAND_OVER: Final = 2.0
"""From here on the caller is handed over."""
_PERSON: Final = (
    "human|person|someone|somebody|operator|representative|agent|staff|employee|manager|colleague"
)
_ASKS_FOR_A_PERSON: Final = re.compile(
    r"\b(?:talk|speak|chat|connect|put|transfer|switch|get|give|want|need|like|reach|have|pass|forward)\b.*"
    rf"\b(?:{_PERSON})\b|\b(?:real|actual|live) (?:human|person|agent)\b|^(?:a )?(?:{_PERSON})\b"
)
_CONNECTING: Final = re.compile(
    r"\b(?:talk|speak|connect|put|transfer|switch|hand|pass|take|bring|go|get|back)\b"
    r".*\b(?:to|through|over|back)\b"
)
_EXCEPT: Final = re.compile(
    r"\b(?:but|except(?: for)?|other than|unless|besides|not about)\b(?P<rest>[^.]*)", re.IGNORECASE
)
_ANYTHING: Final = re.compile(
    r"\b(?:anything|everything|any other|something) (?:else|but|other|except)\b", re.IGNORECASE
)
_ORDERING: Final = frozenset({"order", "ordering", "buy", "purchase", "sell", "shop"})
_BOILERPLATE: Final = frozenset(
    {"hand", "over", "use", "transfer", "agent", "caller", "customer", "take", "taking", "want", "help"}
    | {"handle", "answer", "question", "about", "previou", "previous", "before", "people", "desk", "service"}
)
_LONGEST_REASON: Final = 400


@dataclass(frozen=True)
class _Target:
    """What a transfer tool says of where it leads."""

    name: frozenset[str]
    about: frozenset[str]
    not_about: frozenset[str]
    takes_anything: bool
    is_person: bool
    is_back: bool


def transfer_for(
    clause: Clause, transfers: Sequence[Tool], hints: Hints, own_words: frozenset[str] = frozenset()
) -> Step | None:
    """The handoff that an utterance calls for, if any.

    Args:
        clause: Everything the caller said, as one clause.
        transfers: The transfer tools on offer.
        hints: Example phrases by tool.
        own_words: Words of the agent's own tools, which say nothing for leaving it.
    """
    scored = [(_points(clause, tool, hints, own_words), tool) for tool in transfers]
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is None or best[0] < HAND_OVER:
        return None
    return Step(best[1], _payload(best[1], clause), best[0])


def named_transfer(clause: Clause, transfers: Sequence[Tool]) -> Step | None:
    """The handoff that the caller asked for by name, or for a person; stronger than any tool."""
    for tool in transfers:
        if _asked_for(clause, _target(tool)):
            return Step(tool, _payload(tool, clause), HAND_OVER + 3)
    return None


def target_name(tool: Tool) -> str:
    """Say where a transfer leads: "the restaurant", "a person"."""
    if _target(tool).is_person:
        return "a person"
    if _target(tool).is_back:
        return "the colleague you came from"
    name = spoken(tool.name.removeprefix(TRANSFER_PREFIX))
    return f"the {_DESKS.get(name, name)}"


_DESKS: Final = {"triage": "front desk", "reception": "front desk", "frontdesk": "front desk"}
"""How people call what developers call otherwise."""


def desk_name(agent: str) -> str:
    """Say an agent's name to a caller; empty where it would claim to be a person."""
    return "" if stems(agent) & HUMAN else _DESKS.get(agent, agent)


def _target(tool: Tool) -> _Target:
    name = frozenset(stems(spoken(tool.name.removeprefix(TRANSFER_PREFIX))))
    exceptions = " ".join(match["rest"] for match in _EXCEPT.finditer(tool.description))
    plain = _EXCEPT.sub(" ", tool.description)
    about = stems(plain) - STOP_WORDS - _BOILERPLATE
    is_back = bool(name & {"previou", "previous", "back"})
    return _Target(
        name=name,
        about=about,
        not_about=stems(exceptions) - STOP_WORDS,
        takes_anything=bool(_ANYTHING.search(tool.description)),
        is_person=not is_back and (bool(name & HUMAN) or bool(about & {"person", "human"})),
        is_back=is_back,
    )


def _asked_for(clause: Clause, target: _Target) -> bool:
    text = clause.reading.text
    if target.is_person and _ASKS_FOR_A_PERSON.search(text):
        return True
    if target.is_back and re.search(r"\bgo back\b|\bback to\b|\btake me back\b", text):
        return True
    names = target.name - _BOILERPLATE or target.name
    named = names <= clause.stems
    fetched = any(clause.reading.phrase_at(f"me the {name}") is not None for name in names)
    return named and (fetched or bool(_CONNECTING.search(text)) or clause.stems <= names | STOP_WORDS)


def _points(clause: Clause, tool: Tool, hints: Hints, own_words: frozenset[str]) -> float:
    target = _target(tool)
    if _asked_for(clause, target):
        return HAND_OVER + 3
    said = clause.stems - STOP_WORDS - own_words
    if _overlap(clause.stems - STOP_WORDS, target.not_about):
        return 0.0
    points = 2.6 * min(_overlap(said, target.about | target.name), 2.0)
    points += hint_points(clause, hints.get(tool.name, ()))
    if _is_order(clause) and (target.about - own_words) & _ORDERING:
        points += 2.0
    if target.takes_anything and len(said) >= 2 and (clause.actions or clause.is_question):
        points += HAND_OVER
    return points


def _overlap(said: frozenset[str], about: frozenset[str]) -> float:
    """How many words say what the target is about; related words count for less."""
    total = 0.0
    for word in said:
        if word in about:
            total += 1.0
        elif any(related(word, other) for other in about):
            total += 0.8
    return total


def _is_order(clause: Clause) -> bool:
    """Whether it sounds like ordering: "I'd like a …", "two of these and a coke", "a coke, please"."""
    if clause.is_question and not WISHES.search(clause.reading.text):
        return False
    counted = quantities(clause.tokens)
    if WISHES.search(clause.reading.text):
        return bool(counted)
    named = any(not number.indefinite for number in counted) or "please" in clause.stems
    return not clause.actions and bool(counted) and named


def _payload(tool: Tool, clause: Clause) -> Filled:
    """Fill a transfer's arguments: the reason in the caller's words, the rest by what was said."""
    filled = fill(tool, clause)
    values = dict(filled.values)
    for slot in tool.slots:
        if slot.kind == "text" and (
            slot.name == "reason" or (slot.required and slot.name not in filled.explicit)
        ):
            values[slot.name] = (CALLER_SAID + clause.text)[:_LONGEST_REASON]
    return Filled(values=values, explicit=filled.explicit)
