# noqa: INP001 - a script, run by hand
"""Works out the table of prices in `docs/how-to/choose-voices.md` from prices as data.

Prices of Realtime models are those that the service counts with, the others stand in
`docs/speech_prices.json`. `python docs/make_prices.py` writes the table into the page; a test says when that
was forgotten.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parent
PAGE: Final = DOCS / "how-to" / "choose-voices.md"
OTHERS: Final = json.loads((DOCS / "speech_prices.json").read_text())
REALTIME: Final = {
    model: entry["prices"]
    for entry in json.loads((DOCS.parent / "orchestrator/store/data/prices.json").read_text())
    for model in entry["models"]
}

TURNS_A_MINUTE: Final = 4
TURNS: Final = 20
"""Of a call of five minutes, in which both sides speak half of the time."""
SECONDS: Final = Decimal("7.5")
"""That each side speaks in a turn."""
PROMPT: Final = 1000
"""Tokens of instructions and tools."""
CHARACTERS_A_SECOND: Final = 15
CHARACTERS_A_TOKEN: Final = 4
CALLER_TOKENS, AGENT_TOKENS = 10 * SECONDS, 20 * SECONDS
"""Of sound in a turn: one token for 100 ms of the caller's, one for 50 ms of the agent's."""
TEXT_TOKENS: Final = SECONDS * CHARACTERS_A_SECOND / CHARACTERS_A_TOKEN
"""Tokens of what one side says in a turn, as text."""
MILLION: Final = Decimal(1_000_000)

Prices = Mapping[str, str]


def native(model: str) -> Decimal:
    """Speech to speech: a Realtime model hears and speaks."""
    sound, text = _kinds(model)
    return _a_minute(text, sound, heard=CALLER_TOKENS, said=AGENT_TOKENS, written=TEXT_TOKENS)


def hearing_only(model: str) -> Decimal:
    """A Realtime model hears and writes: what a resumed conversation does, beside a text-to-speech."""
    sound, text = _kinds(model)
    return _a_minute(text, sound, heard=CALLER_TOKENS, said=Decimal(0), written=TEXT_TOKENS)


def chat(name: str) -> Decimal:
    """A chat model reads and writes."""
    text = OTHERS["chat"][name]
    return _a_minute(text, text, heard=TEXT_TOKENS, said=Decimal(0), written=TEXT_TOKENS)


def transcription(name: str) -> Decimal:
    """A minute of call, in which the caller speaks for half of it."""
    listed = OTHERS["transcription"][name]
    return Decimal(listed["price"]) * (1 if listed["unit"] == "minute of call" else _spoken())


def speech(name: str) -> Decimal:
    """A minute of call, in which the agent speaks for half of it."""
    listed = OTHERS["speech"][name]
    thousands = Decimal(60 * CHARACTERS_A_SECOND) / 1000
    return Decimal(listed["price"]) * _spoken() * (thousands if "characters" in listed["unit"] else 1)


def table() -> str:
    """The routes, each with what it costs."""
    model, mini = "gpt-realtime-2.1", "gpt-realtime-2.1-mini"
    small = "a small chat model"
    whisper = transcription("gpt-realtime-whisper")
    routes = [
        ("native", f"`{model}`, captions by `gpt-realtime-whisper`", native(model) + whisper),
        ("native", f"`{mini}`, captions by `gpt-realtime-whisper`", native(mini) + whisper),
    ]
    for voice in ("ElevenLabs flash", "gpt-4o-mini-tts"):
        cost = hearing_only(model) + whisper + speech(voice)
        routes.append(("text and a voice", f"`{model}` writes, {voice} speaks", cost))
    for ears, voice in (
        ("Deepgram nova-3, streaming", "ElevenLabs flash"),
        ("Deepgram nova-3, streaming", "Cartesia sonic-3"),
        ("Deepgram nova-3, streaming", "Azure neural voice"),
        ("gpt-4o-mini-transcribe", "gpt-4o-mini-tts"),
    ):
        cost = transcription(ears) + chat(small) + speech(voice)
        routes.append(("cascade", f"{ears}; {small}; {voice}", cost))
    routes.append(("cascade", f"embedded ears, {small}, embedded voice", chat(small)))
    routes.append(("cascade", "embedded ears, a chat model of your own, embedded voice", Decimal(0)))
    lines = ["| route | parts | US dollars a minute |", "|---|---|---|"]
    lines += [f"| {kind} | {parts} | {cost:.3f} |" for kind, parts, cost in routes]
    return "\n".join(lines)


def priced(text: str) -> str:
    """The page with its table worked out anew."""
    pattern = r"(<!-- table: prices, read )[0-9-]+( -->\n).*?(?=\n\n)"
    return re.sub(pattern, rf"\g<1>{OTHERS['read']}\g<2>{table()}", text, flags=re.DOTALL)


def _a_minute(text: Prices, context: Prices, *, heard: Decimal, said: Decimal, written: Decimal) -> Decimal:
    """Every response is billed for all that came before it: what is new since the last one in full."""
    new, output = Decimal(0), Decimal(0)
    cached = _price(text, "cached") * PROMPT * (TURNS - 1) + _price(text, "input") * PROMPT
    before = Decimal(0)
    for turn in range(TURNS):
        reply = 0 if turn == 0 else said or written
        replied = context if said else text
        new += heard * _price(context, "input") + reply * _price(replied, "input")
        cached += before * _price(context, "cached")
        before += heard + reply
        output += said * _price(context, "output") + written * _price(text, "output")
    return (new + cached + output) / TURNS * TURNS_A_MINUTE


def _kinds(model: str) -> tuple[Prices, Prices]:
    return REALTIME[model]["audio"], REALTIME[model]["text"]


def _price(prices: Prices, kind: str) -> Decimal:
    return Decimal(prices[kind]) / MILLION


def _spoken() -> Decimal:
    """Share of a call that one side speaks."""
    return SECONDS * TURNS_A_MINUTE / 60


if __name__ == "__main__":
    PAGE.write_text(priced(PAGE.read_text()))
