"""Callers who say that they want to order before they say what."""

import re
from typing import Final

from orchestrator.engine.demo.arguments import Filled, fill
from orchestrator.engine.demo.clauses import Clause
from orchestrator.engine.demo.lexicon import STOP_WORDS, Action
from orchestrator.engine.demo.planning import Step
from orchestrator.engine.demo.scene import Outcome, Pending, Scene

_BEGINS: Final = re.compile(
    r"\b(?:like to|want to|need to|(?:can|could|may) (?:i|we)|let (?:me|us))"
    r" (?:order|place an order|make an order|put in an order)\b"
)
_NOTHING_NAMED: Final = frozenset(
    {"food", "meal", "pickup", "pick", "takeaway", "takeout", "today", "tonight"}
)


def begun_order(clause: Clause, scene: Scene) -> Outcome | None:
    """Ask what it is to be, where somebody wants "to order something"; None where that is not what was said.

    Args:
        clause: The caller's words.
        scene: What there is to order.
    """
    begins = clause.reading.search(_BEGINS)
    if begins is None:
        return None
    tool = next((one for one in scene.tools if one.action is Action.ADD and one.main is not None), None)
    if tool is None or tool.main is None or tool.main.name in fill(tool, clause).values:
        return None
    named = [
        token.text
        for token in clause.tokens[begins.end :]
        if not token.is_mark and not {token.text, token.stem} & (STOP_WORDS | _NOTHING_NAMED)
    ]
    if len(named) > 1 or not set(named) <= scene.vocabulary:
        return None
    return Outcome(pending=Pending("slot", Step(tool, Filled(said="".join(named))), tool.main))
