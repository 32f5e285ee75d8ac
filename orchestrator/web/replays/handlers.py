"""`/replays`: stored conversations lived again, how far that has come, and each beside its original."""

from dataclasses import replace
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, PathParameter, URLEncodedBody
from litestar.response import Redirect, Response
from msgspec import Meta, Struct

from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.call.replays import side_by_side
from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.conversations import list_conversations
from orchestrator.store.replays import get_case, get_replay, list_cases, list_replays
from orchestrator.web.conversations.asked import asked_in
from orchestrator.web.rendering import NO_STORE, AnyRequest, page
from orchestrator.web.replays.wording import line, step_words
from orchestrator.web.viewer import Viewer

ROWS: Final = 50
MOST_AT_ONCE: Final = 100
"""Conversations that a page replays together; there is no such bound over REST and on the command line."""
ADMIN: Final = {"role": "admin"}
Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]


class Asked(Struct):
    """The form that begins a replay.

    Attributes:
        conversation: One; empty for those that a filter finds.
        query: Such a filter, as it stands in the address of the list.
        engine: A name that is set up here; empty for the agents' own.
    """

    conversation: Annotated[str, Meta(max_length=200)] = ""
    query: Annotated[str, Meta(max_length=4000)] = ""
    engine: Annotated[str, Meta(max_length=100)] = ""


@get("/replays")
async def show_all(
    request: AnyRequest, services: NamedDependency[Services], after: FromQuery[str] = ""
) -> Response[str]:
    """List replays, newest first."""
    async with services.database.read() as connection:
        found = await list_replays(connection, after=after or None, limit=ROWS)
    return page(request, "replays/list.html", runs=found.rows, older=found.next)


@post("/replays", opt=ADMIN)
async def begin(
    data: URLEncodedBody[Asked], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Redirect:
    """Replay one conversation, or the newest that a filter finds."""
    run = await services.replays.begin(
        await _chosen(services, data), author=viewer.identity.name, engine=data.engine or None
    )
    async with services.database.transaction() as connection:
        detail: dict[str, Any] = {"conversations": run.total, "engine": run.engine}
        await write_down(connection, viewer.identity, "replay.begin", run.id, detail)
    return Redirect(f"/replays/{run.id}", status_code=303, headers=NO_STORE)


async def _chosen(services: Services, data: Asked) -> list[str]:
    if data.conversation:
        return [data.conversation]
    wanted = asked_in(data.query).filter()
    async with services.database.read() as connection:
        found = await list_conversations(connection, replace(wanted, live=False), limit=MOST_AT_ONCE)
    if not found.rows:
        raise InvalidRequestError("This filter finds no conversation to replay.", param="query")
    return [summary.id for summary in found.rows]


@get("/replays/{replay_id:str}")
async def show(
    request: AnyRequest,
    replay_id: FromPath[str],
    services: NamedDependency[Services],
    after: FromQuery[str] = "",
) -> Response[str]:
    """Show how far a replay has come, and what came of its conversations."""
    async with services.database.snapshot() as connection:
        run = await get_replay(connection, replay_id)
        found = await list_cases(connection, replay_id, after=after or None, limit=ROWS)
    template = "replays/progress.html" if "hx-request" in request.headers else "replays/replay.html"
    return page(request, template, run=run, cases=found.rows, more=found.next)


@get("/replays/{replay_id:str}/{number:int}")
async def show_case(
    request: AnyRequest,
    replay_id: FromPath[str],
    number: Number,
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[str]:
    """Show a conversation and its replay side by side."""
    async with services.database.read() as connection:
        case = await get_case(connection, replay_id, number)
    definition, redaction = services.switchboard.definition, services.redaction_for(viewer.identity)
    found = await side_by_side(services.database, case, definition, redaction)
    return page(
        request, "replays/case.html", case=case, compared=found, step_words=step_words, difference=line
    )


@post("/replays/{replay_id:str}/cancel", opt=ADMIN)
async def cancel(
    replay_id: FromPath[str], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Redirect:
    """Have a replay end where it stands."""
    await services.replays.cancel(replay_id)
    async with services.database.transaction() as connection:
        await write_down(connection, viewer.identity, "replay.cancel", replay_id)
    return Redirect(f"/replays/{replay_id}", status_code=303, headers=NO_STORE)


HANDLERS: Final = (show_all, begin, show, show_case, cancel)
