"""`/conversations/{id}/live`: the page of a call in progress, kept up to date by server-sent events.

Readers are told of a change once it is stored: by the writer where the call is on this node, else by
looking again every second. A reader whose connection failed says what it has (`Last-Event-ID`, as the WHATWG
HTML standard has it in section 9.2) and is told the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.call.live import LiveConversation
from orchestrator.core.errors import NotFoundError, StoreUnavailableError
from orchestrator.web.conversation.context import part_context, row_html
from orchestrator.web.conversation.feed import Change
from orchestrator.web.conversation.feeds import Feeds, pieces_of
from orchestrator.web.conversation.loading import load_view
from orchestrator.web.rendering import HEADERS, TEMPLATES, AnyRequest
from orchestrator.web.review.rows import Row
from orchestrator.web.review.view import ReviewView
from orchestrator.web.viewer import Viewer

ELSEWHERE_SECONDS: Final = 1.0
"""How often a call on another node is looked at."""

GATHER_SECONDS: Final = 0.1
"""What changes within so short a time is told at once."""

ALIVE_SECONDS: Final = 15.0
"""How often a reader is told that the stream is there, and proxies that it is in use."""

AFTERMATH_SECONDS: Final = 6.0
"""How long a call that ended on another node may still bring late transcripts."""

STREAM_SECONDS: Final = 600.0
"""How long a stream lasts; its reader then comes again, and is let in again or not."""

RETRY_MS: Final = 1000


@get(
    "/conversations/{conversation_id:str}/live",
    opt={"uncompressed": True},
    media_type="text/event-stream",
)
async def follow(
    request: AnyRequest,
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    feeds: NamedDependency[Feeds],
    viewer: NamedDependency[Viewer],
    after: FromQuery[str] = "",
) -> Stream:
    """Tell what changes of a live conversation.

    Raises:
        NotFoundError: There is no such conversation.
    """
    await load_view(services, viewer.identity, conversation_id, up_to_date=False)
    cursor = request.headers.get("last-event-id") or after
    told = Follower(services, feeds, viewer.identity, conversation_id, cursor).events()
    return Stream(told, media_type="text/event-stream", headers={**HEADERS, "x-accel-buffering": "no"})


class Follower:
    """Tells one reader of one conversation.

    Args:
        services: Of this node.
        feeds: Of this node.
        identity: Who it is.
        conversation_id: Which conversation.
        cursor: What the reader has.
    """

    def __init__(
        self, services: Services, feeds: Feeds, identity: Identity, conversation_id: str, cursor: str
    ) -> None:
        self._services = services
        self._feeds = feeds
        self._identity = identity
        self._id = conversation_id
        self._cursor = cursor
        self._news = asyncio.Event()

    async def events(self) -> AsyncIterator[str]:
        """Everything that the reader lacks, as it comes, until the call is over."""
        loop = asyncio.get_running_loop()
        end, over = loop.time() + STREAM_SECONDS, None
        was_here = False
        yield f"retry: {RETRY_MS}\n\n"
        while loop.time() < end:
            live = self._services.switchboard.conversations.get(self._id)
            was_here = was_here or live is not None
            with self._listening(live):
                told = await self._look()
                for text in told.events:
                    yield text
                if live is None and not told.live:
                    over = over or loop.time()
                    if was_here or loop.time() - over >= AFTERMATH_SECONDS:
                        yield event("ended", told.status)
                        return
                await self._wait(live)
            yield ": still here\n\n"

    @contextmanager
    def _listening(self, live: LiveConversation | None) -> Iterator[None]:
        """Hear of what the call stores from now on."""
        self._news.clear()
        stop = live.writer.listen(self._news.set) if live is not None else None
        try:
            yield
        finally:
            if stop is not None:
                stop()

    async def _look(self) -> "_Told":
        try:
            view = (await load_view(self._services, self._identity, self._id, up_to_date=False)).view
        except StoreUnavailableError:
            return _Told([], "", live=True)
        except NotFoundError:
            return _Told([], "erased", live=False)
        feed = self._feeds.feed(self._id, self._identity.role)
        feed.update(list(pieces_of(view)))
        events = [_written(change, view) for change in feed.since(self._cursor)]
        if events:
            self._cursor = feed.cursor
            # The number comes last: whoever is cut off before it is told all of these again.
            events.append(event("told", self._cursor, number=self._cursor))
        return _Told(events, view.facts.status, live=view.live)

    async def _wait(self, live: LiveConversation | None) -> None:
        """Wait for news, of a call elsewhere for a moment, and never longer than readers wait for a sign."""
        if live is None:
            await asyncio.sleep(ELSEWHERE_SECONDS)
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + ALIVE_SECONDS
        while loop.time() < end and self._services.switchboard.conversations.get(self._id) is live:
            with suppress(TimeoutError):
                async with asyncio.timeout(ELSEWHERE_SECONDS):
                    await self._news.wait()
                await asyncio.sleep(GATHER_SECONDS)
                return


@dataclass(frozen=True, slots=True)
class _Told:
    """What one look at a conversation found."""

    events: list[str]
    status: str
    live: bool


def _written(change: Change, view: ReviewView) -> str:
    """A change as an event: the piece as the page has it, and where it belongs."""
    if change.piece is None:
        return event("gone", {"key": change.key})
    if isinstance(change.piece.content, Row):
        html = row_html(change.piece.content)
        return event("row", {"key": change.key, "after": change.piece.after, "html": html})
    template = TEMPLATES.get_template(f"review/{change.key}.html")
    html = template.render(part_context(view, view.clock.length_ms))
    return event("part", {"key": change.key, "length": view.clock.length_ms, "html": html})


def event(name: str, data: object, *, number: str | None = None) -> str:
    """An event of the stream; its data is JSON, and so one line."""
    told = "" if number is None else f"id: {number}\n"
    return f"{told}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


HANDLERS: Final = (follow,)
