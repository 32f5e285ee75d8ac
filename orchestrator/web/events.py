"""Streams of server-sent events (WHATWG HTML standard, section 9.2), for pages that change by themselves."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar.response import Stream

from orchestrator.web.rendering import HEADERS

ALIVE_SECONDS: Final = 15.0
"""How often a reader is told that the stream is there, and proxies that it is in use."""

STREAM_SECONDS: Final = 600.0
"""How long a stream lasts; its reader then comes again, and is let in again or not."""

RETRY_MS: Final = 1000

OPENING: Final = f"retry: {RETRY_MS}\n\n"
"""What every stream begins with: how soon a reader comes back who was cut off."""

STILL_HERE: Final = ": still here\n\n"

MEDIA_TYPE: Final = "text/event-stream"


def stream(events: AsyncIterator[str]) -> Stream:
    """Answer a request with a stream; its handler has the option `uncompressed`."""
    return Stream(events, media_type=MEDIA_TYPE, headers={**HEADERS, "x-accel-buffering": "no"})


def event(name: str, data: object, *, number: str | None = None) -> str:
    """An event whose data is JSON, and so one line."""
    told = "" if number is None else f"id: {number}\n"
    return f"{told}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


def html_event(name: str, html: str) -> str:
    """An event whose data is a part of a page, as it stands."""
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{lines}\n"
