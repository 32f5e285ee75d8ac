"""A name that was heard wrong, put right when the caller is asked whether to go on under it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from orchestrator.engine.demo.arguments import in_format
from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.lexicon import NEGATIONS, STOP_WORDS
from orchestrator.engine.demo.planning import Step
from orchestrator.engine.demo.scene import Pending, Scene
from orchestrator.engine.demo.texts import is_person, whole_answer
from orchestrator.engine.demo.tools import Slot
from orchestrator.engine.demo.words import Token, tokens

_LONGEST_NAME: Final = 3


def renamed(step: Step, words: Sequence[Token], scene: Scene) -> Step | None:
    """The step under another name, where the words are a name and nothing else; None where they are not.

    Args:
        step: What the caller was asked about.
        words: What was said, after a "no" if there was one.
        scene: Its tools' own words are no names.
    """
    slot = _name_of(step)
    if slot is None or read_clause(words).actions:
        return None
    name = whole_answer(slot, words)
    said = [token for token in tokens(name) if not token.is_mark]
    if not 0 < len(said) <= _LONGEST_NAME or any(_is_no_name(token, scene) for token in said):
        return None
    values = {**step.filled.values, slot.name: in_format(slot, name, step.tool, read_clause(words))}
    return replace(step, filled=replace(step.filled, values=values, unknown=""))


def asks_name_again(step: Step, pending: Pending) -> Pending | None:
    """The question for the name, after a mere "no" to going on under it; None where there is none."""
    slot = _name_of(step)
    if slot is None:
        return None
    values = {name: value for name, value in step.filled.values.items() if name != slot.name}
    return replace(
        pending, kind="slot", step=replace(step, filled=replace(step.filled, values=values)), slot=slot
    )


def _name_of(step: Step) -> Slot | None:
    return next(
        (slot for slot in step.tool.slots if is_person(slot) and slot.name in step.filled.values), None
    )


def _is_no_name(token: Token, scene: Scene) -> bool:
    return token.text in STOP_WORDS | NEGATIONS or token.stem in scene.own_words or token.text.isdecimal()
