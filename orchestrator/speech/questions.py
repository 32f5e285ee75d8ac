"""What sort of answer a question asks for, so that a recogniser expects it. English; pure."""

import re
from typing import Final, Literal, TypeAlias

Answer: TypeAlias = Literal["anything", "yes or no", "name"]
"""What a caller is likely to say next. A lean, never a limit: anything may be said at any time."""

_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_BEGINNING: Final = re.compile(
    r"^(?:\W*\b(?:sorry|so|and|but|then|well|ok|okay|all right|alright|great|thanks|thank you)\b)*\W*",
    re.IGNORECASE,
)
_YES_OR_NO: Final = re.compile(
    r"^(?:shall|should|is|are|was|were|do|does|did|can|could|would|will|have|has|may)\b", re.IGNORECASE
)
_ASKS_MORE: Final = re.compile(r"\b(?:or|anything|something|what|which|how|when|where)\b", re.IGNORECASE)
_NAME: Final = re.compile(
    r"\b(?:what|which|whose)\b[^?]*\bname\b|\byour (?:\w+ )?name\b"
    r"|\bwho(?:m| is|'s)\b[^?]*\b(?:for|calling|speaking|this)\b",
    re.IGNORECASE,
)


def answer_wanted(reply: str) -> Answer:
    """What the question that a reply ends with asks for.

    Args:
        reply: All that was said; a reply that ends with no question wants anything.
    """
    last = _SENTENCES.split(reply.strip())[-1]
    if not last.endswith("?"):
        return "anything"
    if _NAME.search(last):
        return "name"
    asked = _BEGINNING.sub("", last)
    return "yes or no" if _YES_OR_NO.match(asked) and not _ASKS_MORE.search(asked) else "anything"
