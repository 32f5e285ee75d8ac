"""A conversation, loaded and projected for its page."""

import asyncio
import time
from dataclasses import dataclass

from orchestrator.api.admission import Identity
from orchestrator.api.lives import settle
from orchestrator.api.services import Services
from orchestrator.core.json_value import JsonObject
from orchestrator.store.details import ConversationDetails, load_details
from orchestrator.store.masking import mask_states, masked
from orchestrator.store.prices import load_prices
from orchestrator.store.pricing import PriceList
from orchestrator.web.review.view import ReviewView, view_of


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation as it is stored, and as it is shown."""

    details: ConversationDetails
    prices: PriceList
    view: ReviewView


async def load_view(
    services: Services, identity: Identity, conversation_id: str, *, up_to_date: bool = True
) -> Loaded:
    """Load a conversation and project it.

    Args:
        services: Of this node.
        identity: Who looks: personal data is shown to some alone.
        conversation_id: Which one.
        up_to_date: Whether to wait for what a live call has not stored yet.

    Raises:
        NotFoundError: There is no such conversation.
        StoreUnavailableError: Postgres cannot be used now.
    """
    if up_to_date:
        await settle(services, conversation_id)
    async with services.database.snapshot() as connection:
        details = masked(await load_details(connection, conversation_id), services.redaction_for(identity))
        prices = await load_prices(connection)
    initial = initial_states(services, identity)
    # In a thread: long conversations take a while, and calls on this node must not wait for them.
    view = await asyncio.to_thread(view_of, details, prices, now=time.time(), initial=initial)
    return Loaded(details, prices, view)


def initial_states(services: Services, identity: Identity) -> dict[str, JsonObject]:
    """The values that states have before anything changes them, by name."""
    declared = {name: state.initial for name, state in services.switchboard.definition.states.items()}
    return mask_states(declared, services.redaction_for(identity))
