"""`/admin/conversations`: found, shown whole, judged, exported, erased."""

from typing import Annotated, Any, Final, Literal

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter, QueryParameter
from litestar.response import Response
from msgspec import UNSET, Meta, UnsetType

from orchestrator.api import judging
from orchestrator.api.admin.conversation_shapes import Details, NoteDetails, Status, Summary, shown_details
from orchestrator.api.admin.export import FORMATS, Format, exported
from orchestrator.api.admin.generated import source_of_test
from orchestrator.api.admission import Identity
from orchestrator.api.lives import erase, settle
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Cursor, Limit, Listing, Name, Shown, Since, Until, Words, shown
from orchestrator.api.trail import write_down
from orchestrator.store.conversations import (
    ConversationFilter,
    get_conversation,
    list_conversations,
    list_labels,
)
from orchestrator.store.details import load_details, state_at
from orchestrator.store.masking import mask_states, masked
from orchestrator.store.notes import delete_note, list_notes
from orchestrator.store.prices import load_prices

TAG: Final = ["conversations (admin)"]
REVIEWER: Final = {"role": "reviewer"}
REPLAYS: Final = {"without": False, "with": None, "only": True}

Text = Annotated[
    str | None,
    QueryParameter(
        description='Beginnings of words of one item; "in quotes" as they stand; -word: without it'
    ),
]
Slow = Annotated[
    int | None,
    QueryParameter(ge=0, le=2**31 - 1, description="A reply was longer in coming (milliseconds)"),
]
Replays = Annotated[
    Literal["without", "with", "only"],
    QueryParameter(description="Whether conversations are listed that replays made"),
]
OneAgent = Annotated[str | None, QueryParameter(description="Was on duty at some time")]
At = Annotated[int | None, QueryParameter(ge=0, le=2**63 - 1, description="Sequence number of an item")]
Number = Annotated[int, PathParameter(ge=0, le=2**63 - 1)]


class Judgement(Body):
    """What people say of a conversation; what is not named stays.

    Attributes:
        labels: All of them.
        verdict: Null takes it away.
    """

    labels: Annotated[list[Name], Meta(max_length=50, examples=[["refund", "loud"]])] | UnsetType = UNSET
    verdict: Name | None | UnsetType = UNSET


class NewNote(Body):
    """A note about a conversation, or about one item of it."""

    text: Words
    item_id: str | None = None


class States(Shown):
    """The states of a conversation, by name.

    Attributes:
        at: Sequence number of the item after which they were so; null for now.
    """

    at: int | None
    states: dict[str, Any]


class Erased(Shown):
    """That a conversation is gone, with everything that belonged to it."""

    id: str
    recordings: int


@get("/conversations", tags=TAG, summary="Find conversations")
async def find(
    services: NamedDependency[Services],
    agent: OneAgent = None,
    status: FromQuery[Status | None] = None,
    ended_by: FromQuery[str | None] = None,
    since: Since = None,
    until: Until = None,
    text: Text = None,
    has_error: FromQuery[bool | None] = None,
    tool_error: FromQuery[bool | None] = None,
    slower_than_ms: Slow = None,
    label: FromQuery[str | None] = None,
    verdict: FromQuery[str | None] = None,
    created_by: FromQuery[str | None] = None,
    replays: Replays = "without",
    after: Cursor = None,
    limit: Limit = 50,
) -> Listing[Summary]:
    """Find conversations, newest first; filters that are not given do not matter."""
    wanted = ConversationFilter(
        agent=agent,
        status=status,
        ended_by=ended_by,
        created_from=since,
        created_before=until,
        text=text,
        has_error=has_error,
        tool_error=tool_error,
        slower_than_ms=slower_than_ms,
        label=label,
        verdict=verdict,
        created_by=created_by,
        replay=REPLAYS[replays],
    )
    async with services.database.read() as connection:
        page = await list_conversations(connection, wanted, after=after, limit=limit)
    return Listing(data=[shown(row, Summary) for row in page.rows], next=page.next)


@get("/labels", tags=TAG, summary="List labels in use")
async def labels(services: NamedDependency[Services]) -> Listing[str]:
    """List every label in use, for choosing from."""
    async with services.database.read() as connection:
        return Listing(data=await list_labels(connection))


