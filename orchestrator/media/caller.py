"""The other side of a call: a client that places one. For the command line, and as load of the benchmark.

aiortc makes the offer and connects. Sound does not pass its tracks: packets go straight from and to the
socket, so that many callers fit into one process and no buffer of aiortc's delays what is heard.
"""

import asyncio
import contextlib
import dataclasses
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

import pylibsrtp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters, RTCRtpSendParameters

from orchestrator.media import rtcp, rtp
from orchestrator.media.errors import CloseCode, ConnectError
from orchestrator.media.rtcp import ReceptionReport, SenderReport
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.statistics import DeliveryStatistics, ReceptionStatistics
from orchestrator.media.wire import WireCodec

CHANNEL: Final = "oai-events"
_COMPONENT: Final = 1
_REPORT_SECONDS: Final = 1.0
_VERSION: Final = 0x80
_OVER: Final = ("closed", "failed")


def _ignore(*_: object) -> None:
    """Stand in for a callback that nobody wants."""


@dataclasses.dataclass(slots=True)
class CallerEvents:
    """What a caller tells; plain functions, called on the loop; each may be left out.

    Attributes:
        on_packet: With an authentic RTP packet and its loop time.
        on_event: With a text message of the event channel.
        on_closed: When the connection is over.
    """

    on_packet: Callable[[RtpPacket, float], None] = _ignore
    on_event: Callable[[str], None] = _ignore
    on_closed: Callable[[], None] = _ignore


