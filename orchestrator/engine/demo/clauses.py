"""Cuts what a caller said into clauses, and reads what each wants done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from orchestrator.engine.demo.lexicon import (
    CALLER_PATTERNS,
    CALLER_PHRASES,
    DETERMINERS,
    NEGATIONS,
    NO,
    POLITE,
    VERBS,
    YES,
    Action,
)
from orchestrator.engine.demo.mentions import mentions
from orchestrator.engine.demo.reading import Reading
from orchestrator.engine.demo.tools import Tool
from orchestrator.engine.demo.words import Token, joined

# Of these a stronger verb in the same clause is the one that counts: "I'd like to cancel".
_WEAK: Final = frozenset(
    {"want", "like", "have", "get", "take", "give", "need", "put", "make", "tell", "let", "leave"}
    | {"what", "which", "how", "when", "where", "who", "do", "done", "set", "instead"}
)
_JOINERS: Final = frozenset({"and", "then", "plus", "also", "but"})
_NOT_A_VERB_AFTER: Final = (DETERMINERS - {"more", "of"}) | {"in", "of", "on", "per", "your", "with"}
_QUESTIONS: Final = frozenset(
    {"what", "which", "how", "when", "where", "who", "why", "do", "does", "is", "are", "can", "could", "will"}
)


@dataclass(frozen=True)
class Clause:
    """One thing that a caller said.

    Args:
        tokens: Its words and marks.
        actions: What it wants done, as its own words say it.
        strong: The words were unmistakable: "remove", not "have".
        inherited: The actions are those of the clause before ("remove the coke and the pizza").
        negated: It says not to.
        cue: The words of the phrase that said what it wants.
    """

    tokens: tuple[Token, ...]
    actions: frozenset[Action] = field(default_factory=frozenset)
    strong: bool = False
    inherited: bool = False
    negated: bool = False
    cue: frozenset[str] = frozenset()

    @cached_property
    def reading(self) -> Reading:
        """Its words as a text that can be searched."""
        return Reading(self.tokens)

    @cached_property
    def text(self) -> str:
        """As it was written."""
        return joined(self.tokens)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its words."""
        return frozenset(token.stem for token in self.tokens if not token.is_mark)

    @property
    def is_question(self) -> bool:
        """Whether it asks something."""
        first = next((token.text for token in self.tokens if token.text not in POLITE), "")
        return first in _QUESTIONS or self.tokens[-1].text == "?"

    @property
    def is_empty(self) -> bool:
        """Whether nothing but courtesies, yes and no are in it."""
        return all(token.is_mark or token.text in _SAYS_NOTHING for token in self.tokens)


_SAYS_NOTHING: Final = POLITE | {
    "no",
    "not",
    "nope",
    "and",
    "or",
    "but",
    "thanks",
    "it",
    "is",
    "that",
    "i",
    "my",
    "friend",
}


def clauses_of(words: Sequence[Token], tools: Iterable[Tool]) -> list[Clause]:
    """Cut at marks and joiners, never inside a choice ("mac and cheese") or a number ("one and a half")."""
    kept = _kept_together(words, tools)
    pieces: list[list[Token]] = [[]]
    for index, token in enumerate(words):
        cuts = token.is_mark or (token.text in _JOINERS and index not in kept)
        if not cuts:
            pieces[-1].append(token)
            continue
        if token.is_mark:
            pieces[-1].append(token)
        pieces.append([])
    clauses = [read_clause(piece) for piece in pieces if any(not token.is_mark for token in piece)]
    return _inheriting([clause for clause in clauses if not clause.is_empty or _is_phrase(clause)])


def sentences_of(words: Sequence[Token]) -> list[Clause]:
    """Cut at the ends of sentences only, for what takes whole sentences: messages, queries."""
    pieces: list[list[Token]] = [[]]
    for token in words:
        pieces[-1].append(token)
        if token.text in {".", "!", "?", ";"}:
            pieces.append([])
    return [read_clause(piece) for piece in pieces if any(not token.is_mark for token in piece)]


