"""Conversations that may be live just now: read up to date, changed through their one writer, erased."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.call.live import LiveConversation, new_id
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.errors import ConflictError, ForbiddenError, NotFoundError, StoreUnavailableError
from orchestrator.core.events import CallerDeletedItem, CallerItem, OperatorEnded
from orchestrator.core.items import Item
from orchestrator.store.conversations import ConversationSummary, erase_conversation, get_conversation
from orchestrator.store.items import delete_item, get_item, insert_items

STORE_SECONDS: Final = 5.0
"""How long a request waits for a live conversation to be stored."""

CLOSE_SECONDS: Final = 10.0
"""How long an erasure waits for a call to end."""


async def settle(services: Services, conversation_id: str) -> None:
    """Wait until what a live conversation did so far can be read; one that is about to close, until it has.

    Raises:
        StoreUnavailableError: It is not stored in time.
    """
    live = services.switchboard.conversations.get(conversation_id)
    if live is None:
        return
    if live.open:
        await live.stored(STORE_SECONDS)
    else:
        await _closed(live, STORE_SECONDS)


async def own_conversation(
    connection: AsyncConnection, conversation_id: str, identity: Identity, *, change: bool = False
) -> ConversationSummary:
    """A conversation that this caller may see: its own key's, or any for reviewers and administrators.

    Args:
        connection: For reading.
        conversation_id: Which one.
        identity: Who asks.
        change: Whether it is to be changed, which reviewers may not.

    Raises:
        NotFoundError: There is none, or none that this caller may know of.
        ForbiddenError: The key may read it only.
    """
    found = await get_conversation(connection, conversation_id)
    own = found.created_by == identity.key_id
    if identity.role == "caller" and not own:
        raise NotFoundError(f"There is no conversation {conversation_id}.", param="conversation")
    if change and identity.role == "reviewer" and not own:
        raise ForbiddenError("A key of the role reviewer reads conversations. Changing one needs admin.")
    return found


async def add_items(services: Services, conversation_id: str, told: Sequence[EngineItem]) -> tuple[Item, ...]:
    """Add items at the end: through the call where one is on, else in the store.

    Raises:
        NotFoundError: There is no such conversation.
        ConflictError: An id exists already, or the conversation is live on another node.
    """
    live = await _on_line(services, conversation_id)
    if live is None:
        redaction = services.database.redaction
        items = [redaction.item(stored_item(item, services.switchboard.definition.entry)) for item in told]
        async with services.database.transaction() as connection:
            return await insert_items(connection, conversation_id, items)
    for item in told:
        if item.id and live.machine.item(item.id) is not None:
            raise ConflictError(f"An item with the id {item.id!r} exists already.", param="items")
    return await _add_live(live, told)


async def _add_live(live: LiveConversation, told: Sequence[EngineItem]) -> tuple[Item, ...]:
    added = []
    for item in told:
        item_id = item.id or new_id("item")
        live.feed(CallerItem(replace(item, id=item_id)))
        found = live.machine.item(item_id)
        if found is None:
            raise ConflictError(f"The item {item_id!r} cannot be added. Choose another id.", param="items")
        added.append(found)
    await live.stored(STORE_SECONDS)
    return tuple(added)


async def remove_item(services: Services, conversation_id: str, item_id: str) -> None:
    """Take an item out: through the call where one is on, else in the store.

    Raises:
        NotFoundError: There is no such conversation, or no such item.
        ConflictError: It is live on another node, or the item is part of what the service's tools do.
    """
    live = await _on_line(services, conversation_id)
    if live is None:
        async with services.database.transaction() as connection:
            await delete_item(connection, conversation_id, item_id)
        return
    await live.stored(STORE_SECONDS)
    async with services.database.read() as connection:
        found = await get_item(connection, conversation_id, item_id)
    if live.machine.item(item_id) is None and not found.deleted:
        raise ConflictError("This item is part of a tool call of the service. Delete it after the call.")
    if not found.deleted:
        live.feed(CallerDeletedItem(item_id))
        await live.stored(STORE_SECONDS)


async def erase(services: Services, conversation_id: str, identity: Identity) -> int:
    """Erase a conversation with everything that belongs to it; a call that is on is hung up first.

    Returns:
        How many recordings it had.

    Raises:
        NotFoundError: There is no such conversation.
        StoreUnavailableError: Its call did not end in time.
        RecordingStoreError: Its recordings cannot be erased now; then nothing is.
    """
    live = services.switchboard.conversations.get(conversation_id)
    if live is not None:
        live.feed(OperatorEnded(by="operator", reason="erased", final=True))
        await _closed(live, CLOSE_SECONDS)
    async with services.database.transaction() as connection:
        recordings = await erase_conversation(connection, conversation_id)
        detail = {"recordings": len(recordings)}
        await write_down(connection, identity, "conversation.erase", conversation_id, detail)
        if recordings and services.switchboard.recordings is not None:
            await services.switchboard.recordings.forget(recordings)
    return len(recordings)


async def _on_line(services: Services, conversation_id: str) -> LiveConversation | None:
    """The conversation where a client is connected to it; one that is about to close is waited for."""
    live = services.switchboard.conversations.get(conversation_id)
    if live is None or (live.open and live.client is not None):
        return live
    await _closed(live, STORE_SECONDS)
    return None


async def _closed(live: LiveConversation, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await live.closed.wait()
    except TimeoutError:
        raise StoreUnavailableError(f"{live.id} is not stored yet. Try again shortly.") from None


def stored_item(item: EngineItem, agent: str) -> Item:
    """An item that a client writes while no call is on."""
    return Item(
        id=item.id or new_id("item"),
        kind=item.kind,  # type: ignore[arg-type]  # checked against the protocol's types
        created_at=time.time(),
        agent=agent,
        role=item.role,  # type: ignore[arg-type]  # likewise
        content=item.content,
        name=item.name,
        arguments=item.arguments,
        tool_call_id=item.tool_call_id,
        output=item.output,
        origin="client",
    )
