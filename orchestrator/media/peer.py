"""The connection of one call: offer in, answer out, then ICE, DTLS, SRTP and the data channel.

Built on aiortc's single transports, not on its peer connection: no decoder threads, no sender tasks, one
certificate and one socket for all calls.
"""

import asyncio
import dataclasses
import secrets
from collections.abc import Callable
from typing import Final

import aioice
from aioice import stun

from orchestrator.media import rtcp, rtp
from orchestrator.media.answer import Answerer, write_answer
from orchestrator.media.channel import EventChannel
from orchestrator.media.dtls import Certificate, SecureTransport
from orchestrator.media.errors import CloseCode, CloseReason, ConnectError
from orchestrator.media.fast_path import InboundPath, OutboundPath, SendNext
from orchestrator.media.ice import PortConnection
from orchestrator.media.inbound import InboundAudio
from orchestrator.media.offer import Offer
from orchestrator.media.rtcp import Goodbye, ReceptionReport, SenderReport
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.udp_port import Address, UdpPort
from orchestrator.media.wire import SoundEncoder

ICE_DEADLINE: Final = 20.0
"""Seconds for a path to the client to be found and nominated."""

DTLS_DEADLINE: Final = 10.0
"""Seconds for the handshake."""


@dataclasses.dataclass(frozen=True, slots=True)
class PeerEvents:
    """What a connection calls, on the loop; none of it may raise.

    Attributes:
        on_packet: With an authentic RTP packet and its loop time.
        on_report: With what an authentic RTCP packet says, and its loop time.
        on_event: With a text message of the event channel.
        on_channel_open: When the client has opened the event channel.
        on_lost: With the reason, when the connection is over.
    """

    on_packet: Callable[[RtpPacket, float], None]
    on_report: Callable[[list[SenderReport | ReceptionReport | Goodbye], float], None]
    on_event: Callable[[str], None]
    on_channel_open: Callable[[], None]
    on_lost: Callable[[CloseReason], None]


