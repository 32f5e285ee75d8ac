"""`/conversations/live`: what is live now, on top of the list, kept up to date by server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Stream

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store.conversations import ConversationFilter, list_conversations
from orchestrator.store.database import Database
from orchestrator.web.conversations.rows import Row, load_rows
from orchestrator.web.events import (
    ALIVE_SECONDS,
    MEDIA_TYPE,
    OPENING,
    STILL_HERE,
    STREAM_SECONDS,
    html_event,
    stream,
)
from orchestrator.web.rendering import TEMPLATES, AnyRequest, readers_language
from orchestrator.web.wording import ENGLISH

LIVE_ROWS: Final = 50
LOOK_SECONDS: Final = 1.0
"""How often is looked: calls of other nodes are among them, of which this one hears nothing."""


class LiveNow:
    """What is live now, looked up once for everybody who asks at about the same time.

    Args:
        database: Where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looking = asyncio.Lock()
        self._rows: list[Row] = []
        self._looked: float | None = None

    async def rows(self) -> list[Row]:
        """The conversations that are live, newest first, as they were a second ago at most.

        Raises:
            StoreUnavailableError: They cannot be looked up now.
        """
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if self._looked is None or now - self._looked >= LOOK_SECONDS:
                async with self._database.read() as connection:
                    wanted = ConversationFilter(status="live")
                    found = await list_conversations(connection, wanted, limit=LIVE_ROWS)
                    self._rows = await load_rows(connection, found.rows)
                self._looked = now
            return self._rows


@get("/conversations/live", opt={"uncompressed": True}, media_type=MEDIA_TYPE)
async def live(request: AnyRequest, live_now: NamedDependency[LiveNow]) -> Stream:
    """Tell what is live: at once, and again whenever it changes."""
    return stream(_events(live_now, readers_language(request)))


async def _events(live_now: LiveNow, language: str) -> AsyncIterator[str]:
    """The part of the page whole, every time: whoever comes again needs no more than the next."""
    loop = asyncio.get_running_loop()
    end, told, told_at = loop.time() + STREAM_SECONDS, "", loop.time()
    yield OPENING
    while loop.time() < end:
        try:
            html = shown(await live_now.rows(), language)
        except StoreUnavailableError:
            html = told  # what was told last stays until the database is back
        if html != told:
            told, told_at = html, loop.time()
            yield html_event("live", html)
        elif loop.time() - told_at >= ALIVE_SECONDS:
            told_at = loop.time()
            yield STILL_HERE
        await asyncio.sleep(LOOK_SECONDS)


def shown(rows: list[Row], language: str = ENGLISH) -> str:
    """What the list has on top, in a language."""
    return TEMPLATES[language].get_template("conversations/live_rows.html").render(live=rows)
