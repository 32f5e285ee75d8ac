"""`/admin/replays`: stored conversations lived again with today's agents, beside what they were."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter
from litestar.response import Response
from msgspec import UnsetType

from orchestrator.api.admin.replay_shapes import (
    NewReplay,
    ReplayDetails,
    ReplaySummary,
    SideBySide,
    shown_case,
    shown_comparison,
    shown_run,
)
from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.shapes import Cursor, Limit, Listing, plain
from orchestrator.api.trail import write_down
from orchestrator.call.replays import side_by_side
from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.conversations import list_conversations
from orchestrator.store.replays import CaseOutcome, get_case, get_replay, list_cases, list_replays

TAG: Final = ["replays"]

Number = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]


@post("/replays", status_code=202, tags=TAG, summary="Replay conversations")
async def begin(
    data: JSONBody[NewReplay], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Response[ReplaySummary]:
    """Live stored conversations again, in the background. No orders are placed; see the how-to."""
    run = await services.replays.begin(
        await _chosen(data, services),
        author=identity.name,
        engine=data.engine,
        agents=plain(data.agents),
        concurrency=data.concurrency,
        note=data.note,
    )
    detail: dict[str, Any] = {"conversations": run.total, "engine": run.engine, "agents": list(run.agents)}
    async with services.database.transaction() as connection:
        await write_down(connection, identity, "replay.begin", run.id, detail)
    return Response(shown_run(run), status_code=202, headers={"location": f"/admin/replays/{run.id}"})


async def _chosen(data: NewReplay, services: Services) -> list[str]:
    by_id, by_filter = data.conversations, data.filter
    if isinstance(by_id, UnsetType) == isinstance(by_filter, UnsetType):
        raise InvalidRequestError("Give either `conversations` or `filter`.", param="conversations")
    if not isinstance(by_id, UnsetType):
        return by_id
    if isinstance(by_filter, UnsetType):  # pragma: no cover - refused above; for the type checker
        return []
    async with services.database.read() as connection:
        page = await list_conversations(connection, by_filter.chosen(), limit=by_filter.limit)
    return [summary.id for summary in page.rows]


@get("/replays", tags=TAG, summary="List replays")
async def show_all(
    services: NamedDependency[Services], after: Cursor = None, limit: Limit = 50
) -> Listing[ReplaySummary]:
    """List replays, newest first, with how far each has come."""
    async with services.database.read() as connection:
        page = await list_replays(connection, after=after, limit=limit)
    return Listing(data=[shown_run(run) for run in page.rows], next=page.next)


@get("/replays/{replay_id:str}", tags=TAG, summary="Show a replay")
async def show(
    replay_id: FromPath[str],
    services: NamedDependency[Services],
    outcome: FromQuery[CaseOutcome | None] = None,
    after: Cursor = None,
    limit: Limit = 50,
) -> ReplayDetails:
    """Show how far a replay has come, and what came of its conversations, a page of them."""
    async with services.database.snapshot() as connection:
        run = await get_replay(connection, replay_id)
        page = await list_cases(connection, replay_id, outcome=outcome, after=after, limit=limit)
    return ReplayDetails(
        replay=shown_run(run), cases=[shown_case(each) for each in page.rows], next=page.next
    )


@get("/replays/{replay_id:str}/cases/{number:int}", tags=TAG, summary="Show side by side")
async def show_side_by_side(
    replay_id: FromPath[str],
    number: Number,
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> SideBySide:
    """Show a conversation and its replay turn by turn."""
    async with services.database.read() as connection:
        case = await get_case(connection, replay_id, number)
    definition, redaction = services.switchboard.definition, services.redaction_for(identity)
    found = await side_by_side(services.database, case, definition, redaction)
    return shown_comparison(case, found)


@post("/replays/{replay_id:str}/cancel", status_code=202, tags=TAG, summary="Cancel a replay")
async def cancel(
    replay_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> ReplaySummary:
    """Have a replay end where it stands; one that is over stays as it is."""
    run = await services.replays.cancel(replay_id)
    async with services.database.transaction() as connection:
        await write_down(connection, identity, "replay.cancel", replay_id)
    return shown_run(run)


HANDLERS: Final = (begin, show_all, show, show_side_by_side, cancel)