class Peer:
    """One connection. `connect` it, and `close` it whatever happened.

    Args:
        port: The one port; the connection receives from now on.
        certificate: Ours.
        offer: The client's.
        candidates: Where the port is, for the answer; the best first.
        events: What to call.
    """

    def __init__(
        self,
        port: UdpPort,
        certificate: Certificate,
        offer: Offer,
        candidates: list[aioice.Candidate],
        events: PeerEvents,
    ) -> None:
        self.refused = 0
        self.ssrc = secrets.randbits(32)
        self.cname = secrets.token_urlsafe(12)
        self.channel: EventChannel | None = None
        self._last_seen = asyncio.get_running_loop().time()
        self._port = port
        self._inbound_path: InboundPath | None = None
        self._outbound_path: OutboundPath | None = None
        self._offer = offer
        self._events = events
        self._connected = False
        self._ice = PortConnection(port, candidates, controlling=offer.lite, on_lost=self._consent_lost)
        self._secure = SecureTransport(self._ice, certificate, offer.dtls)
        self._secure.transport.on("statechange", self._secure_changed)
        self.username_fragment = self._ice.local_username
        self.password = self._ice.local_password.encode()
        self._where = ", ".join(f"{candidate.host}:{candidate.port}" for candidate in candidates)
        if offer.channel is not None:
            self.channel = EventChannel(
                self._secure.transport, on_event=events.on_event, on_open=events.on_channel_open
            )
        self.answer_sdp = write_answer(offer, self._answerer(certificate, candidates))
        port.register(self)

    async def connect(
        self, *, ice_deadline: float = ICE_DEADLINE, dtls_deadline: float = DTLS_DEADLINE
    ) -> None:
        """Find a path, do the handshake, begin the data channel's association.

        Args:
            ice_deadline: Seconds for the path.
            dtls_deadline: Seconds for the handshake.

        Raises:
            ConnectError: A stage failed; the reason says which, and why.
        """
        try:
            async with asyncio.timeout(ice_deadline):
                await self._connect_ice()
        except (TimeoutError, ConnectionError) as error:
            raise ConnectError(CloseCode.ICE_FAILED, self._ice_failure(ice_deadline)) from error
        try:
            async with asyncio.timeout(dtls_deadline):
                await self._secure.connect()
        except TimeoutError as error:
            raise ConnectError(
                CloseCode.DTLS_FAILED,
                f"DTLS failed: no handshake was completed within {dtls_deadline:g} s; the path is there, and "
                "the client does not answer on it.",
            ) from error
        self._connected = True
        if self.channel is not None and self._offer.channel is not None:
            await self.channel.connect(self._offer.channel.port, self._offer.channel.largest_message)

    @property
    def last_seen(self) -> float:
        """Loop time of the latest authentic datagram."""
        path = self._inbound_path
        return self._last_seen if path is None else max(self._last_seen, path.last_arrival)

    def hasten(self, inbound: InboundAudio) -> None:
        """Take the fast path both ways, where there is one; once connected.

        Args:
            inbound: Takes the caller's packets; to be closed before this.
        """
        fast, inward, outward = self._port.fast, self._secure.inward, self._secure.outward
        if fast is not None and inward is not None and outward is not None:
            self._inbound_path = inbound.hasten(fast, inward, self._opened)
            self._outbound_path = fast.outbound(outward, self.ssrc)

    def send_sound(
        self, encoder: SoundEncoder | None, sound: bytes, second: int, sequence: int, timestamp: int
    ) -> int:
        """Encode and send a frame; before and after the connection it is encoded, and dropped.

        Args:
            encoder: What to encode it with; None for sound that is a payload already.
            sound: The frame, or the payload.
            second: Byte of the header: marker and payload type.
            sequence: Of the packet.
            timestamp: Of the packet.

        Returns:
            Bytes of payload.

        Raises:
            CodecError: The encoder refused the frame.
        """
        path, target = self._outbound_path, self._ice.target
        if path is not None and target is not None:
            size = path.send(target, encoder, sound, second, sequence, timestamp)
            self._port.count_sent(not path.unsent, path.unsent)
            return size
        payload = sound if encoder is None else encoder.encode(sound)
        self.send_packet(rtp.HEADER.pack(rtp.VERSION, second, sequence, timestamp, self.ssrc) + payload)
        return len(payload)

    def lend_sound(
        self, encoder: SoundEncoder, sound: bytes, second: int, sequence: int, timestamp: int, units: int
    ) -> SendNext | None:
        """Take frames that are sent by what is returned, one by one; see `OutboundPath.lend`."""
        path, target = self._outbound_path, self._ice.target
        if path is None or target is None:
            return None
        return path.lend(target, encoder, sound, second, sequence, timestamp, units)

    def settle(self, frames: int) -> int:
        """Count so many frames of what was lent as sent; return their bytes of payload."""
        path = self._outbound_path
        if path is None:
            return 0
        octets, unsent = path.settled()
        self._port.count_sent(frames - unsent, unsent)
        return octets

    def send_packet(self, packet: bytes) -> None:
        """Send an RTP packet; before and after the connection it is dropped."""
        protected = self._secure.protect(packet)
        if protected is not None:
            self._ice.send_now(protected)

    def send_report(self, packet: bytes) -> None:
        """Send an RTCP packet; before and after the connection it is dropped."""
        protected = self._secure.protect_report(packet)
        if protected is not None:
            self._ice.send_now(protected)

    async def close(self) -> None:
        """Say goodbye to the client as far as it can hear, and free everything."""
        self._connected = False
        self._outbound_path = None
        self._ice.forget_loss()
        if self.channel is not None:
            await self.channel.stop()
        await self._secure.close()
        await self._ice.close()
        self._port.unregister(self)

    def stun_request(self, message: stun.Message, address: Address) -> None:
        """See `Endpoint`."""
        self._last_seen = asyncio.get_running_loop().time()
        self._ice.take_request(message, address)

    def dtls_datagram(self, data: bytes) -> None:
        """See `Endpoint`."""
        self.refused += not self._secure.feed(data)

    def media_datagram(self, data: bytes, address: Address, now: float) -> bool:
        """See `Endpoint`."""
        is_report = rtp.FIRST_RTCP <= data[1] <= rtp.LAST_RTCP
        plain = self._secure.unprotect_report(data) if is_report else self._secure.unprotect(data)
        packet = None if plain is None or is_report else rtp.parse(plain)
        if packet is not None:
            self._events.on_packet(packet, now)
        elif plain is not None and is_report:
            self._events.on_report(rtcp.parse(plain), now)
        else:
            self.refused += 1
            return False
        self._last_seen = now
        if self._inbound_path is not None:
            self._inbound_path.comes_from(address)
        return True

    def _opened(self, plain: bytes, now: float) -> None:
        """Take an RTP packet that the fast path opened and left."""
        packet = rtp.parse(plain)
        if packet is not None:
            self._events.on_packet(packet, now)

    async def _connect_ice(self) -> None:
        self._ice.remote_username = self._offer.username_fragment
        self._ice.remote_password = self._offer.password
        self._ice.remote_is_lite = self._offer.lite
        for candidate in self._offer.candidates:
            await self._ice.add_remote_candidate(candidate)
        await self._ice.connect()

    def _ice_failure(self, deadline: float) -> str:
        if not self._ice.requests_received:
            return (
                f"ICE failed: no connectivity check of the client reached UDP {self._where} within "
                f"{deadline:g} s. Is the UDP port open in the firewall, and is the announced address "
                "(ORCHESTRATOR_ANNOUNCED_IP) one that the client can reach?"
            )
        return (
            f"ICE failed: checks of the client reach UDP {self._where}, and it answers none of ours within "
            f"{deadline:g} s. Does a firewall drop what this server sends?"
        )

    def _secure_changed(self) -> None:
        if self._connected and self._secure.transport.state in ("closed", "failed"):
            self._events.on_lost(CloseReason(CloseCode.CLIENT_CLOSED, "The client ended the connection."))

    def _consent_lost(self) -> None:
        self._events.on_lost(
            CloseReason(
                CloseCode.CONNECTION_LOST,
                "The client has not answered for half a minute; its network or its page is gone.",
            )
        )

    def _answerer(self, certificate: Certificate, candidates: list[aioice.Candidate]) -> Answerer:
        return Answerer(
            session=secrets.randbits(62),
            username_fragment=self._ice.local_username,
            password=self._ice.local_password,
            candidates=candidates,
            fingerprint=certificate.fingerprint,
            setup=self._secure.setup,
            ssrc=self.ssrc,
            cname=self.cname,
        )
