"""`/conversations/{id}`: the page itself, what happened behind it, its rows, and files to take away."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response

from orchestrator.api.admin.conversation_shapes import shown_details
from orchestrator.api.admin.export import FORMATS, Format, exported
from orchestrator.api.admin.generated import source_of_test
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.store.details import ConversationDetails
from orchestrator.store.pricing import PriceList
from orchestrator.web.conversation.context import EXPORTS, part_context, playhead
from orchestrator.web.conversation.feeds import Feeds
from orchestrator.web.conversation.listening import may_listen
from orchestrator.web.conversation.loading import Loaded, load_view
from orchestrator.web.conversation.recordings import may_hear, shown_recordings
from orchestrator.web.rendering import NO_STORE, AnyRequest, is_fragment, page, wording_of
from orchestrator.web.replays.engines import engine_names
from orchestrator.web.review.happenings import happenings_of
from orchestrator.web.viewer import Viewer

ADMIN: Final = {"role": "admin"}

NOT_FOR_REVIEWERS: Final = "Sound is not for reviewers here."
NOT_RECORDED: Final = "No recording: the clock runs without sound."

Seconds = Annotated[
    float | None, QueryParameter(ge=0, le=10**9, description="Where the playhead is, in seconds of the call")
]


@get("/conversations/{conversation_id:str}")
async def show(
    request: AnyRequest,
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    feeds: NamedDependency[Feeds],
    t: Seconds = None,
    note: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show a conversation, live or stored."""
    loaded = await load_view(services, viewer.identity, conversation_id)
    view = loaded.view
    cursor = feeds.observe(conversation_id, viewer.role, view) if view.live else ""
    # In a thread, as the view is made in one: calls on this node must not wait for a page.
    return await asyncio.to_thread(
        page,
        request,
        "review/page.html",
        **part_context(view, playhead(view.clock, t)),
        cursor=cursor,
        exports=EXPORTS,
        about=note or "",
        saved=False,
        **_sound(services, viewer, loaded),
        **_acting(services, viewer, conversation_id, view.facts.agents),
    )


def _sound(services: Services, viewer: Viewer, loaded: Loaded) -> dict[str, Any]:
    found = shown_recordings(loaded.details, loaded.view.clock)
    heard = found if may_hear(services, viewer) else ()
    return {"recordings": heard, "silence": NOT_FOR_REVIEWERS if found and not heard else NOT_RECORDED}


def _acting(
    services: Services, viewer: Viewer, conversation_id: str, agents: tuple[str, ...]
) -> dict[str, Any]:
    """What operators may choose from, where the call is on this node."""
    live = services.switchboard.conversations.get(conversation_id)
    on_duty = live.machine.agent if live is not None else (agents[-1] if agents else "")
    known = services.switchboard.definition.agents
    return {
        "here": live is not None and live.open,
        "listening": may_listen(services, viewer),
        "engines": engine_names(services),
        "choices": [name for name, spec in known.items() if spec.enabled and name != on_duty],
    }


@get("/conversations/{conversation_id:str}/events")
async def events(
    request: AnyRequest,
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Show what happened behind a conversation: many lines, which most readers never look at."""
    loaded = await load_view(services, viewer.identity, conversation_id)
    template = "review/happenings.html" if is_fragment(request) else "review/events.html"
    happenings = happenings_of(loaded.details, loaded.view.clock, wording_of(request))
    return page(request, template, id=conversation_id, happenings=happenings)


@get("/conversations/{conversation_id:str}/raw", opt=ADMIN)
async def raw(
    request: AnyRequest,
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[Any]:
    """Show what is stored, row by row, to administrators."""
    loaded = await load_view(services, viewer.identity, conversation_id)
    template = "review/raw_rows.html" if is_fragment(request) else "review/raw.html"
    return page(request, template, id=conversation_id, tables=_tables(loaded.details, loaded.prices))


def _tables(details: ConversationDetails, prices: PriceList) -> Iterable[tuple[str, list[str]]]:
    whole = msgspec.to_builtins(shown_details(details, prices))
    for name, rows in whole.items():
        listed = rows if isinstance(rows, list) else [rows]
        yield name, [msgspec.json.encode(row).decode() for row in listed]


@get("/conversations/{conversation_id:str}/export")
async def export(
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    format: FromQuery[Format] = "json",  # noqa: A002 - the query parameter's name
) -> Response[bytes]:
    """Take a conversation away; it is written down who did."""
    loaded = await load_view(services, viewer.identity, conversation_id)
    async with services.database.transaction() as connection:
        detail = {"format": format}
        await write_down(connection, viewer.identity, "conversation.export", conversation_id, detail)
    name = f'attachment; filename="{loaded.details.summary.id}.{format}"'
    return Response(
        exported(loaded.details, loaded.prices, format),
        media_type=FORMATS[format],
        headers={"content-disposition": name, **NO_STORE},
    )


@get("/conversations/{conversation_id:str}/test", opt=ADMIN)
async def make_test(
    conversation_id: FromPath[str], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Response[str]:
    """Write a conversation as a test with a scripted engine, for developers to keep."""
    loaded = await load_view(services, viewer.identity, conversation_id)
    async with services.database.transaction() as connection:
        await write_down(connection, viewer.identity, "conversation.test", conversation_id)
    source = source_of_test(loaded.details, services.switchboard.definition, services.settings.agents)
    name = 'attachment; filename="test_conversation.py"'
    return Response(source, media_type="text/x-python", headers={"content-disposition": name, **NO_STORE})


HANDLERS: Final = (show, events, raw, export, make_test)
