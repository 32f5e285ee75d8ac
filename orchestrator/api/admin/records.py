"""`/admin/records`: the orders, reservations and messages that tools left behind."""

from typing import Annotated, Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from orchestrator.api.services import Services
from orchestrator.api.shapes import Cursor, Limit, Listing, Shown, shown
from orchestrator.store.kept_records import get_record, list_records

TAG: Final = ["records"]

OneKind = Annotated[str | None, QueryParameter(description="Only these, such as `order`")]
OneConversation = Annotated[str | None, QueryParameter(description="Only this conversation's")]
Number = Annotated[int, PathParameter(ge=0, le=2**63 - 1)]


class Record(Shown):
    """A row that a tool left behind."""

    number: int
    kind: Annotated[str, Meta(examples=["order"])]
    conversation_id: str
    tool_call_id: str
    data: dict[str, Any]
    created_at: float


@get("/records", tags=TAG, summary="List records")
async def show_records(
    services: NamedDependency[Services],
    kind: OneKind = None,
    conversation: OneConversation = None,
    after: Cursor = None,
    limit: Limit = 50,
) -> Listing[Record]:
    """List what tools left behind, newest first."""
    async with services.database.read() as connection:
        page = await list_records(
            connection, kind=kind, conversation_id=conversation, after=after, limit=limit
        )
    return Listing(data=[shown(record, Record) for record in page.rows], next=page.next)


@get("/records/{number:int}", tags=TAG, summary="Show a record")
async def show_record(number: Number, services: NamedDependency[Services]) -> Record:
    """Show one record."""
    async with services.database.read() as connection:
        return shown(await get_record(connection, number), Record)


HANDLERS: Final = (show_records, show_record)
