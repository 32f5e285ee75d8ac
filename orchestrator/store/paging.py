"""Pages of lists by key: a cursor names the last row seen, so that new rows shift nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

import msgspec

from orchestrator.core.errors import InvalidRequestError

MOST: Final = 1000
"""Rows of one page at most."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST: Final = 2**63 - 1

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Part of a list.

    Attributes:
        rows: In the order of the list.
        next: Cursor of the page after this one, None where this is the last.
    """

    rows: tuple[Row, ...]
    next: str | None = None


def page_of(rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[int | str, ...]]) -> Page[Row]:
    """Make a page of rows, of which one more than `limit` was asked for.

    Args:
        rows: What was found.
        limit: Of the page.
        key: What a row is sorted by.
    """
    kept = tuple(rows[:limit])
    return Page(kept, encode_cursor(*key(kept[-1])) if len(rows) > limit else None)


def checked_limit(limit: int) -> int:
    """The limit of a page.

    Raises:
        InvalidRequestError: It is not between 1 and `MOST`.
    """
    if not 1 <= limit <= MOST:
        raise InvalidRequestError(f"limit is {limit}. Ask for 1 to {MOST}.", param="limit")
    return limit


def encode_cursor(*key: int | str) -> str:
    """Write the key of a row as a word that fits a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type[int] | type[str]) -> list[int | str]:
    """Read a cursor of this list.

    Args:
        cursor: As a page gave it.
        kinds: Types of the parts of its key.

    Raises:
        InvalidRequestError: It is of another list, or of none.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = msgspec.json.decode(
            base64.b64decode(padded, altchars=b"-_", validate=True), type=list[int | str]
        )
    except (ValueError, binascii.Error, msgspec.DecodeError):
        key = []
    if [type(part) for part in key] != list(kinds) or not all(_is_storable(part) for part in key):
        raise InvalidRequestError(
            "The cursor is not one of this list. Take it from the page before, unchanged.", param="after"
        )
    return key


def moment(microseconds: int) -> datetime:
    """A moment of a cursor.

    Raises:
        InvalidRequestError: No calendar reaches that far.
    """
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise InvalidRequestError("The cursor is not one of this list.", param="after") from None


def microseconds(seconds: float) -> int:
    """A time of a row, exact to the microsecond in which it is kept."""
    return round(seconds * 1_000_000)


def _is_storable(part: int | str) -> bool:
    return "\0" not in part if isinstance(part, str) else -LARGEST <= part <= LARGEST
