"""What a caller's words come to: steps, each a tool with its arguments, as far as they are known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.arguments import Filled, as_arguments, fill, merged
from orchestrator.engine.demo.clauses import Clause, clauses_of, read_clause, sentences_of
from orchestrator.engine.demo.intents import ACT, OFFER, Hints, Match, best_match, match_of
from orchestrator.engine.demo.lexicon import NEGATIONS, POLITE, STOP_WORDS, WISHES, Action
from orchestrator.engine.demo.numbers import quantities
from orchestrator.engine.demo.texts import is_person, is_query, is_writing
from orchestrator.engine.demo.tools import Slot, Tool
from orchestrator.engine.demo.words import Token


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Args:
        tool: The tool.
        filled: Its arguments so far.
        score: How sure it is.
        refused: The caller said not to.
    """

    tool: Tool
    filled: Filled
    score: float = ACT
    refused: bool = False

    @property
    def missing(self) -> tuple[Slot, ...]:
        """The required slots that are empty."""
        return self.filled.missing(self.tool)

    @property
    def unasked(self) -> tuple[Slot, ...]:
        """Empty slots for a person's name that are not required, but wanted."""
        empty = [slot for slot in self.tool.slots if slot.name not in self.filled.values]
        return tuple(slot for slot in empty if slot.is_asked_for and is_person(slot))

    @property
    def arguments(self) -> JsonObject:
        """The arguments of a call."""
        return as_arguments(self.tool, self.filled.values)


@dataclass(frozen=True)
class Plan:
    """What an utterance comes to.

    Args:
        steps: What to do, in the order in which it was said.
        offer: What may have been meant, where nothing is sure enough.
        unmatched: Clauses that nothing fits.
    """

    steps: tuple[Step, ...] = ()
    offer: Step | None = None
    unmatched: tuple[Clause, ...] = field(default_factory=tuple)


def plan(words: Sequence[Token], tools: Sequence[Tool], hints: Hints) -> Plan:
    """Plan what was said.

    Args:
        words: The caller's words.
        tools: The tools on offer, transfers left out.
        hints: Example phrases by tool.
    """
    steps: list[Step] = []
    unmatched: list[Clause] = []
    offers: list[Step] = []
    for sentence in sentences_of(words):
        whole = _written(sentence, tools, hints) or _swapped(sentence, tools)
        if whole:
            steps += whole
            continue
        for clause in clauses_of(sentence.tokens, tools):
            _place(clause, tools, hints, steps, offers, unmatched)
    settled = _with_borrowed_things(steps) or _catch_all(words, tools)
    offer = None if settled else max(offers, key=lambda step: step.score, default=None)
    return Plan(tuple(settled), offer, tuple(unmatched))


def _written(sentence: Clause, tools: Sequence[Tool], hints: Hints) -> list[Step]:
    """A sentence that a writing slot takes as it is: "tell her I'll be late, and that I'm sorry"."""
    for tool in tools:
        if not any(is_writing(slot) and not is_query(slot) for slot in tool.slots):
            continue
        match = match_of(sentence, tool, hints)
        writing = [slot.name for slot in tool.slots if is_writing(slot)]
        if match.score >= ACT and any(name in match.filled.explicit for name in writing):
            return [Step(tool, match.filled, match.score, sentence.negated)]
    return []


_SWAP: Final = re.compile(
    r"\b(?:swap|replace|exchange|switch|change) (?P<old>.+?) (?:for|with|by|to|into) (?P<new>.+)$"
)


def _swapped(sentence: Clause, tools: Sequence[Tool]) -> list[Step]:
    """One thing for another: "swap the coke for a water" removes and adds."""
    old, new = (sentence.reading.search(_SWAP, group) for group in ("old", "new"))
    removing = next((tool for tool in tools if tool.action is Action.REMOVE), None)
    adding = next((tool for tool in tools if tool.action is Action.ADD), None)
    if old is None or new is None or removing is None or adding is None:
        return []
    gone = fill(removing, read_clause(sentence.tokens[old.start : old.end]))
    come = fill(adding, read_clause(sentence.tokens[new.start : new.end]))
    mains = [
        tool.main.name in filled.explicit for tool, filled in ((removing, gone), (adding, come)) if tool.main
    ]
    return [Step(removing, gone), Step(adding, come)] if mains == [True, True] else []


def _place(
    clause: Clause,
    tools: Sequence[Tool],
    hints: Hints,
    steps: list[Step],
    offers: list[Step],
    unmatched: list[Clause],
) -> None:
    """Make a clause a step of its own, or part of the step before it."""
    match = best_match(clause, tools, hints)
    before = steps[-1] if steps else None
    if before is not None and not before.refused and _goes_with(clause, match, before):
        steps[-1] = replace(before, filled=merged(before.filled, fill(before.tool, clause)))
        return
    gone = _unwanted(clause, tools) if clause.negated and not clause.actions else None
    if gone is not None:
        steps.append(gone)
        return
    wish = _unknown_thing(clause, tools, hints) if match is None or match.score < ACT else None
    if wish is not None:
        steps.append(wish)
        return
    if match is None:
        unmatched.append(clause)
        return
    step = Step(match.tool, match.filled, match.score, clause.negated and not clause.inherited)
    if match.score >= (OFFER if step.refused else ACT) or _is_partial(step):
        steps.append(step)
    elif match.score >= OFFER and not step.missing:
        offers.append(step)
    else:
        unmatched.append(clause)


