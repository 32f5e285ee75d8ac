"""Words that the recogniser is not sure of: the demo brain asks before it acts on them.

The question and its answer are taken out of what is read again later: a yes stands for the words that were
asked about, and whatever was open before is open still.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from orchestrator.engine.demo.clauses import says_no, says_yes, without_answer
from orchestrator.engine.demo.dialogue import Turn
from orchestrator.engine.demo.words import tokens

UNSURE: Final = 0.5
"""Confidence below which words are asked about; the embedded recogniser's right ones mostly lie above 0.6."""
DENIED: Final = "I'm sorry. Please say it once more."
_ASKED: Final = "Sorry, did you say: "


def asks_back(turn: Turn) -> str:
    """The question whether that is what was said."""
    return f"{_ASKED}{' '.join(turn.texts)}?"


def is_doubtful(turn: Turn) -> bool:
    """Whether the words of a turn are to be asked about before anything is done."""
    return turn.confidence is not None and turn.confidence < UNSURE


def without_doubts(turns: Sequence[Turn]) -> list[Turn]:
    """Take questions about words out of a conversation, with the turns that they were about."""
    kept: list[Turn] = []
    for turn in turns:
        if kept and kept[-1].replies and kept[-1].replies[-1].startswith(_ASKED):
            turn = _answering(turn, kept.pop())  # noqa: PLW2901 - the turn as it is to be read
        kept.append(turn)
    return kept


def _answering(turn: Turn, asked: Turn) -> Turn:
    words = tokens(" . ".join(turn.texts))
    if says_yes(words) and not without_answer(words):
        return replace(turn, texts=asked.texts, confidence=None)
    if says_no(words) and not without_answer(words):
        return replace(turn, denied=True)
    return replace(turn, confidence=None) if turn.texts == asked.texts else turn
