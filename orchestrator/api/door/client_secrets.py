"""`POST /v1/realtime/client_secrets`: short-lived secrets with which browsers connect (section 2.4)."""

from typing import Annotated, Any, Literal

from litestar import Request, post
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.api.admission import bearer
from orchestrator.api.door.incoming import checked_session
from orchestrator.api.services import Services
from orchestrator.core.configuration import Wishes, merge, wire_session
from orchestrator.core.json_value import JsonObject
from orchestrator.store.keys import create_client_secret


class ExpiresAfter(BaseModel):
    """When a secret stops opening sessions; sessions that are open go on."""

    model_config = ConfigDict(extra="forbid")

    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Field(ge=10, le=7200)] = 600


class SecretRequest(BaseModel):
    """What a secret is asked for with.

    Attributes:
        session: As in `session.update`; `model` names an agent, `conversation` one to be resumed.
    """

    model_config = ConfigDict(extra="forbid")

    expires_after: ExpiresAfter = ExpiresAfter()
    session: dict[str, object] | None = None


@post("/v1/realtime/client_secrets", status_code=200, tags=["door"], summary="Make a client secret")
async def create_secret(
    request: Request[Any, Any, Any], data: SecretRequest, services: Services
) -> dict[str, Any]:
    """Make a secret that opens any number of sessions until it expires."""
    identity = await services.admission.identify(
        bearer(request.headers.get("authorization")),
        origin=request.headers.get("origin"),
        host=request.headers.get("host"),
    )
    session: JsonObject = dict(data.session or {})  # type: ignore[arg-type]
    session.setdefault("type", "realtime")
    checked = checked_session({name: value for name, value in session.items() if name != "conversation"})
    model = session.get("model")
    agent = services.switchboard.definition.agent(
        services.switchboard.agent_for(model if isinstance(model, str) else None)
    )
    async with services.database.transaction() as connection:
        value, expires_at = await create_client_secret(
            connection, session, data.expires_after.seconds, key_id=identity.key_id
        )
    wishes = merge(Wishes(model=str(model or agent.name)), checked)
    effective = wire_session(wishes, agent, session_id="", modality=wishes.modality)
    return {"value": value, "expires_at": int(expires_at), "session": effective}
