"""Fits a conversation into a model's context (Realtime protocol, sections 3 and 9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.tokens import item_piece


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a conversation a prompt may hold.

    Args:
        limit: Tokens that the items may have together.
        keep: Tokens to cut down to once the limit is passed.
        may_drop: Whether old items may be dropped at all.
    """

    limit: int
    keep: int
    may_drop: bool = True


def window_of(truncation: JsonValue, available: int) -> Window:
    """Read the session's `truncation`.

    Args:
        truncation: `"auto"`, `"disabled"` or a retention ratio, already checked.
        available: Tokens that are left for items after instructions, tools and the reply.
    """
    if truncation == "disabled":
        return Window(available, available, may_drop=False)
    if not isinstance(truncation, dict):
        return Window(available, available)
    limits = truncation.get("token_limits")
    asked = limits.get("post_instructions") if isinstance(limits, dict) else None
    limit = min(available, asked) if isinstance(asked, int) else available
    ratio = truncation["retention_ratio"]
    return Window(limit, int(limit * ratio) if isinstance(ratio, (int, float)) else limit)


def fit(items: Sequence[JsonObject], window: Window) -> tuple[JsonObject, ...] | None:
    """Drop the oldest items until the rest fits; the newest item always stays.

    Returns:
        The items to put into the prompt, or None when they do not fit and none may be dropped.
    """
    sizes = [piece.text_tokens + piece.image_tokens for piece in map(item_piece, items)]
    total = sum(sizes)
    if total <= window.limit:
        return tuple(items)
    if not window.may_drop:
        return None
    start = 0
    while start < len(items) - 1 and total > window.keep:
        total -= sizes[start]
        start += 1
    return tuple(items[start:])
