"""What tokens cost. Pure: usage as engines report it and prices as they are listed go in, money comes out.

The formula is section 11 of the protocol reference:
cost = Σ over modality m of ((input_m - cached_m) x price_in_m + cached_m x price_cached_m)
       + Σ output_m x price_out_m.

Any part of a usage may be missing. Tokens that no modality claims are text: engines that leave the details
out have nothing else. Cached tokens without details are taken from text, then audio, then images: what is
cached is the beginning of the prompt, and that is instructions and tools. `usage.py` says the same in SQL.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from orchestrator.core.json_value import JsonObject, JsonValue

TokenKind = Literal["text", "audio", "image"]

KINDS: Final[tuple[TokenKind, ...]] = ("text", "audio", "image")
COUNTED: Final = tuple(f"{kind}_tokens" for kind in KINDS)
MILLION: Final = 1_000_000
MOST: Final = 10**12
"""More tokens than any response has: what an engine reports beyond it is nonsense, and harmless so."""

DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
"""How snapshots of a model are named: they cost what the model costs, unless they are listed themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens of one modality of one model.

    Attributes:
        cached: For input tokens that were cached.
        valid_from: Seconds since the Unix epoch.
    """

    model: str
    modality: TokenKind
    input: Decimal
    cached: Decimal
    output: Decimal
    valid_from: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens by kind; cached ones are part of the input."""

    input_text: int = 0
    input_audio: int = 0
    input_image: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0
    output_text: int = 0
    output_audio: int = 0

    @property
    def total(self) -> int:
        """All that went in and came out."""
        return self.input_text + self.input_audio + self.input_image + self.output_text + self.output_audio


def tokens_of(usage: JsonObject | None) -> Tokens:
    """Sort the tokens of a raw `usage` by kind."""
    given: Mapping[str, JsonValue] = usage or {}
    details = _part(given, "input_token_details")
    went_in = [_count(details, name) for name in COUNTED]
    went_in[0] += max(_count(given, "input_tokens") - sum(went_in), 0)
    shares = _part(details, "cached_tokens_details")
    cached = [min(_count(shares, name), most) for name, most in zip(COUNTED, went_in, strict=True)]
    rest = max(_count(details, "cached_tokens") - sum(cached), 0)
    for place, most in enumerate(went_in):
        more = min(rest, most - cached[place])
        cached[place] += more
        rest -= more
    came = _part(given, "output_token_details")
    audio, text = _count(came, "audio_tokens"), _count(came, "text_tokens")
    return Tokens(
        input_text=went_in[0],
        input_audio=went_in[1],
        input_image=went_in[2],
        cached_text=cached[0],
        cached_audio=cached[1],
        cached_image=cached[2],
        output_text=text + max(_count(given, "output_tokens") - text - audio, 0),
        output_audio=audio,
    )


def cost_of(tokens: Tokens, prices: Mapping[TokenKind, Price]) -> Decimal | None:
    """What tokens cost in US dollars; None where they are of a kind that has no price."""
    total = Decimal(0)
    parts: tuple[tuple[TokenKind, int, int, int], ...] = (
        ("text", tokens.input_text, tokens.cached_text, tokens.output_text),
        ("audio", tokens.input_audio, tokens.cached_audio, tokens.output_audio),
        ("image", tokens.input_image, tokens.cached_image, 0),
    )
    for kind, went_in, cached, came_out in parts:
        if went_in or came_out:
            price = prices.get(kind)
            if price is None:
                return None
            total += (went_in - cached) * price.input + cached * price.cached + came_out * price.output
    return total / MILLION


class PriceList:
    """Every price there is and was.

    Args:
        prices: In any order.
    """

    def __init__(self, prices: Sequence[Price]) -> None:
        self._by_model: dict[str, list[Price]] = {}
        for price in sorted(prices, key=lambda price: price.valid_from):
            self._by_model.setdefault(price.model, []).append(price)

    @property
    def models(self) -> list[str]:
        """The models that have a price, in order."""
        return sorted(self._by_model)

    def priced_as(self, model: str) -> str:
        """The listed name of a model: its own, or without the date of its snapshot."""
        return model if model in self._by_model else DATED.sub("", model)

    def at(self, model: str, moment: float) -> dict[TokenKind, Price]:
        """The prices of a model that were in force at a moment, by kind.

        Args:
            model: As the engine names it.
            moment: Seconds since the Unix epoch.
        """
        listed = self._by_model.get(self.priced_as(model), [])
        return {price.modality: price for price in listed if price.valid_from <= moment}

    def cost(self, model: str | None, usage: JsonObject | None, moment: float) -> Decimal | None:
        """What one response cost in US dollars; None for a model without a price.

        Args:
            model: As the engine names it.
            usage: Raw, as the engine reported it.
            moment: When, in seconds since the Unix epoch.
        """
        prices = {} if model is None else self.at(model, moment)
        return cost_of(tokens_of(usage), prices) if prices else None


def _part(given: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    part = given.get(name)
    return part if isinstance(part, dict) else {}


def _count(given: Mapping[str, JsonValue], name: str) -> int:
    """A number of tokens; 0 where there is none, or something else."""
    count = given.get(name)
    if type(count) is int or type(count) is float:
        return int(min(max(count, 0), MOST))
    return 0
