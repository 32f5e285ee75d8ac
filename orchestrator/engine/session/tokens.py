"""How many tokens a text, an item and a whole prompt are, near enough for usage and limits.

The embedded engine bills nobody; its counts let a client's accounting, limits and pages be used without a
provider. A word counts one token for each six letters begun, a mark one, and an item three for its frame.
"""

import re
from collections.abc import Iterable, Sequence
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


@lru_cache(maxsize=4096)
def text_tokens(text: str) -> int:
    """Count a text's tokens."""
    return sum(-(-len(piece) // _LETTERS_PER_TOKEN) for piece in _WORD_OR_MARK.findall(text))


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a prompt, as the cache sees it."""

    text: str
    text_tokens: int
    image_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one response (section 11); cached counts are part of the input counts.

    Args:
        text_input: Text tokens of the prompt.
        image_input: Image tokens of the prompt.
        cached_text: Of `text_input`, those of a prefix the previous prompt had too.
        text_output: Text tokens of the reply, function calls included.
    """

    text_input: int
    text_output: int
    cached_text: int = 0
    image_input: int = 0

    @property
    def total(self) -> int:
        """All tokens."""
        return self.text_input + self.image_input + self.text_output

    def wire(self) -> JsonObject:
        """Write it as `response.done` carries it."""
        return {
            "total_tokens": self.total,
            "input_tokens": self.text_input + self.image_input,
            "output_tokens": self.text_output,
            "input_token_details": {
                "text_tokens": self.text_input,
                "audio_tokens": 0,
                "image_tokens": self.image_input,
                "cached_tokens": self.cached_text,
                "cached_tokens_details": {
                    "text_tokens": self.cached_text,
                    "audio_tokens": 0,
                    "image_tokens": 0,
                },
            },
            "output_token_details": {"text_tokens": self.text_output, "audio_tokens": 0},
        }


def item_piece(item: JsonObject) -> Piece:
    """Measure one item."""
    words: list[str] = []
    images = 0
    content = item.get("content")
    for part in content if isinstance(content, list) else []:
        if isinstance(part, dict):
            words.append(str(part.get("text") or part.get("transcript") or ""))
            images += part.get("type") == "input_image"
    words += [str(item[name]) for name in ("name", "arguments", "output") if name in item]
    text = "\n".join(words)
    return Piece(f"{item.get('id')}\n{text}", text_tokens(text) + _ITEM_FRAME, images * _IMAGE)


def prompt_pieces(
    instructions: str, tools: Sequence[JsonValue], items: Iterable[JsonObject]
) -> tuple[Piece, ...]:
    """Measure a prompt, part by part, in the order in which a model reads it."""
    declared = msgspec.json.encode(tools).decode() if tools else ""
    head = [Piece(text, text_tokens(text)) for text in (instructions, declared) if text]
    return (*head, *(item_piece(item) for item in items))


def prompt_usage(pieces: Sequence[Piece], previous: Sequence[Piece], output: int) -> Usage:
    """Write the usage of a response, with what the previous prompt of the session left in the cache.

    Args:
        pieces: This response's prompt.
        previous: The previous response's prompt; empty for the first.
        output: Tokens of the reply.
    """
    shared = 0
    for now, before in zip(pieces, previous, strict=False):
        if now != before:
            break
        shared += now.text_tokens
    return Usage(
        text_input=sum(piece.text_tokens for piece in pieces),
        text_output=output,
        cached_text=shared // _CACHE_STEP * _CACHE_STEP,
        image_input=sum(piece.image_tokens for piece in pieces),
    )