def read_clause(words: Sequence[Token]) -> Clause:
    """Read what one clause wants done."""
    reading = Reading(words)
    placed = _placed_phrases(reading)
    if placed:
        first = min(place for place, _, _ in placed)
        actions = frozenset(action for place, _, action in placed if place == first)
        cue = frozenset(word for place, phrase, _ in placed if place == first for word in phrase.split())
        stronger = _verbs(words, strong=True)
        questioning = actions == {Action.SHOW} and stronger and not stronger & {Action.SHOW, Action.ADD}
        return Clause(
            tuple(words),
            stronger if questioning else actions,
            strong=True,
            negated=_negated(words, first),
            cue=cue,
        )
    for strong in (True, False):
        actions = _verbs(words, strong=strong)
        if actions:
            return Clause(tuple(words), actions, strong=strong, negated=_negated(words, len(words)))
    return Clause(tuple(words), negated=_negated(words, len(words)))


def _placed_phrases(reading: Reading) -> list[tuple[int, str, Action]]:
    """Phrases of several words, with where they begin; those with something in between come only alone."""
    phrases = [(reading.phrase_at(phrase), phrase, action) for phrase, action in CALLER_PHRASES]
    placed = [(place, phrase, action) for place, phrase, action in phrases if place is not None]
    if placed:
        return placed
    found = [(reading.search(pattern), action) for pattern, action in CALLER_PATTERNS]
    return [(one.start, "", action) for one, action in found if one is not None]


def _verbs(words: Sequence[Token], *, strong: bool) -> frozenset[Action]:
    """The actions of the first verb of that strength."""
    for index, token in enumerate(words):
        if (token.text in _WEAK) is strong:
            continue
        if index and words[index - 1].text in _NOT_A_VERB_AFTER:
            continue
        found = frozenset(action for action, verbs in VERBS.items() if token.text in verbs)
        if found:
            return found
    return frozenset()


def _negated(words: Sequence[Token], before: int) -> bool:
    return any(token.text in NEGATIONS for token in words[:before])


def _is_phrase(clause: Clause) -> bool:
    """Whether courtesies alone mean something: "that is it"."""
    return bool(clause.actions) and clause.strong


def _inheriting(clauses: list[Clause]) -> list[Clause]:
    """Let a clause without a verb go on with what the clause before it wanted."""
    result: list[Clause] = []
    for clause in clauses:
        before = result[-1] if result else None
        goes_on = before is not None and not clause.actions and before.actions & _LASTING
        result.append(_going_on(clause, before) if before is not None and goes_on else clause)
    return result


_LASTING: Final = frozenset({Action.ADD, Action.REMOVE, Action.CANCEL, Action.SEND})


def _going_on(clause: Clause, before: Clause) -> Clause:
    return replace(
        clause,
        actions=before.actions,
        strong=before.strong,
        inherited=True,
        negated=before.negated or clause.negated,
    )


def _kept_together(words: Sequence[Token], tools: Iterable[Tool]) -> frozenset[int]:
    """Indexes of joiners that stand inside a choice or a number."""
    kept = {
        index
        for index in range(1, len(words) - 2)
        if [token.text for token in words[index : index + 3]] == ["and", "a", "half"]
    }
    if any(token.text in _JOINERS for token in words):
        slots = {slot for tool in tools for slot in tool.slots if slot.choices}
        for slot in slots:
            for mention in mentions(words, slot):
                kept.update(range(mention.start, mention.end))
    return frozenset(kept)


def says_yes(words: Sequence[Token]) -> bool:
    """Whether an answer begins with a yes."""
    return _begins(words, YES) and not _begins(words, NO)


def says_no(words: Sequence[Token]) -> bool:
    """Whether an answer begins with a no."""
    return _begins(words, NO)


def _begins(words: Sequence[Token], phrases: Iterable[str]) -> bool:
    said = [token.text for token in words if not token.is_mark]
    while said and said[0] in {"oh", "well", "um", "uh", "hm", "ah", "so", "i", "would"}:
        said = said[1:]
    text = " ".join(said) + " "
    return any(text.startswith(f"{phrase} ") for phrase in phrases)


def without_answer(words: Sequence[Token]) -> list[Token]:
    """What follows a yes or a no: "no, a small one" is "a small one"."""
    rest = list(words)
    while rest and (rest[0].is_mark or rest[0].text in _ANSWERS):
        rest.pop(0)
    return rest


_ANSWERS: Final = (
    frozenset(word for phrase in (*YES, *NO) for word in phrase.split()) | POLITE | {"and", "but", "thanks"}
)
