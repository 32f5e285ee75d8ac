"""`/conversations/{id}/live`: the page of a call in progress, kept up to date by server-sent events.

Readers are told of a change once it is stored: by the writer where the call is on this node, else by
looking again every second. Of a call on this node they are also told the words of a row as they come, until
the stored row takes their place. A reader whose connection failed says what it has (`Last-Event-ID`, as the
WHATWG HTML standard has it in section 9.2) and is told the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

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
from orchestrator.web.events import (
    ALIVE_SECONDS,
    MEDIA_TYPE,
    OPENING,
    STILL_HERE,
    STREAM_SECONDS,
    event,
    stream,
)
from orchestrator.web.rendering import TEMPLATES, AnyRequest, readers_language
from orchestrator.web.review.rows import Row
from orchestrator.web.review.view import ReviewView
from orchestrator.web.viewer import Viewer
from orchestrator.web.wording import ENGLISH

ELSEWHERE_SECONDS: Final = 1.0
"""How often a call on another node is looked at."""

GATHER_SECONDS: Final = 0.1
"""What changes within so short a time is told at once."""

AFTERMATH_SECONDS: Final = 6.0
"""How long a call that ended on another node may still bring late transcripts."""


@get(
    "/conversations/{conversation_id:str}/live",
    opt={"uncompressed": True},
    media_type=MEDIA_TYPE,
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
    language = readers_language(request)
    return stream(Follower(services, feeds, viewer.identity, conversation_id, cursor, language).events())


class Follower:
    """Tells one reader of one conversation.

    Args:
        services: Of this node.
        feeds: Of this node.
        identity: Who it is.
        conversation_id: Which conversation.
        cursor: What the reader has.
        language: In which the reader reads: of the same changes each is told in their own.
    """

    def __init__(
        self,
        services: Services,
        feeds: Feeds,
        identity: Identity,
        conversation_id: str,
        cursor: str,
        language: str = ENGLISH,
    ) -> None:
        self._services = services
        self._feeds = feeds
        self._identity = identity
        self._id = conversation_id
        self._cursor = cursor
        self._language = language
        self._news = asyncio.Event()
        self._changed = False
        self._said: dict[str, str] = {}
        self._shown: frozenset[str] = frozenset()

    async def events(self) -> AsyncIterator[str]:
        """Everything that the reader lacks, as it comes, until the call is over."""
        loop = asyncio.get_running_loop()
        end, over = loop.time() + STREAM_SECONDS, None
        was_here = False
        yield OPENING
        while loop.time() < end:
            live = self._services.switchboard.conversations.get(self._id)
            was_here = was_here or live is not None
            with self._listening(live):
                told = await self._look()
                for text in told.events:
                    yield text
                self._said.clear()
                if live is None and not told.live:
                    over = over or loop.time()
                    if was_here or loop.time() - over >= AFTERMATH_SECONDS:
                        yield event("ended", told.status)
                        return
                async for text in self._until_news(live):
                    yield text
            yield STILL_HERE

    @contextmanager
    def _listening(self, live: LiveConversation | None) -> Iterator[None]:
        """Hear of what the call stores, and of what is said in it, from now on."""
        self._news.clear()
        self._changed = False
        with ExitStack() as stack:
            if live is not None:
                stack.callback(live.writer.listen(self._stored))
                stack.callback(live.line.words.watch(self._news.set))
            yield

    def _stored(self) -> None:
        self._changed = True
        self._news.set()

    async def _look(self) -> "_Told":
        try:
            view = (await load_view(self._services, self._identity, self._id, up_to_date=False)).view
        except StoreUnavailableError:
            return _Told([], "", live=True)
        except NotFoundError:
            return _Told([], "erased", live=False)
        feed = self._feeds.feed(self._id, self._identity.role)
        pieces = list(pieces_of(view))
        feed.update(pieces)
        self._shown = frozenset(piece.key for piece in pieces)
        events = [_written(change, view, self._language) for change in feed.since(self._cursor)]
        if events:
            self._cursor = feed.cursor
            # The number comes last: whoever is cut off before it is told all of these again.
            events.append(event("told", self._cursor, number=self._cursor))
        return _Told(events, view.facts.status, live=view.live)

    async def _until_news(self, live: LiveConversation | None) -> AsyncIterator[str]:
        """Wait until something is stored, of a call elsewhere a moment; tell the words that come meanwhile.

        It is never longer than readers wait for a sign.
        """
        if live is None:
            await asyncio.sleep(ELSEWHERE_SECONDS)
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + ALIVE_SECONDS
        while loop.time() < end and self._services.switchboard.conversations.get(self._id) is live:
            for text in self._words(live):
                yield text
            with suppress(TimeoutError):
                async with asyncio.timeout(ELSEWHERE_SECONDS):
                    await self._news.wait()
                await asyncio.sleep(GATHER_SECONDS)
            if self._changed:
                return
            self._news.clear()

    def _words(self, live: LiveConversation) -> Iterator[str]:
        """What is said just now, as far as it is new, in rows that the reader has.

        A row is stored milliseconds after its first words. Where words are redacted they are stored before.
        """
        if self._services.database.redaction.does_anything:
            return
        for item_id, text in live.line.words.so_far().items():
            key = f"item-{item_id}"
            if key in self._shown and self._said.get(item_id) != text:
                self._said[item_id] = text
                yield event("words", {"key": key, "text": text})


@dataclass(frozen=True, slots=True)
class _Told:
    """What one look at a conversation found."""

    events: list[str]
    status: str
    live: bool


def _written(change: Change, view: ReviewView, language: str) -> str:
    """A change as an event: the piece as the page has it, and where it belongs."""
    if change.piece is None:
        return event("gone", {"key": change.key})
    if isinstance(change.piece.content, Row):
        html = row_html(change.piece.content, language)
        return event("row", {"key": change.key, "after": change.piece.after, "html": html})
    template = TEMPLATES[language].get_template(f"review/{change.key}.html")
    html = template.render(part_context(view, view.clock.length_ms))
    return event("part", {"key": change.key, "length": view.clock.length_ms, "html": html})


HANDLERS: Final = (follow,)
