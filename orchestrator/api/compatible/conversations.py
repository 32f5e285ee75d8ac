"""`/v1/conversations`: OpenAI's Conversations API on the conversations that agents hold."""

import time
from typing import Annotated, Any, Final, Literal

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.compatible.item_shapes import read_items, shown_item
from orchestrator.api.lives import (
    add_items,
    erase,
    own_conversation,
    remove_item,
    settle,
    stored_item,
)
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Shown
from orchestrator.call.live import new_id
from orchestrator.core.errors import NotFoundError
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.store.conversations import ConversationSummary, change_conversation, get_conversation
from orchestrator.store.history import create_conversation
from orchestrator.store.items import get_item, insert_items, list_items

TAG: Final = ["conversations"]
MESSAGE: Final = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "A small margherita, please."}],
}

Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]],
    Meta(max_length=16, examples=[{"table": "12"}]),
]
Items = Annotated[list[dict[str, Any]], Meta(max_length=20, examples=[[MESSAGE]])]
Order = Annotated[Literal["asc", "desc"], QueryParameter(description="Oldest or newest first")]
After = Annotated[str | None, QueryParameter(description="Id of the item before the page")]
Most = Annotated[int, QueryParameter(ge=1, le=100, description="Items at most")]


class NewConversation(Body):
    """What a conversation begins with.

    Attributes:
        items: Messages, function calls and their outputs, as the API's input items are.
    """

    items: Items | None = None
    metadata: Metadata | None = None


class ChangedConversation(Body):
    """The whole metadata, which takes the place of the old."""

    metadata: Metadata | None


class NewItems(Body):
    """Items to be added at the end."""

    items: Items


class ConversationObject(Shown):
    """A conversation, as the API shows it."""

    id: Annotated[str, Meta(examples=["conv_0123456789abcdef01234567"])]
    created_at: int
    metadata: dict[str, Any]
    object: Literal["conversation"] = "conversation"


class DeletedConversation(Shown):
    """That a conversation is gone."""

    id: str
    deleted: bool = True
    object: Literal["conversation.deleted"] = "conversation.deleted"


class ItemList(Shown):
    """A page of items.

    Attributes:
        last_id: Give it as `after` for the page that follows.
    """

    data: list[dict[str, Any]]
    first_id: str | None
    last_id: str | None
    has_more: bool
    object: Literal["list"] = "list"


@post("/conversations", status_code=200, tags=TAG, summary="Begin a conversation")
async def begin(
    data: JSONBody[NewConversation], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> ConversationObject:
    """Begin a conversation; a call takes it up with `conversation=conv_…`."""
    told = read_items(data.items or [])
    conversation_id, agent = new_id("conv"), services.switchboard.definition.entry
    async with services.database.transaction() as connection:
        await create_conversation(
            connection,
            conversation_id,
            agent=agent,
            created_at=time.time(),
            metadata=data.metadata or {},
            created_by=identity.key_id,
        )
        if told:
            redaction = services.database.redaction
            items = [redaction.item(stored_item(item, agent)) for item in told]
            await insert_items(connection, conversation_id, items)
        return _shown(await get_conversation(connection, conversation_id))


@get("/conversations/{conversation_id:str}", tags=TAG, summary="Show a conversation")
async def show(
    conversation_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> ConversationObject:
    """Show a conversation."""
    async with services.database.read() as connection:
        return _shown(await own_conversation(connection, conversation_id, identity))


@post("/conversations/{conversation_id:str}", status_code=200, tags=TAG, summary="Change the metadata")
async def change(
    conversation_id: FromPath[str],
    data: JSONBody[ChangedConversation],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> ConversationObject:
    """Put other metadata in the place of the old."""
    metadata: JsonObject = dict(data.metadata or {})
    async with services.database.transaction() as connection:
        await own_conversation(connection, conversation_id, identity, change=True)
        changed = await change_conversation(connection, conversation_id, metadata=metadata)
    live = services.switchboard.conversations.get(conversation_id)
    if live is not None:
        live.metadata = metadata
    return _shown(changed)


@delete("/conversations/{conversation_id:str}", status_code=200, tags=TAG, summary="Erase a conversation")
async def remove(
    conversation_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> DeletedConversation:
    """Erase a conversation with everything that belongs to it; a call that is on is hung up."""
    async with services.database.read() as connection:
        await own_conversation(connection, conversation_id, identity, change=True)
    await erase(services, conversation_id, identity)
    return DeletedConversation(id=conversation_id)


@get("/conversations/{conversation_id:str}/items", tags=TAG, summary="List items")
async def show_items(
    conversation_id: FromPath[str],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    order: Order = "desc",
    after: After = None,
    limit: Most = 20,
) -> ItemList:
    """List items in reading order; handoffs and other markers of ours are left out."""
    await settle(services, conversation_id)
    async with services.database.read() as connection:
        await own_conversation(connection, conversation_id, identity)
        page = await list_items(connection, conversation_id, order=order, after=after, limit=limit)
    visible = [shown_item(item) for item in page.rows if _may_see(item, identity)]
    return ItemList(
        data=visible,
        first_id=page.rows[0].id if page.rows else None,
        last_id=page.rows[-1].id if page.rows else None,
        has_more=page.next is not None,
    )


@post("/conversations/{conversation_id:str}/items", status_code=200, tags=TAG, summary="Add items")
async def create_items(
    conversation_id: FromPath[str],
    data: JSONBody[NewItems],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> ItemList:
    """Add items at the end; where a call is on, its agent knows of them at once."""
    told = read_items(data.items)
    async with services.database.read() as connection:
        await own_conversation(connection, conversation_id, identity, change=True)
    added = await add_items(services, conversation_id, told)
    return ItemList(
        data=[shown_item(item) for item in added],
        first_id=added[0].id if added else None,
        last_id=added[-1].id if added else None,
        has_more=False,
    )


@get("/conversations/{conversation_id:str}/items/{item_id:str}", tags=TAG, summary="Show an item")
async def show_item(
    conversation_id: FromPath[str],
    item_id: FromPath[str],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> dict[str, Any]:
    """Show an item."""
    await settle(services, conversation_id)
    async with services.database.read() as connection:
        await own_conversation(connection, conversation_id, identity)
        item = await get_item(connection, conversation_id, item_id)
    if item.deleted or item.is_marker or not _may_see(item, identity):
        raise NotFoundError(f"There is no item {item_id} in {conversation_id}.", param="item_id")
    return shown_item(item)


@delete(
    "/conversations/{conversation_id:str}/items/{item_id:str}",
    status_code=200,
    tags=TAG,
    summary="Delete an item",
)
async def remove_one(
    conversation_id: FromPath[str],
    item_id: FromPath[str],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> ConversationObject:
    """Take an item out of the conversation."""
    async with services.database.read() as connection:
        found = await own_conversation(connection, conversation_id, identity, change=True)
    await remove_item(services, conversation_id, item_id)
    return _shown(found)


HANDLERS: Final = (begin, show, change, remove, show_items, create_items, show_item, remove_one)


def _shown(found: ConversationSummary) -> ConversationObject:
    return ConversationObject(id=found.id, created_at=int(found.created_at), metadata=found.metadata)


def _may_see(item: Item, identity: Identity) -> bool:
    """What an operator told the model is not for the client's eyes."""
    return identity.role != "caller" or not (item.origin == "operator" and item.role == "system")
