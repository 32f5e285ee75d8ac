"""How well a clause and a tool fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from orchestrator.engine.demo.arguments import Filled, fill
from orchestrator.engine.demo.clauses import Clause
from orchestrator.engine.demo.lexicon import NEAR_ACTIONS, POLITE, STOP_WORDS, Action, related
from orchestrator.engine.demo.mentions import mentions
from orchestrator.engine.demo.numbers import quantities
from orchestrator.engine.demo.tools import Tool
from orchestrator.engine.demo.words import tokens

ACT: Final = 2.5
"""From here on a tool is called."""
OFFER: Final = 1.6
"""From here on the caller is asked whether that was meant."""

Hints = Mapping[str, Sequence[str]]
_HINT_POINTS: Final = ((92, 3.0), (82, 2.2), (72, 1.2))


@dataclass(frozen=True)
class Match:
    """A tool for a clause.

    Args:
        tool: Which.
        filled: What the clause gives it.
        score: How well they fit.
    """

    tool: Tool
    filled: Filled
    score: float


def best_match(clause: Clause, tools: Sequence[Tool], hints: Hints) -> Match | None:
    """The tool that fits a clause best; the first declared of equals."""
    matches = [match_of(clause, tool, hints) for tool in tools]
    return max(matches, key=lambda match: match.score, default=None)


def match_of(clause: Clause, tool: Tool, hints: Hints) -> Match:
    """Fill a tool from a clause and weigh the fit."""
    filled = fill(tool, clause)
    topic = topic_points(clause, tool)
    hinted = hint_points(clause, hints.get(tool.name, ()), tool)
    action = _action_points(clause, tool, filled)
    if not (topic or hinted or filled.explicit):
        action = min(action, 3.0 if tool.action in _ENOUGH_ALONE else 1.0)
        action -= 1.5 if filled.guessed else 0.0
    certain = 0.5 if topic >= 1.5 and not filled.missing(tool) else 0.0
    certain += 1.5 if (clause.stems - STOP_WORDS) and clause.stems - STOP_WORDS <= tool.name_topic else 0.0
    return Match(tool, filled, action + topic + hinted + certain + _slot_points(tool, filled))


# "Clear!" says enough; "show!" or "set!" does not say what.
_ENOUGH_ALONE: Final = frozenset(
    {Action.ADD, Action.REMOVE, Action.FINISH, Action.CLEAR, Action.CANCEL, Action.BOOK, Action.STOP}
    | {Action.SEND, Action.CALL, Action.PLAY}
)


def _action_points(clause: Clause, tool: Tool, filled: Filled) -> float:
    if tool.action is None:
        return 0.0
    if not clause.actions:
        return _implied_points(clause, tool, filled)
    sure = clause.strong or clause.inherited
    if tool.action in clause.actions:
        return 3.0 if sure else 2.0
    if any(tool.action in NEAR_ACTIONS[action] for action in clause.actions):
        return 1.2 if sure else 0.8
    return -3.0 if sure else -0.7


def _implied_points(clause: Clause, tool: Tool, filled: Filled) -> float:
    """A clause without a verb: "two cokes" wants them, "rain tomorrow?" asks."""
    counted = bool(quantities(clause.tokens))
    if tool.action is Action.ADD:
        named = (counted or filled.explicit) and filled.leftover < 2
        return 1.5 if named else -1.0
    if tool.action in {Action.SHOW, Action.FIND}:
        return 0.7 if clause.is_question else -0.7 * counted
    return 0.0


def topic_points(clause: Clause, tool: Tool) -> float:
    """Points for words of the tool's name, then of its description."""
    said = clause.stems - STOP_WORDS
    by_name = sum(_nearness(word, said, 1.5, 1.0) for word in tool.name_topic)
    by_description = sum(_nearness(word, said, 0.5, 0.3) for word in tool.topic - tool.name_topic)
    so_far = 0.4 if clause.stems & _SO_FAR and tool.topic & _KEPT else 0.0
    return min(by_name, 3.0) + min(by_description, 1.5) + so_far


# "How much is it?" asks about what was chosen so far, not about the price list.
_SO_FAR: Final = frozenset({"it", "that", "altogether", "everything", "far"})
_KEPT: Final = frozenset({"cart", "basket", "total"})


def _nearness(word: str, said: frozenset[str], same: float, alike: float) -> float:
    if word in said:
        return same
    return alike if any(related(word, other) for other in said) else 0.0


def _slot_points(tool: Tool, filled: Filled) -> float:
    points = 0.0
    for slot in tool.slots:
        if slot.name not in filled.explicit:
            continue
        if slot is tool.main and slot.choices:
            points += 2.0 * filled.certainty
        else:
            points += 0.6 if slot.choices else 0.5
    missing = len(filled.missing(tool))
    points += 0.5 if not missing else -min(0.5 * missing, 1.5)
    points -= 0.5 if filled.unknown else 0.0
    return points - min(0.15 * filled.leftover, 0.9)


def hint_points(clause: Clause, phrases: Sequence[str], tool: Tool | None = None) -> float:
    """Points for being worded like one of the example phrases.

    Numbers stand for one another, and so do the tool's choices. A phrase that holds all that was said, and
    more, counts a little less than one that is the same.
    """
    if not phrases:
        return 0.0
    said = _masked(clause.text, tool)
    long = said.count(" ") >= _LONG_ENOUGH
    closest = max(_likeness(said, _masked(phrase, tool), long) for phrase in phrases)
    return next((points for least, points in _HINT_POINTS if closest >= least), 0.0)


_LONG_ENOUGH: Final = 2


def _likeness(said: str, phrase: str, long: bool) -> float:
    whole = fuzz.token_sort_ratio(said, phrase)
    return max(whole, 0.9 * fuzz.partial_ratio(said, phrase)) if long and len(said) <= len(phrase) else whole


@lru_cache(maxsize=8192)
def _masked(text: str, tool: Tool | None) -> str:
    words = tokens(text)
    hidden = {index: "#" for number in quantities(words) for index in range(number.start, number.end)}
    for slot in tool.slots if tool is not None else ():
        if slot.choices:
            for mention in mentions(words, slot):
                hidden |= dict.fromkeys(range(mention.start, mention.end), slot.name)
    return " ".join(
        hidden.get(index, token.stem)
        for index, token in enumerate(words)
        if not token.is_mark and (index in hidden or token.text not in POLITE)
    )
