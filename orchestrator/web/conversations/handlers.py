"""Handlers of the list and of filters that are kept."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Meta, Struct

from orchestrator.api.services import Services
from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.conversations import ConversationFilter, list_conversations, list_labels
from orchestrator.store.saved_filters import SavedFilter, list_filters, remove_filter, save_filter
from orchestrator.web.conversations.asked import ERRORS, OUTCOMES, asked_in, read_asked
from orchestrator.web.conversations.live import LiveNow, live
from orchestrator.web.conversations.rows import load_rows
from orchestrator.web.rendering import NO_STORE, AnyRequest, is_fragment, page, wording_of
from orchestrator.web.replays.engines import engine_names
from orchestrator.web.viewer import Viewer
from orchestrator.web.wording import Wording

PAGE_ROWS: Final = 50
REVIEWER: Final = {"role": "reviewer"}


class Saving(Struct):
    """The form that keeps a filter, or forgets it.

    Attributes:
        query: Of the address of the list.
    """

    name: Annotated[str, Meta(max_length=100)] = ""
    query: Annotated[str, Meta(max_length=4000)] = ""


@get("/conversations")
async def find(
    request: AnyRequest,
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    live_now: NamedDependency[LiveNow],
    after: FromQuery[str] = "",
) -> Response[str]:
    """List conversations, newest first; what is live comes first of all."""
    asked = read_asked(request.query_params)
    wanted = asked.filter()
    live_rows = await live_now.rows() if asked.is_empty and not after else None
    async with services.database.read() as connection:
        if asked.is_empty:
            # Those are on top already, in a table that is brought up to date.
            wanted = ConversationFilter(live=False)
        found = await list_conversations(connection, wanted, after=after or None, limit=PAGE_ROWS)
        shown: dict[str, Any] = {
            "asked": asked,
            "rows": await load_rows(connection, found.rows),
            "older": asked.address(found.next) if found.next else None,
            "newest": asked.address() if after else None,
            "engines": engine_names(services),
            "entry": services.switchboard.definition.entry,
            "live": live_rows,
        }
        if is_fragment(request):
            headers = {"hx-push-url": asked.address(after or None)}
            return page(request, "conversations/found.html", headers=headers, **shown)
        shown["labels"] = await list_labels(connection)
        shown["saved"] = await list_filters(connection, owner_of(viewer))
    word = wording_of(request)
    return page(
        request,
        "conversations/list.html",
        agent_choices=[(name, name) for name in services.switchboard.definition.agents],
        outcomes=_choices(OUTCOMES, word),
        errors=_choices(ERRORS, word),
        **shown,
    )


@post("/conversations/filters", opt=REVIEWER)
async def save(
    data: URLEncodedBody[Saving], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Redirect:
    """Keep a filter under a name."""
    name, asked = data.name.strip(), asked_in(data.query)
    if not name or not name.isprintable():
        raise InvalidRequestError("A filter needs a name to be kept under.", param="name")
    if asked.is_empty:
        raise InvalidRequestError("Choose something to filter by before keeping it.", param="query")
    async with services.database.transaction() as connection:
        await save_filter(connection, owner_of(viewer), SavedFilter(name, asked.query))
    return Redirect(asked.address(), status_code=303, headers=NO_STORE)


@post("/conversations/filters/remove", opt=REVIEWER)
async def remove(
    data: URLEncodedBody[Saving], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Redirect:
    """Forget a filter."""
    async with services.database.transaction() as connection:
        await remove_filter(connection, owner_of(viewer), data.name)
    return Redirect(asked_in(data.query).address(), status_code=303, headers=NO_STORE)


HANDLERS: Final = (find, live, save, remove)


def _choices(choices: Mapping[str, str], word: Wording) -> list[tuple[str, str]]:
    return [(value, word(words)) for value, words in choices.items()]


def owner_of(viewer: Viewer) -> str:
    """Whose filters these are: those of a key stay with it, whoever else has one of the same name."""
    return viewer.identity.key_id or viewer.identity.name
