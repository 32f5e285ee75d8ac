"""The language that a page is in: the reader's, chosen by `Accept-Language`. Pure.

A page's sentences stand in it in English, which is what they are looked up by, so that a page can be read
where it is written. What has no translation stays English.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from orchestrator.web import german

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {ENGLISH: {}, "de": german.PAGES}
"""Sentences by their English, by page, by language."""


class Wording:
    """The sentences of one language.

    Args:
        language: One of `LANGUAGES`.
    """

    def __init__(self, language: str = ENGLISH) -> None:
        self.language = language
        self.pages = LANGUAGES[language]
        self.sentences = {
            english: sentence for page in self.pages.values() for english, sentence in page.items()
        }

    def __call__(self, english: str, *values: object) -> str:
        """A sentence in this language.

        Args:
            english: The sentence, with `{}` for each value.
            values: What stands in its gaps; without any, gaps stay as they are.
        """
        sentence = self.sentences.get(english, english)
        return sentence.format(*values) if values else sentence

    def told(self, text: str) -> str | None:
        """What went wrong, in this language, by what an interface says of it in English.

        Args:
            text: As it was raised, with its gaps filled.

        Returns:
            None where there is no translation.
        """
        if self.language == ENGLISH or text in self.sentences:
            return self(text)
        for pattern, sentence in self._filled:
            if found := pattern.fullmatch(text):
                return sentence.format(*found.groups())
        return None

    @cached_property
    def _filled(self) -> list[tuple[re.Pattern[str], str]]:
        """Patterns of what goes wrong, with the sentence that each stands for; longest first."""
        known = sorted(self.pages["errors"].items(), key=lambda pair: -len(pair[0]))
        return [
            (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), sentence)
            for english, sentence in known
        ]

    def of(self, *pages: str) -> dict[str, str]:
        """The sentences of some pages, for their scripts; none in English, which needs none."""
        return {english: sentence for page in pages for english, sentence in self.pages.get(page, {}).items()}


WORDINGS: Final[Mapping[str, Wording]] = {language: Wording(language) for language in LANGUAGES}
"""Made once, by language."""


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
