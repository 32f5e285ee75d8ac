"""How many tokens a text, an item and a whole prompt are, near enough for usage and limits.

The embedded engine bills nobody; its counts let a client's accounting, limits and pages be used without a
provider. A word counts one token for each six letters begun, a mark one, and an item three for its frame.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue

_WORD_OR_MARK: Final = re.compile(r"\w+|[^\w\s]")
_LETTERS_PER_TOKEN: Final = 6
_ITEM_FRAME: Final = 3
_IMAGE: Final = 255
_CACHE_STEP: Final = 64
NO_AUDIO: Final[Mapping[str, int]] = {}
_CALLER_MS: Final = 100
_SPOKEN_MS: Final = 50


@lru_cache(maxsize=4096)
def text_tokens(text: str) -> int:
    """Count a text's tokens."""
    return sum(-(-len(piece) // _LETTERS_PER_TOKEN) for piece in _WORD_OR_MARK.findall(text))


def caller_tokens(milliseconds: float) -> int:
    """Count the tokens of a caller's audio (section 11)."""
    return math.ceil(milliseconds / _CALLER_MS)


def spoken_tokens(milliseconds: float) -> int:
    """Count the tokens of an assistant's audio (section 11)."""
    return math.ceil(milliseconds / _SPOKEN_MS)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a prompt, as the cache sees it."""

    text: str
    text_tokens: int
    image_tokens: int = 0
    audio_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one response (section 11); cached counts are part of the input counts.

    Args:
        text_input: Text tokens of the prompt.
        image_input: Image tokens of the prompt.
        cached_text: Of `text_input`, those of a prefix the previous prompt had too.
        text_output: Text tokens of the reply, function calls and transcripts included.
        audio_input: Audio tokens of the prompt.
        cached_audio: Of `audio_input`, those of the same prefix.
        audio_output: Audio tokens of the reply.
    """

    text_input: int
    text_output: int
    cached_text: int = 0
    image_input: int = 0
    audio_input: int = 0
    cached_audio: int = 0
    audio_output: int = 0

    @property
    def input(self) -> int:
        """All tokens of the prompt."""
        return self.text_input + self.image_input + self.audio_input

    @property
    def output(self) -> int:
        """All tokens of the reply."""
        return self.text_output + self.audio_output

    @property
    def total(self) -> int:
        """All tokens."""
        return self.input + self.output

    def wire(self) -> JsonObject:
        """Write it as `response.done` carries it."""
        return {
            "total_tokens": self.total,
            "input_tokens": self.input,
            "output_tokens": self.output,
            "input_token_details": {
                "text_tokens": self.text_input,
                "audio_tokens": self.audio_input,
                "image_tokens": self.image_input,
                "cached_tokens": self.cached_text + self.cached_audio,
                "cached_tokens_details": {
                    "text_tokens": self.cached_text,
                    "audio_tokens": self.cached_audio,
                    "image_tokens": 0,
                },
            },
            "output_token_details": {"text_tokens": self.text_output, "audio_tokens": self.audio_output},
        }


def item_piece(item: JsonObject, audio_tokens: int = 0) -> Piece:
    """Measure one item; its audio, where it has any, counts in place of the transcript."""
    words: list[str] = []
    images = 0
    content = item.get("content")
    for part in content if isinstance(content, list) else []:
        if isinstance(part, dict):
            transcript = None if audio_tokens else part.get("transcript")
            words.append(str(part.get("text") or transcript or ""))
            images += part.get("type") == "input_image"
    words += [str(item[name]) for name in ("name", "arguments", "output") if name in item]
    text = "\n".join(words)
    return Piece(f"{item.get('id')}\n{text}", text_tokens(text) + _ITEM_FRAME, images * _IMAGE, audio_tokens)


def prompt_pieces(
    instructions: str,
    tools: Sequence[JsonValue],
    items: Iterable[JsonObject],
    audio_tokens: Mapping[str, int] = NO_AUDIO,
) -> tuple[Piece, ...]:
    """Measure a prompt, part by part, in the order in which a model reads it.

    Args:
        instructions: Of the response.
        tools: On offer.
        items: The conversation.
        audio_tokens: What the items with audio count as, by id.
    """
    declared = msgspec.json.encode(tools).decode() if tools else ""
    head = [Piece(text, text_tokens(text)) for text in (instructions, declared) if text]
    return (*head, *(item_piece(item, audio_tokens.get(str(item.get("id")), 0)) for item in items))


def prompt_usage(
    pieces: Sequence[Piece], previous: Sequence[Piece], output: int, audio_output: int = 0
) -> Usage:
    """Write the usage of a response, with what the previous prompt of the session left in the cache.

    Args:
        pieces: This response's prompt.
        previous: The previous response's prompt; empty for the first.
        output: Text tokens of the reply.
        audio_output: Audio tokens of the reply.
    """
    shared = heard = 0
    for now, before in zip(pieces, previous, strict=False):
        if now != before:
            break
        shared += now.text_tokens
        heard += now.audio_tokens
    return Usage(
        text_input=sum(piece.text_tokens for piece in pieces),
        text_output=output,
        cached_text=shared // _CACHE_STEP * _CACHE_STEP,
        image_input=sum(piece.image_tokens for piece in pieces),
        audio_input=sum(piece.audio_tokens for piece in pieces),
        cached_audio=heard // _CACHE_STEP * _CACHE_STEP,
        audio_output=audio_output,
    )
