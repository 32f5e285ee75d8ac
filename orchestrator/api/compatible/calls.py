"""`/v1/realtime/calls/…`: a client ends its call (protocol reference, section 2.3)."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from orchestrator.api.services import Services
from orchestrator.core.errors import NotFoundError
from orchestrator.core.events import OperatorEnded


@post(
    "/realtime/calls/{call_id:str}/hangup",
    status_code=200,
    tags=["door"],
    summary="Hang up",
    opt={"secrets": True},
)
async def hang_up(call_id: FromPath[str], services: NamedDependency[Services]) -> None:
    """End a call. Whoever knows its id may: it is not to be guessed, and only its client is told it.

    The SDK's body is empty although it says JSON, so it is not looked at.
    """
    live = services.switchboard.by_call(call_id)
    if live is None:
        raise NotFoundError(f"There is no call {call_id!r} here, or it has ended.", param="call_id")
    live.feed(OperatorEnded(by="client", reason="hangup"))


HANDLERS: Final = (hang_up,)
