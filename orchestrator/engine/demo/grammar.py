"""English grammar for sentences that are put together: plurals, articles, lists, money."""

import re
from collections.abc import Sequence
from typing import Final

from orchestrator.engine.demo.numbers import say_number

_VOWEL_SOUND: Final = re.compile(r"^(?:[aeio]|u(?!ni|se|sua|k)|hour|honest|heir)", re.IGNORECASE)
_THIRD_PERSON: Final = re.compile(r"^(?P<verb>[A-Za-z]+)(?P<rest>\b.*)$", re.DOTALL)
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}


def plural(noun: str) -> str:
    """Put a noun phrase into the plural; one that looks like a plural stays as it is."""
    lower = noun.lower()
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return noun
    if re.search(r"(s|sh|ch|x|z)$", lower):
        return f"{noun}es"
    if re.search(r"[^aeiou]y$", lower):
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def article(noun: str) -> str:
    """Write "a" or "an" before a noun phrase."""
    return f"{'an' if _VOWEL_SOUND.match(noun) else 'a'} {noun}"


def counted(count: float, noun: str) -> str:
    """Count a noun phrase: "a coke", "two cokes"."""
    if count == 1:
        return article(noun)
    return f"{say_number(count)} {plural(noun)}"


def listed(parts: Sequence[str], last: str = "and", *, most: int = 12) -> str:
    """Write a list as it is said; a long one is cut and its rest counted."""
    shown = list(parts[:most])
    if len(parts) > most:
        shown.append(f"{len(parts) - most} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def sentence(text: str) -> str:
    """Begin with a capital and end with a mark."""
    text = " ".join(text.split())
    if not text:
        return ""
    ended = text if text[-1] in ".!?…" else f"{text}."
    return ended[0].upper() + ended[1:]


def imperative(description: str) -> str:
    """Turn "Adds an item." into "add an item"; only the first sentence, without its mark."""
    first = re.split(r"(?<=[.!?])\s|\n", description.strip(), maxsplit=1)[0].rstrip(".!? ")
    match = _THIRD_PERSON.match(first)
    if match is None:
        return ""
    return _base_form(match["verb"].lower()) + match["rest"]


def _base_form(verb: str) -> str:
    if verb.endswith("ies") and len(verb) > 4:
        return f"{verb[:-3]}y"
    if re.search(r"(ss|sh|ch|x|zz|o)es$", verb):
        return verb[:-2]
    if verb.endswith("s") and not verb.endswith(("ss", "us", "is")):
        return verb[:-1]
    return verb


def money(amount: float, currency: str | None = None) -> str:
    """Say an amount of money; dollars unless told otherwise."""
    symbol = _SYMBOLS.get((currency or "USD").upper())
    return f"{symbol}{amount:,.2f}" if symbol else f"{amount:,.2f} {currency}"