class MediaCaller:
    """One client connection. `close` it whatever happened.

    Args:
        events: What to call.
        codec: The one that is offered.

    Attributes:
        delivery: What the service reports of our sound.
        reception: What came of the service's.
        payload_type: Of the codec, once answered.
    """

    def __init__(self, events: CallerEvents, codec: WireCodec = WireCodec.OPUS) -> None:
        self.delivery = DeliveryStatistics(codec.clock_rate)
        self.reception = ReceptionStatistics(codec.clock_rate)
        self.payload_type = 0
        self._events = events
        self._codec = codec
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._transceiver = self._peer.addTransceiver("audio", "sendrecv")
        self._channel = self._peer.createDataChannel(CHANNEL)
        self._ssrc = secrets.randbits(32)
        self._cname = secrets.token_urlsafe(12).encode()
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._changed = asyncio.Event()
        self._outbound: pylibsrtp.Session | None = None
        self._inbound: pylibsrtp.Session | None = None
        self._sendto: Callable[[bytes], None] = _ignore
        self._reporting: asyncio.TimerHandle | None = None
        self._prepare()

    async def offer(self) -> str:
        """Return the SDP to post."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        for protocol in self._ice._protocols:  # noqa: SLF001 - where a datagram comes in
            self._tap(protocol)
        return str(self._peer.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """Take the service's answer and begin to connect."""
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def connected(self, seconds: float) -> None:
        """Wait until sound and events can flow.

        Raises:
            ConnectError: The connection does not come about in time, or was given up.
        """
        try:
            async with asyncio.timeout(seconds):
                while self._outbound is None or self._channel.readyState != "open":
                    if self._peer.connectionState in _OVER:
                        raise ConnectError(CloseCode.ICE_FAILED, "The service gave the connection up.")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise ConnectError(
                CloseCode.ICE_FAILED,
                f"No connection came about within {seconds:g} s. Does a firewall let UDP through to the "
                "address in the service's answer?",
            ) from None

    def send_packet(self, payload: bytes) -> None:
        """Send the next 20 ms of sound."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + self._codec.frame_units) & 0xFFFFFFFF
        header = rtp.HEADER.pack(_VERSION, self.payload_type, self._sequence, self._timestamp, self._ssrc)
        if self._outbound is not None:
            self.delivery.sent(1, len(payload))
            self._sendto(self._outbound.protect(header + payload))

    def lose_packet(self) -> None:
        """Let the next 20 ms be lost on the way; for measuring what loss does."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + self._codec.frame_units) & 0xFFFFFFFF

    def send_event(self, text: str) -> bool:
        """Send an event; whether the channel is open."""
        if self._channel.readyState != "open":
            return False
        self._channel.send(text)
        return True

    async def close(self) -> None:
        """Hang up and free everything."""
        self._outbound = self._inbound = None
        self._sendto = _ignore
        if self._reporting is not None:
            self._reporting.cancel()
        await self._peer.close()

    # --- inside -------------------------------------------------------------------------------------------

    @property
    def _ice(self) -> Any:
        return self._transceiver.receiver.transport.transport._connection  # noqa: SLF001

    def _prepare(self) -> None:
        wanted = f"audio/{self._codec.value}"
        known = RTCRtpSender.getCapabilities("audio").codecs
        self._transceiver.setCodecPreferences([each for each in known if each.mimeType.lower() == wanted])
        self._transceiver.sender._ssrc = self._ssrc  # noqa: SLF001 - as the offer tells it
        self._transceiver.sender.send = self._begin_sending  # type: ignore[method-assign]
        self._transceiver.receiver.receive = self._begin_receiving  # type: ignore[method-assign]
        self._channel.on("open", self._changed.set)
        self._channel.on("message", self._take_event)
        self._peer.on("connectionstatechange", self._state_changed)

    async def _begin_sending(self, parameters: RTCRtpSendParameters) -> None:
        self.payload_type = parameters.codecs[0].payloadType or 0

    async def _begin_receiving(self, parameters: RTCRtpReceiveParameters) -> None:
        """Take the keys and the way to the service: both are there once aiortc wants to receive."""
        del parameters
        secure: Any = self._transceiver.receiver.transport
        pair = self._ice._nominated[_COMPONENT]  # noqa: SLF001
        transport, address = pair.protocol.transport, pair.remote_addr

        def sendto(data: bytes) -> None:
            # When the service hangs up, aiortc closes the socket before it tells of it.
            if not transport.is_closing():
                transport.sendto(data, address)

        self._sendto = sendto
        self._outbound, self._inbound = secure._tx_srtp, secure._rx_srtp  # noqa: SLF001
        self._changed.set()
        self._report()

    def _tap(self, protocol: Any) -> None:
        """Take RTP and RTCP straight from the socket (RFC 7983 section 7); the rest is aiortc's."""
        loop, others = asyncio.get_running_loop(), protocol.datagram_received

        def received(data: bytes, address: tuple[Any, ...]) -> None:
            if data and 128 <= data[0] <= 191:
                with contextlib.suppress(pylibsrtp.Error):
                    self._take_media(data, loop.time())
            else:
                others(data, address)

        protocol.datagram_received = received

    def _take_media(self, data: bytes, now: float) -> None:
        if self._inbound is None or len(data) < rtp.HEADER.size:
            return
        if not rtp.is_rtcp(data):
            packet = rtp.parse(self._inbound.unprotect(data))
            if packet is not None:
                self.reception.packet(packet, now)
                self._events.on_packet(packet, now)
            return
        for item in rtcp.parse(self._inbound.unprotect_rtcp(data)):
            if isinstance(item, SenderReport):
                self.reception.sender_report(item, now)
            elif isinstance(item, ReceptionReport) and item.ssrc == self._ssrc:
                self.delivery.reception_report(item, now)

    def _report(self) -> None:
        """Tell the service what came of its sound, and how much of ours there is; every second."""
        loop = asyncio.get_running_loop()
        self._reporting = loop.call_later(_REPORT_SECONDS, self._report)
        now, ntp = loop.time(), rtcp.ntp_time(time.time())
        mine = None
        if self.delivery.packets:
            mine = SenderReport(self._ssrc, ntp, self._timestamp, self.delivery.packets, self.delivery.octets)
            self.delivery.sent_report(ntp, now)
        theirs = self.reception.report(now)
        if self._outbound is not None and (mine is not None or theirs is not None):
            report = rtcp.build_report(self._ssrc, self._cname, mine, [] if theirs is None else [theirs])
            self._sendto(self._outbound.protect_rtcp(report))

    def _take_event(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._events.on_event(message)

    def _state_changed(self) -> None:
        self._changed.set()
        if self._peer.connectionState in _OVER:
            self._events.on_closed()
