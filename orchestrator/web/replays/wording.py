"""Words for what was done, and for what went differently. Pure."""

import json
from typing import Final

from orchestrator.core.comparison import Difference, DifferenceKind
from orchestrator.core.json_value import JsonValue
from orchestrator.core.turns import Step, ToolUse
from orchestrator.core.wording import clipped
from orchestrator.web.wording import ENGLISH, WORDINGS, Wording

LONGEST: Final = 200
"""Letters of one value."""

WORDS: Final[dict[DifferenceKind, str]] = {
    "tool_missing": "The tool is no longer called",
    "tool_added": "The tool is called now",
    "arguments": "The argument differs",
    "outcome": "The tool ends differently",
    "handoff_missing": "No longer handed over to",
    "handoff_added": "Handed over now to",
    "payload": "The payload differs",
    "state": "The state differs",
    "unanswered": "Not answered any more",
    "turn_missing": "The turn is on one side only",
}


def step_words(step: Step, word: Wording = WORDINGS[ENGLISH]) -> tuple[str, str]:
    """What was done, in a language, and the particulars of it."""
    if isinstance(step, ToolUse):
        ending = "" if step.outcome == "completed" else f" · {word(step.outcome.replace('_', ' '))}"
        return f"{step.name}{ending}", _value(step.arguments)
    return f"→ {step.target}", _value(step.payload) if step.payload else step.reason


def line(found: Difference) -> tuple[str, str, str, str]:
    """What went differently: in English words, where, how it was, how it is."""
    return WORDS[found.kind], found.where, _value(found.original), _value(found.replayed)


def _value(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clipped(text, LONGEST)
