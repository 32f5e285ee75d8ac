"""Finds what a text slot asks for: a name, a place, a time, an address, a message, a query."""

import re
from collections.abc import Sequence
from typing import Final

from orchestrator.engine.demo import patterns
from orchestrator.engine.demo.lexicon import DETERMINERS, POLITE
from orchestrator.engine.demo.reading import Found, Reading
from orchestrator.engine.demo.tools import Slot
from orchestrator.engine.demo.words import Token, joined, name_words

_MESSAGES: Final = frozenset(
    {"message", "note", "text", "comment", "content", "body", "memo", "reminder", "task", "todo", "what"}
)
_QUERIES: Final = frozenset(
    {"query", "question", "search", "term", "keyword", "topic", "subject", "title", "song", "track"}
)
_PEOPLE: Final = frozenset({"name", "customer", "caller", "guest", "contact", "who", "person"})
_ADDRESSEES: Final = frozenset({"recipient", "contact", "receiver", "addressee", "to"})
_NOT_PEOPLE: Final = frozenset({"file", "item", "product", "city", "dish", "tool", "number", "phone"})
_BEFORE_AN_ANSWER: Final = POLITE | frozenset(
    {
        "it",
        "is",
        "my",
        "name",
        "the",
        "under",
        "for",
        "i",
        "am",
        "call",
        "me",
        "a",
        "an",
        "would",
        "like",
        "in",
    }
)
_AFTER_A_NAME: Final = frozenset({"for", "is", "it", "that", "the", "a", "and", "to"})
"""Names never end so; recognisers hear these in a breath."""
_EDGES: Final = frozenset(
    {"i", "me", "we", "us", "you", "it", "he", "she", "they", "to", "for", "with", "on", "in", "at", "by"}
    | {"from", "and", "or", "is", "are", "am", "be", "can", "could", "would", "will", "shall", "do", "does"}
    | {"did", "let", "not", "if", "there", "here", "what", "how", "who", "which", "when", "where", "s"}
)


def find_text(slot: Slot, clause: Sequence[Token], taken: Sequence[bool]) -> Found | None:
    """Find what a text slot asks for by how it is said; None when nothing points to it.

    Args:
        slot: A slot of kind `text`.
        clause: What was said.
        taken: Which tokens other slots have already.
    """
    reading = Reading(clause)
    for pattern in [patterns.labelled(slot.label), *_patterns(slot)]:
        found = reading.search(pattern, "value" if "value" in pattern.groupindex else 0)
        if found is not None and not any(taken[found.start : found.end]):
            return _trimmed(found, clause)
    return None


def is_person(slot: Slot) -> bool:
    """Whether a slot asks for somebody's name."""
    words = set(name_words(slot.name))
    return bool(words & (_PEOPLE | _ADDRESSEES)) and not words & _NOT_PEOPLE


def takes_any_words(slot: Slot) -> bool:
    """Whether what is left of a clause may be a slot's value; not so for names, times, numbers."""
    pointed = _patterns(slot)
    return not is_person(slot) and not any(pattern in pointed for pattern in _TYPED)


_TYPED: Final = (patterns.EMAIL, patterns.PHONE, patterns.TIME, patterns.DAY, patterns.WHEN)


def is_writing(slot: Slot) -> bool:
    """Whether a slot takes words as they were said: a message, a note, a query."""
    return slot.kind == "text" and bool(set(name_words(slot.name)) & (_MESSAGES | _QUERIES))


def is_query(slot: Slot) -> bool:
    """Whether a slot takes words to search for."""
    return slot.kind == "text" and bool(set(name_words(slot.name)) & _QUERIES)


def whole_answer(slot: Slot, clause: Sequence[Token]) -> str:
    """Read an answer that is nothing but the slot's value: "it's Ada, please" is "Ada"."""
    found = find_text(slot, clause, [False] * len(clause))
    if found is not None:
        return found.value
    start, end = 0, len(clause)
    before = POLITE if is_writing(slot) else _BEFORE_AN_ANSWER
    while start < end and (clause[start].is_mark or clause[start].text in before):
        start += 1
    after = POLITE | _AFTER_A_NAME if is_person(slot) else POLITE
    while end > start and (clause[end - 1].is_mark or clause[end - 1].text in after):
        end -= 1
    return joined(clause[start:end])


def remainder(
    clause: Sequence[Token], taken: Sequence[bool], noise: frozenset[str], *, verbatim: bool = False
) -> Found | None:
    """The longest stretch of words that nothing else has taken and that says something.

    Args:
        clause: What was said.
        taken: Which tokens slots have already.
        noise: Words and stems to leave out at the edges, such as the verb.
        verbatim: Keep articles and pronouns at the edges, as a message needs them.
    """
    edge = noise | POLITE if verbatim else noise | POLITE | DETERMINERS | _EDGES
    stretches: list[Found] = []
    start: int | None = None
    for index in range(len(clause) + 1):
        free = index < len(clause) and not taken[index] and not clause[index].is_mark
        if free and start is None:
            start = index
        if not free and start is not None:
            stretches += _core(clause, start, index, edge)
            start = None
    return max(stretches, key=lambda found: found.end - found.start, default=None)


def _patterns(slot: Slot) -> list[re.Pattern[str]]:
    """What may point to a slot's value, the surest first."""
    words = set(name_words(slot.name))
    if "email" in words or slot.text_format == "email":
        return [patterns.EMAIL]
    if words & {"phone", "telephone", "mobile"}:
        return [patterns.PHONE]
    if words & {"id", "number", "code", "reference", "ref"}:
        return [patterns.CODE]
    if words & {"time", "hour"} or slot.text_format == "time":
        return [patterns.TIME]
    if words & {"date", "day"} or slot.text_format == "date":
        return [patterns.DAY]
    if words & {"when", "datetime"} or slot.text_format == "date-time":
        return [patterns.WHEN, patterns.TIME]
    for names, pattern in patterns.PLACES:
        if words & names and not words & {"recipient"}:
            return [pattern]
    if words & _MESSAGES:
        return [patterns.WRITTEN]
    if words & _QUERIES:
        return [patterns.ASKED_FOR]
    if words & _ADDRESSEES:
        return list(patterns.ADDRESSEE)
    return [patterns.SPEAKER, patterns.FOR_SOMEBODY] if is_person(slot) else []


def _trimmed(found: Found, clause: Sequence[Token]) -> Found:
    """Leave out articles before and courtesies after."""
    start, end = found.start, found.end
    while start < end - 1 and clause[start].text in {"the", "a", "an", "some"}:
        start += 1
    while end > start + 1 and (clause[end - 1].is_mark or clause[end - 1].text in {"please", "thanks"}):
        end -= 1
    return Found(joined(clause[start:end]), start, end)


def _core(clause: Sequence[Token], start: int, end: int, edge: frozenset[str]) -> list[Found]:
    while start < end and {clause[start].text, clause[start].stem} & edge:
        start += 1
    while end > start and {clause[end - 1].text, clause[end - 1].stem} & edge:
        end -= 1
    return [Found(joined(clause[start:end]), start, end)] if start < end else []