@get("/conversations/{conversation_id:str}", tags=TAG, summary="Show a conversation whole")
async def show(
    conversation_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Details:
    """Show everything that is kept of a conversation."""
    await settle(services, conversation_id)
    async with services.database.snapshot() as connection:
        details = masked(await load_details(connection, conversation_id), services.redaction_for(identity))
        return shown_details(details, await load_prices(connection))


@patch("/conversations/{conversation_id:str}", tags=TAG, summary="Label or judge", opt=REVIEWER)
async def judge(
    conversation_id: FromPath[str],
    data: JSONBody[Judgement],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> Summary:
    """Change labels and verdict."""
    wanted = None if isinstance(data.labels, UnsetType) else data.labels
    verdict = None if isinstance(data.verdict, UnsetType) else data.verdict or ""
    changed = await judging.judge(services, identity, conversation_id, labels=wanted, verdict=verdict)
    return shown(changed, Summary)


@delete("/conversations/{conversation_id:str}", status_code=200, tags=TAG, summary="Erase a conversation")
async def remove(
    conversation_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Erased:
    """Erase a conversation with everything that belongs to it; a call that is on is hung up first."""
    recordings = await erase(services, conversation_id, identity)
    return Erased(id=conversation_id, recordings=recordings)


@get("/conversations/{conversation_id:str}/state", tags=TAG, summary="Show states")
async def show_state(
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    at: At = None,
) -> States:
    """Show the states as they are, or as they were once an item had been written."""
    await settle(services, conversation_id)
    async with services.database.snapshot() as connection:
        values = await state_at(connection, conversation_id, at)
    declared = services.switchboard.definition.states
    initial: dict[str, Any] = {name: state.initial for name, state in declared.items()}
    return States(at=at, states=mask_states(initial | values, services.redaction_for(identity)))


@get(
    "/conversations/{conversation_id:str}/export",
    tags=TAG,
    summary="Take a conversation away",
    media_type="application/octet-stream",
)
async def export(
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    format: FromQuery[Format] = "json",  # noqa: A002 - the query parameter's name
) -> Response[bytes]:
    """Take a conversation away: all of it as JSON or JSON lines, or its transcript as text or captions."""
    await settle(services, conversation_id)
    async with services.database.snapshot() as connection:
        details = masked(await load_details(connection, conversation_id), services.redaction_for(identity))
        prices = await load_prices(connection)
    async with services.database.transaction() as connection:
        await write_down(connection, identity, "conversation.export", conversation_id, {"format": format})
    name = f'attachment; filename="{details.summary.id}.{format}"'
    return Response(
        exported(details, prices, format),
        media_type=FORMATS[format],
        headers={"content-disposition": name},
    )


@get(
    "/conversations/{conversation_id:str}/test",
    tags=TAG,
    summary="Make a test",
    media_type="text/x-python",
    opt={"role": "admin"},
)
async def make_test(
    conversation_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Response[str]:
    """Write a conversation as a test with a scripted engine, for developers to keep. Read it first."""
    await settle(services, conversation_id)
    async with services.database.snapshot() as connection:
        details = await load_details(connection, conversation_id)
    async with services.database.transaction() as connection:
        await write_down(connection, identity, "conversation.test", conversation_id)
    source = source_of_test(details, services.switchboard.definition, services.settings.agents)
    headers = {"content-disposition": 'attachment; filename="test_conversation.py"'}
    return Response(source, media_type="text/x-python", headers=headers)


@get("/conversations/{conversation_id:str}/notes", tags=TAG, summary="List notes")
async def show_notes(
    conversation_id: FromPath[str], services: NamedDependency[Services]
) -> Listing[NoteDetails]:
    """List what reviewers wrote, oldest first."""
    async with services.database.read() as connection:
        await get_conversation(connection, conversation_id)
        found = await list_notes(connection, conversation_id)
    return Listing(data=[shown(note, NoteDetails) for note in found])


@post(
    "/conversations/{conversation_id:str}/notes",
    status_code=201,
    tags=TAG,
    summary="Write a note",
    opt=REVIEWER,
)
async def write_note(
    conversation_id: FromPath[str],
    data: JSONBody[NewNote],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> NoteDetails:
    """Write a note about a conversation, or about one item of it."""
    note = await judging.write_note(services, identity, conversation_id, text=data.text, item_id=data.item_id)
    return shown(note, NoteDetails)


@delete(
    "/conversations/{conversation_id:str}/notes/{number:int}",
    tags=TAG,
    summary="Remove a note",
    opt=REVIEWER,
)
async def remove_note(
    conversation_id: FromPath[str],
    number: Number,
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> None:
    """Remove a note."""
    async with services.database.transaction() as connection:
        await delete_note(connection, conversation_id, number)
        await write_down(connection, identity, "note.delete", conversation_id, {"number": number})


HANDLERS: Final = (
    find,
    labels,
    show,
    judge,
    remove,
    show_state,
    export,
    make_test,
    show_notes,
    write_note,
    remove_note,
)
