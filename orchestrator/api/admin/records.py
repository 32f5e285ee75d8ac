"""`/admin/records`: the orders, reservations and messages that tools left behind."""

from typing import Annotated, Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.shapes import Cursor, Limit, Listing, Shown, shown
from orchestrator.store.kept_records import get_record, list_records
from orchestrator.store.masking import mask_record

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
    identity: NamedDependency[Identity],
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
    redaction = services.redaction_for(identity)
    return Listing(data=[shown(mask_record(row, redaction), Record) for row in page.rows], next=page.next)


@get("/records/{number:int}", tags=TAG, summary="Show a record")
async def show_record(
    number: Number, services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Record:
    """Show one record."""
    async with services.database.read() as connection:
        found = await get_record(connection, number)
    return shown(mask_record(found, services.redaction_for(identity)), Record)


HANDLERS: Final = (show_records, show_record)
