"""The media server of a process: one UDP port, one clock, all calls.

async with MediaServer(announced_ip="203.0.113.7", udp_port=40000, host="0.0.0.0") as server:
    call = await server.answer(offer_sdp, MediaHandlers(on_audio=…, on_event=…))
    …give call.answer_sdp to the client…
    call.send_audio("item_1", pcm)
"""

import asyncio
import ipaddress
from types import TracebackType
from typing import Final, Self

import aioice

from orchestrator.core.errors import SettingsError
from orchestrator.media.call import MediaCall
from orchestrator.media.dtls import Certificate
from orchestrator.media.errors import MediaError, TooManyCallsError
from orchestrator.media.handlers import MediaHandlers
from orchestrator.media.ice import candidate_hosts, host_candidates
from orchestrator.media.offer import read_offer
from orchestrator.media.peer import Peer
from orchestrator.media.ticker import Ticker
from orchestrator.media.udp_port import PortCounts, UdpPort, open_port
from orchestrator.media.wire import AudioFormat, WireCodec

_PREFERENCE: Final = {
    AudioFormat.PCM: (WireCodec.OPUS, WireCodec.PCMU, WireCodec.PCMA),
    AudioFormat.PCMU: (WireCodec.PCMU, WireCodec.OPUS, WireCodec.PCMA),
    AudioFormat.PCMA: (WireCodec.PCMA, WireCodec.OPUS, WireCodec.PCMU),
}
"""Codecs in the order that costs least for each format of the engine."""


class MediaServer:
    """Answers calls and runs them; an asynchronous context manager, opened once per process.

    Args:
        host: Address to bind; loopback unless said otherwise.
        udp_port: The one port; 0 lets the system choose.
        announced_ip: The address that clients are told; None for the ones that are bound.
        offer_loopback: Tell 127.0.0.1 too, for clients on the same machine (development).
        max_calls: Calls at a time; None for any number.

    Raises:
        SettingsError: `announced_ip` is no IP address.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        udp_port: int = 0,
        announced_ip: str | None = None,
        offer_loopback: bool = False,
        max_calls: int | None = None,
    ) -> None:
        self._host = host
        self._udp_port = udp_port
        self._announced = _checked_ip(announced_ip)
        self._offer_loopback = offer_loopback
        self._max_calls = max_calls
        self._calls: set[MediaCall] = set()
        self._group = asyncio.TaskGroup()
        self._port: UdpPort | None = None
        self._ticker: Ticker | None = None
        self._certificate: Certificate | None = None
        self._candidates: list[aioice.Candidate] = []
        self._open = False

    async def __aenter__(self) -> Self:
        """Open the port.

        Raises:
            MediaError: The port cannot be opened, or the machine has no address to tell.
        """
        loop = asyncio.get_running_loop()
        ticker = Ticker(loop)
        self._port = open_port(loop, self._host, self._udp_port, ticker=ticker)
        hosts = candidate_hosts(self._host, self._announced, offer_loopback=self._offer_loopback)
        if not hosts:
            self._port.close()
            raise MediaError(
                f"No address of this machine can be told to clients (bound to {self._host}). Set "
                "ORCHESTRATOR_ANNOUNCED_IP."
            )
        self._candidates = host_candidates(hosts, self._port.address[1])
        self._ticker = ticker
        await self._group.__aenter__()
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all calls, then close the port."""
        self._open = False
        for call in self._calls:
            call.end("The server is shutting down.")
        try:
            await self._group.__aexit__(None, None, None)
        finally:
            if self._ticker is not None:
                self._ticker.close()
            if self._port is not None:
                self._port.close()

    @property
    def calls(self) -> frozenset[MediaCall]:
        """The present calls."""
        return frozenset(self._calls)

    @property
    def udp_port(self) -> int:
        """The number of the open port."""
        return self._open_port().address[1]

    @property
    def counts(self) -> PortCounts:
        """What came in on the port, and what became of it."""
        return self._open_port().counts

    async def answer(
        self,
        offer_sdp: str,
        handlers: MediaHandlers,
        *,
        audio_format: AudioFormat = AudioFormat.PCM,
        prefer: WireCodec | None = None,
    ) -> MediaCall:
        """Answer an offer and begin to connect; the answer is in `answer_sdp` at once.

        Args:
            offer_sdp: Of the client: sound, or the data channel, or both.
            handlers: What to call.
            audio_format: What the engine speaks; with G.711, the same law is preferred on the wire.
            prefer: The codec to take whenever the client offers it.

        Raises:
            OfferError: The offer cannot be answered; the message names the line.
            TooManyCallsError: There are as many calls as there may be.
        """
        if self._max_calls is not None and len(self._calls) >= self._max_calls:
            raise TooManyCallsError(f"{self._max_calls} calls are running, the most this server takes.")
        order = _PREFERENCE[audio_format]
        codecs = order if prefer is None else (prefer, *(codec for codec in order if codec is not prefer))
        offer = read_offer(offer_sdp, codecs)
        port, ticker = self._open_port(), self._ticker
        if ticker is None or not self._open:
            raise MediaError("The media server is not open; use it in `async with`.")
        call = MediaCall(handlers, audio_format)
        peer = Peer(port, self._present_certificate(), offer, self._candidates, call.peer_events())
        call.attach(peer, offer.audio, ticker)
        self._calls.add(call)
        self._group.create_task(self._run(call, peer))
        return call

    async def _run(self, call: MediaCall, peer: Peer) -> None:
        try:
            await call.run(peer)
        finally:
            self._calls.discard(call)

    def _open_port(self) -> UdpPort:
        if self._port is None:
            raise MediaError("The media server is not open; use it in `async with`.")
        return self._port

    def _present_certificate(self) -> Certificate:
        if self._certificate is None or not self._certificate.serves_new_calls:
            self._certificate = Certificate.generateCertificate()
        return self._certificate


def _checked_ip(announced: str | None) -> str | None:
    if announced is None:
        return None
    try:
        return str(ipaddress.ip_address(announced))
    except ValueError as error:
        raise SettingsError(
            f"ORCHESTRATOR_ANNOUNCED_IP is {announced!r}; give an IP address, not a name.",
            param="ORCHESTRATOR_ANNOUNCED_IP",
        ) from error
