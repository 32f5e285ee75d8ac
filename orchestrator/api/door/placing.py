"""What a client asked for when it connected, and the conversation that it gets, over any transport."""

from typing import Final

from orchestrator.api.admission import Identity
from orchestrator.api.door.incoming import checked_session
from orchestrator.api.door.outgoing import EXTENSION
from orchestrator.api.lives import own_conversation
from orchestrator.api.services import Services
from orchestrator.call.live import LiveConversation
from orchestrator.core.configuration import Wishes, merge
from orchestrator.core.errors import ForbiddenError, InvalidRequestError
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.serving.handshake import CLOSE_BAD_REQUEST, Offer, RejectedError

GREET: Final = "greet"


def asks_for_extension(offer: Offer) -> bool:
    """Whether the query asks for our own events."""
    return EXTENSION in (offer.query("include") or "").split(",")


def wishes_of(offer: Offer, identity: Identity, session: JsonObject | None = None) -> Wishes:
    """What the client wishes, by its query, the session it brings, and that of its client secret.

    Args:
        offer: What it connects with.
        identity: Who it is.
        session: A session object that came with the offer; it counts for more than the secret's.

    Raises:
        RejectedError: It names no agent.
        InvalidRequestError: The session is wrong.
    """
    said: JsonObject = {**(identity.session or {}), **(session or {})}
    model = offer.query("model") or _text(said, "model")
    if model is None and offer.query("conversation") is None and identity.session is None:
        if offer.query("intent") is not None:
            raise InvalidRequestError("Transcription sessions are not served here. Connect with `model`.")
        raise RejectedError(
            "missing_model", "You must provide a model parameter: '/v1/realtime?model=…'.", CLOSE_BAD_REQUEST
        )
    said.pop("conversation", None)
    checked: JsonObject = checked_session({"type": "realtime", **said})
    return merge(Wishes(model=model or ""), checked)


async def conversation_for(
    offer: Offer, identity: Identity, wishes: Wishes, services: Services
) -> LiveConversation:
    """A new conversation, or the stored one that the client resumes.

    Raises:
        NotFoundError: It names one that there is not, or that is not its own.
        CapacityError: The node carries as many calls as it may.
    """
    conversation = _conversation(offer, identity)
    if conversation is None:
        return await services.switchboard.begin(wishes.model or None, created_by=identity.key_id)
    async with services.database.read() as database:
        await own_conversation(database, conversation, identity)
    return await services.switchboard.resume(conversation)


def _conversation(offer: Offer, identity: Identity) -> str | None:
    """The conversation to resume; one that a client secret names is the only one that it opens."""
    wanted, bound = offer.query("conversation"), _text(identity.session, "conversation")
    if bound is not None and wanted not in {None, bound}:
        raise ForbiddenError("This client secret opens another conversation only.", param="conversation")
    return bound or wanted


def _text(session: JsonObject | None, name: str) -> str | None:
    value = (session or {}).get(name)
    return value if isinstance(value, str) and value else None