def _unwanted(clause: Clause, tools: Sequence[Tool]) -> Step | None:
    """Something that is not wanted, without a verb: "no coke please"."""
    for tool in tools:
        if tool.action is Action.REMOVE and tool.main is not None:
            plain = Clause(tuple(token for token in clause.tokens if token.text not in NEGATIONS))
            filled = fill(tool, plain)
            if tool.main.name in filled.explicit:
                return Step(tool, filled)
    return None


def _unknown_thing(clause: Clause, tools: Sequence[Tool], hints: Hints) -> Step | None:
    """A wish for something that is not among the choices: "a hawaiian pizza"."""
    substance = [token for token in clause.tokens if not token.is_mark and token.text not in POLITE]
    bare = 0 < len(substance) <= 2 and not any(token.text in STOP_WORDS for token in substance)
    named = quantities(clause.tokens) or bare
    asked = clause.strong or clause.inherited or bool(WISHES.search(clause.reading.text))
    wishing = (Action.ADD in clause.actions and asked) or (
        not clause.actions and named and not clause.is_question
    )
    if not wishing or clause.negated or clause.reading.search(_WISHES_TO_DO):
        return None
    for tool in tools:
        if tool.action is Action.ADD and tool.main is not None and tool.main.choices:
            match = match_of(clause, tool, hints)
            unknown = match.filled.unknown
            if unknown and tool.main.name not in match.filled.values and not set(unknown.split()) & _NO_THING:
                return Step(tool, match.filled, ACT)
    return None


_NO_THING: Final = frozenset({"with", "about", "to", "my", "help", "know", "that", "your", "you"})
_WISHES_TO_DO: Final = re.compile(
    r"\b(?:like|want|need|love|able|going|have) (?!to (?:order|get|have|add|buy|eat)\b)to\b"
)


def _goes_with(clause: Clause, match: Match | None, before: Step) -> bool:
    """Whether a clause only adds to the step before: "…, the name is Ada", "… and mushrooms"."""
    if clause.strong and not clause.inherited:
        again = match is not None and match.tool is before.tool and before.tool.action is Action.FINISH
        return again and clause.actions == frozenset({Action.FINISH})
    filled = fill(before.tool, clause)
    lists = {slot.name for slot in before.tool.slots if slot.takes_list}
    single = [name for name in filled.explicit if name not in lists]
    main = before.tool.main
    another = main is not None and (main.name in filled.explicit or _stands_for_a_thing(clause))
    if another and main is not None and main.name in before.filled.values:
        return False
    if any(filled.values[name] != before.filled.values.get(name, filled.values[name]) for name in single):
        return False
    new = [name for name in filled.explicit if name not in before.filled.values or name in lists]
    if not new:
        return False
    return match is None or match.tool is before.tool or match.score < ACT


def _stands_for_a_thing(clause: Clause) -> bool:
    """Whether it names another thing by "one": "a small one"."""
    return "one" in clause.stems or "one" in [token.text for token in clause.tokens]


def _is_partial(step: Step) -> bool:
    """Whether a step lacks nothing but the thing itself: "two large …"."""
    main = step.tool.main
    if main is None or main.name in step.filled.values or step.filled.unknown:
        return False
    return bool(step.filled.explicit) and step.tool.action is Action.ADD


def _with_borrowed_things(steps: list[Step]) -> list[Step]:
    """Give a step without a thing that of its neighbour: "two large and one small margherita"."""
    result = list(steps)
    for index, step in enumerate(steps):
        main = step.tool.main
        if main is None or main.name in step.filled.values or not _is_partial(step):
            continue
        neighbours = [*steps[index + 1 : index + 2], *result[max(0, index - 1) : index]]
        for other in neighbours:
            if other.tool is step.tool and main.name in other.filled.values:
                values = {**step.filled.values, main.name: other.filled.values[main.name]}
                result[index] = replace(
                    step, score=ACT, filled=replace(step.filled, values=values, said=other.filled.said)
                )
                break
    return result


def _catch_all(words: Sequence[Token], tools: Sequence[Tool]) -> list[Step]:
    """A question that no tool is about goes to the tool that searches, where there is one."""
    clause = read_clause(words)
    substance = [stem for stem in clause.stems - STOP_WORDS if len(stem) > 2]
    asking = clause.is_question or Action.FIND in clause.actions
    for tool in tools:
        queries = [slot for slot in tool.required if is_query(slot)]
        searches = tool.action in {Action.FIND, Action.SHOW, None} and not tool.asks_first
        if asking and substance and searches and len(queries) == 1 and len(tool.required) == 1:
            filled = fill(tool, clause)
            found = queries[0].name in filled.explicit
            query = filled.values[queries[0].name] if found else clause.text
            return [Step(tool, replace(filled, values={**filled.values, queries[0].name: query}))]
    return []
