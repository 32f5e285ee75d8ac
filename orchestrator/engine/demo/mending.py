"""Reads what an error asks for: the slot at fault, and the question that mends it."""

import re
from collections.abc import Mapping
from typing import Final

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.outputs import Answer
from orchestrator.engine.demo.texts import is_person
from orchestrator.engine.demo.tools import Slot, Tool
from orchestrator.engine.demo.words import name_words, spoken, stems

_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")


def asked_by(answer: Answer) -> str:
    """The question at the end of an error, as it is said to the caller; empty where there is none."""
    last = _SENTENCES.split(answer.error.strip())[-1]
    if not last.endswith("?"):
        return ""
    spoken_to = re.sub(r"\bthe caller's\b", "your", last)
    return re.sub(r"\bthe caller\b", "you", spoken_to).replace("does you", "do you")


def before_question(answer: Answer) -> str:
    """What an error says before its question."""
    sentences = _SENTENCES.split(answer.error.strip())
    return " ".join(sentences[:-1] if sentences[-1].endswith("?") else sentences)


def blamed_slot(tool: Tool, values: Mapping[str, JsonValue], answer: Answer) -> Slot | None:
    """The slot that an error is about; None when it is about none.

    A list of `problems` names slots outright. Else the words of the error's question are compared with the
    slots', and where something is not to be had, the thing itself is at fault.
    """
    named = _named_in_problems(tool, answer)
    if named is not None:
        return named
    question = asked_by(answer)
    if question:
        scored = [
            (len(_names_of(slot) & stems(question)), slot.name not in values, slot) for slot in tool.slots
        ]
        best = max(scored, key=lambda one: one[:2], default=None)
        return best[2] if best is not None and best[0] else None
    main = tool.main
    told = main is not None and spoken(str(values.get(main.name, "\0"))).lower() in answer.error.lower()
    offering = tool.action in {Action.ADD, Action.BOOK, None}
    return main if main is not None and main.choices and told and offering else None


def _named_in_problems(tool: Tool, answer: Answer) -> Slot | None:
    problems = answer.data.get("problems") if isinstance(answer.data, dict) else None
    for problem in problems if isinstance(problems, list) else []:
        slot = tool.slot(str(problem).partition(":")[0].strip().split(".")[-1])
        if slot is not None:
            return slot
    return None


def _names_of(slot: Slot) -> frozenset[str]:
    """The words by which a question asks for a slot."""
    names = frozenset(name_words(slot.name))
    if is_person(slot):
        return names | {"who", "whom", "name", "call"}
    return names | ({"number"} if "phone" in names else frozenset())
