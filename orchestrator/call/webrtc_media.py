"""The media server of a node, or the reason why it has none: other clients are served all the same."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, Final

import structlog

from orchestrator.core.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.media.call import MediaCall
    from orchestrator.media.handlers import MediaHandlers
    from orchestrator.media.server import MediaServer

_log: Final = structlog.get_logger(__name__)


class WebRtcUnavailableError(OrchestratorError):
    """This node takes no WebRTC calls; another one behind the same address may."""

    code: ClassVar[str] = "webrtc_unavailable"
    retryable: ClassVar[bool] = True
    status: ClassVar[int] = 503


class WebRtcMedia:
    """Answers offers, where that is possible.

    Args:
        server: Open; None where there is none.
        problem: Why there is none, and the mend.
    """

    def __init__(self, server: "MediaServer | None" = None, problem: str = "It was not started.") -> None:
        self._server = server
        self._problem = problem

    @property
    def server(self) -> "MediaServer":
        """The open server.

        Raises:
            WebRtcUnavailableError: There is none.
        """
        if self._server is None:
            raise WebRtcUnavailableError(f"WebRTC is not available here. {self._problem}")
        return self._server

    async def answer(self, offer: str, handlers: "MediaHandlers", audio_format: str) -> "MediaCall":
        """Answer an offer.

        Args:
            offer: SDP of the client.
            handlers: What to call.
            audio_format: Of the engine: `audio/pcm`, `audio/pcmu` or `audio/pcma`.

        Raises:
            OfferError: It cannot be answered; the message names the line.
            WebRtcUnavailableError: There is no media server.
        """
        from orchestrator.media.wire import AudioFormat  # noqa: PLC0415 - needs libraries that may be missing

        return await self.server.answer(offer, handlers, audio_format=AudioFormat(audio_format))


@asynccontextmanager
async def open_media(
    *, host: str, udp_port: int, announced_ip: str | None, offer_loopback: bool
) -> AsyncIterator[WebRtcMedia]:
    """Open the media server; where that fails, say why in one log line and go on without.

    Args:
        host: Address to bind.
        udp_port: The one port of all calls; 0 takes a free one.
        announced_ip: What clients are told instead of the bound address.
        offer_loopback: Tell 127.0.0.1 too.
    """
    async with AsyncExitStack() as stack:
        try:
            # Only here: these libraries come with native code, which a machine may lack.
            from orchestrator.media import libopus  # noqa: PLC0415
            from orchestrator.media.server import MediaServer  # noqa: PLC0415

            libopus.load()
            server = MediaServer(
                host=host, udp_port=udp_port, announced_ip=announced_ip, offer_loopback=offer_loopback
            )
            media = WebRtcMedia(await stack.enter_async_context(server))
        except (OrchestratorError, ImportError, OSError) as error:
            problem = error.message if isinstance(error, OrchestratorError) else str(error)
            _log.warning("no WebRTC calls can be taken", cause=problem)
            media = WebRtcMedia(problem=problem)
        yield media
