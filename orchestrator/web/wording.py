"""The language that a page is in: pages for callers come in the reader's, chosen by `Accept-Language`. Pure.

A page's sentences stand in it in English, which is what they are looked up by, so that a page can be read
where it is written. What has no translation stays English.
"""

from collections.abc import Mapping
from typing import Final

from orchestrator.web.german import GERMAN

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {ENGLISH: {}, "de": GERMAN}
"""Sentences by their English, by language."""


class Wording:
    """The sentences of one language.

    Args:
        language: One of `LANGUAGES`.
    """

    def __init__(self, language: str = ENGLISH) -> None:
        self.language = language
        self.sentences = LANGUAGES[language]

    def __call__(self, english: str) -> str:
        """A sentence in this language."""
        return self.sentences.get(english, english)


def language_of(accepted: str) -> str:
    """The language of ours that a reader likes best; English where there is none.

    Args:
        accepted: The header `Accept-Language` (RFC 9110, section 12.5.4), such as `de-AT,de;q=0.9,en;q=0.5`.
    """
    best, most = ENGLISH, 0.0
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        language, quality = name.strip().lower().split("-")[0], _quality(weight)
        if language in LANGUAGES and quality > most:
            best, most = language, quality
    return best


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
