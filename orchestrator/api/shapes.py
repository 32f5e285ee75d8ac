"""The shapes that the interfaces read and write: what is promised to clients, apart from what is stored.

Times are seconds since the Unix epoch, money is US dollars as decimal text.
"""

from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Meta

Entry = TypeVar("Entry")
Made = TypeVar("Made")

END_OF_TIME: Final = 253_402_300_799
"""The last second of the year 9999: what Postgres and calendars take."""

Moment = Annotated[float, Meta(ge=0, le=END_OF_TIME)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Words = Annotated[str, Meta(min_length=1, max_length=10_000)]

Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before")]
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="Entries at most")]
Since = Annotated[float | None, QueryParameter(ge=0, le=END_OF_TIME, description="From then on (seconds)")]
Until = Annotated[float | None, QueryParameter(ge=0, le=END_OF_TIME, description="Before then (seconds)")]


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of what clients send: a field that is not known is refused, so that a slip of the pen is told."""


class Shown(msgspec.Struct, kw_only=True):
    """Base of what clients are shown."""


class Listing(Shown, Generic[Entry]):
    """Part of a list.

    Attributes:
        data: In the order of the list.
        next: Give it as `after` for the page that follows; null where this is the last.
    """

    data: list[Entry]
    next: str | None = None


def shown(value: object, shape: type[Made]) -> Made:
    """Make a shape of an object whose attributes have the same names."""
    return msgspec.convert(value, shape, from_attributes=True)


def plain(value: object) -> Any:
    """JSON data of an object: dataclasses as mappings, decimals as text."""
    return msgspec.to_builtins(value)
