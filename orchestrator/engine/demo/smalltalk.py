"""Greetings, thanks, goodbyes, and the question who is speaking."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

from orchestrator.engine.demo.reading import Reading
from orchestrator.engine.demo.words import Token

IDENTITY: Final = (
    "I'm the offline demo brain: a small matcher without a language model behind it, so I'm no person and "
    "not a real AI either."
)


class Talk(Enum):
    """What an utterance is about when it is not about doing anything."""

    WHO = "who"
    HELP = "help"
    HOW = "how"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    REPEAT = "repeat"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_MACHINES: Final = "ai|a i|bot|robot|human|person|machine|computer|real|llm|chatgpt|gpt|model|recording"
_ARTICLES: Final = r"(?:a |an |the |really |even |some |actually |real |actual |there )*"
_WHO: Final = _any(
    r"\b(?:who|what) are you\b",
    rf"\bare you {_ARTICLES}(?:{_MACHINES})\b",
    rf"\bam i (?:talking|speaking) (?:to|with) {_ARTICLES}(?:{_MACHINES})\b",
    rf"\bis this {_ARTICLES}(?:{_MACHINES})\b",
    r"\bwho am i (?:talking|speaking) (?:to|with)\b",
    r"\bwhat (?:model|ai|llm) (?:are|is|do)\b",
    r"\bwhat is your name\b",
)
_HELP: Final = _any(
    r"\bwhat can (?:you|i) (?:do|say|ask|help)\b",
    r"\bhow (?:can|do) you (?:help|work)\b",
    r"\bhow does (?:this|it) work\b",
    r"^(?:i need help|(?:can you )?help(?: me)?|what now|(?:what are my )?options)(?: please)?(?: [.!?])*$",
)
_HOW: Final = _any(r"\bhow are you\b", r"\bhow is it going\b", r"\bhow do you do\b")
_REPEAT: Final = _any(
    r"^(?:sorry )?(?:pardon|what|come again|(?:can you |could you )?(?:say|repeat) that(?: again)?)"
    r"(?: please)?(?: [.!?,])*$",
    r"\bwhat did you say\b",
    r"\bi did not (?:hear|catch|get) (?:that|you)\b",
)
_GREETING: Final = frozenset(
    {"hello", "hi", "hey", "hiya", "greetings", "good", "morning", "afternoon", "evening", "day"}
)
_THANKS: Final = frozenset(
    {"thanks", "thank", "you", "cheers", "very", "much", "so", "a", "lot", "appreciate", "it", "for"}
)
_GOODBYE: Final = frozenset(
    {"bye", "goodbye", "later", "see", "you", "ciao", "cya", "night", "good", "farewell", "soon"}
)
_FILLING: Final = frozenset(
    {"nothing", "else", "everything"}
    | {
        "there",
        "ok",
        "okay",
        "please",
        "and",
        "to",
        "again",
        "all",
        "the",
        "best",
        "well",
        "great",
        "then",
        "everyone",
    }
    | {
        "have",
        "nice",
        "one",
        "your",
        "help",
        "that",
        "is",
        "was",
        "lovely",
        "perfect",
        "no",
        "everybody",
        "oh",
    }
)


def small_talk(words: Sequence[Token]) -> Talk | None:
    """Tell what kind of small talk an utterance is; None when it is about something else."""
    text = Reading(words).text
    for pattern, talk in ((_WHO, Talk.WHO), (_HELP, Talk.HELP), (_HOW, Talk.HOW), (_REPEAT, Talk.REPEAT)):
        if pattern.search(text):
            return talk
    said = [token.text for token in words if not token.is_mark]
    for core, starts, talk in (
        (_GOODBYE, {"bye", "goodbye", "see", "ciao", "cya", "farewell"}, Talk.GOODBYE),
        (_THANKS, {"thanks", "thank", "cheers", "appreciate"}, Talk.THANKS),
        (
            _GREETING,
            {"hello", "hi", "hey", "hiya", "greetings", "morning", "afternoon", "evening"},
            Talk.GREETING,
        ),
    ):
        known = core | _FILLING | _THANKS | _GOODBYE
        if starts & set(said) and all(word in known for word in said):
            return talk
    return Talk.GOODBYE if said == ["good", "night"] else None
