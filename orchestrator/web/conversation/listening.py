"""`/conversations/{id}/listen`: both sides of a live call, as they pass, for whoever may hear it.

The body is a series of pieces: one byte that says what it is (0: the caller, 1: the agent, 2: the agent was
cut off), four bytes of length (big-endian), and the sound: 16-bit PCM, mono, at 24,000 Hz. It ends with the
call.
"""

from collections.abc import AsyncIterator
from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from orchestrator.api.operating import live_call
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.call.ears import Ears, Piece
from orchestrator.core.errors import ForbiddenError
from orchestrator.web.conversation.recordings import may_hear
from orchestrator.web.rendering import HEADERS
from orchestrator.web.viewer import Viewer


@get(
    "/conversations/{conversation_id:str}/listen",
    opt={"uncompressed": True},
    media_type="application/octet-stream",
)
async def listen(
    conversation_id: FromPath[str], services: NamedDependency[Services], viewer: NamedDependency[Viewer]
) -> Stream:
    """Let somebody hear a live call; it is written down that they did.

    Raises:
        ForbiddenError: Nobody may listen in here, or this reader may not.
        NotFoundError: It is not live on this node.
    """
    if not may_listen(services, viewer):
        raise ForbiddenError(
            "Listening in is switched off, or not for reviewers. ORCHESTRATOR_LISTEN_IN and "
            "ORCHESTRATOR_REVIEWERS_HEAR say who may."
        )
    live = live_call(services, conversation_id)
    async with services.database.transaction() as connection:
        await write_down(connection, viewer.identity, "call.listen", live.id)
    return Stream(_pieces(live.line.ears), media_type="application/octet-stream", headers=HEADERS)


def may_listen(services: Services, viewer: Viewer) -> bool:
    """Whether somebody may hear live calls."""
    return services.settings.listen_in and may_hear(services, viewer)


async def _pieces(ears: Ears) -> AsyncIterator[bytes]:
    with ears.listening() as ear:
        async for piece in ear.pieces():
            yield written(piece)


def written(piece: Piece) -> bytes:
    """A piece as the body has it."""
    return bytes([piece.what]) + len(piece.pcm).to_bytes(4, "big") + piece.pcm


HANDLERS: Final = (listen,)
