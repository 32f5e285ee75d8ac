"""`POST /v1/realtime/client_secrets`: short-lived secrets with which browsers connect (section 2.4)."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.door.incoming import checked_session
from orchestrator.api.lives import own_conversation
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Shown
from orchestrator.core.configuration import Wishes, merge, wire_session
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.serving.refusal import invalid_value
from orchestrator.store.keys import create_client_secret


class ExpiresAfter(Body):
    """When a secret stops opening sessions; sessions that are open go on."""

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Meta(ge=10, le=7200)] = 600


class SecretRequest(Body):
    """What a secret is asked for with.

    Attributes:
        session: As in `session.update`; `model` names an agent, `conversation` one to be resumed.
    """

    expires_after: ExpiresAfter | None = None
    session: Annotated[dict[str, Any], Meta(examples=[{"type": "realtime", "model": "triage"}])] | None = None


class SecretMade(Shown):
    """A client secret.

    Attributes:
        value: Shown this once.
        expires_at: Seconds since the Unix epoch.
        session: The effective session.
    """

    value: Annotated[str, Meta(examples=["ek_…"])]
    expires_at: int
    session: dict[str, Any]


@post("/realtime/client_secrets", status_code=200, tags=["door"], summary="Make a client secret")
async def create_secret(
    data: JSONBody[SecretRequest], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> SecretMade:
    """Make a secret that opens any number of sessions until it expires."""
    session: JsonObject = dict(data.session or {})
    session.setdefault("type", "realtime")
    checked = checked_session({name: value for name, value in session.items() if name != "conversation"})
    model, conversation = session.get("model"), session.get("conversation")
    if conversation is not None and not isinstance(conversation, str):
        raise invalid_value(
            "Invalid type for 'session.conversation': expected a string.", "session.conversation"
        )
    board = services.switchboard
    agent = board.definition.agent(board.agent_for(model if isinstance(model, str) else None))
    lifetime = (data.expires_after or ExpiresAfter()).seconds
    async with services.database.transaction() as connection:
        if conversation is not None:
            await own_conversation(connection, conversation, identity)
        value, expires_at = await create_client_secret(connection, session, lifetime, key_id=identity.key_id)
    wishes = merge(Wishes(model=str(model or agent.name)), checked)
    effective = wire_session(wishes, agent, session_id="", modality=wishes.modality)
    return SecretMade(value=value, expires_at=int(expires_at), session=msgspec.to_builtins(effective))


HANDLERS: Final = (create_secret,)
