"""One call as its driver sees it: sound in and out, events, and what is measured.

A callback of the driver that raises ends its call, and no other.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Final

from orchestrator.media import rtcp
from orchestrator.media.errors import CloseCode, CloseReason, ConnectError
from orchestrator.media.handlers import LinkState, LinkWatch, MediaHandlers
from orchestrator.media.inbound import InboundAudio
from orchestrator.media.offer import AudioOffer
from orchestrator.media.peer import Peer, PeerEvents
from orchestrator.media.phrase import CachedSound
from orchestrator.media.playout import Flushed, Playout
from orchestrator.media.rtcp import Goodbye, ReceptionReport, SenderReport
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.send import Sender
from orchestrator.media.snapshot import CallStatistics, take_snapshot
from orchestrator.media.statistics import CorrectionPolicy
from orchestrator.media.ticker import Ticker
from orchestrator.media.wire import AudioFormat, WireCodec

_logger = logging.getLogger(__name__)

_REPORT_INTERVAL: Final = 1.0
"""Seconds between our reports; the link is looked at as often."""

_RELEASE_DEADLINE: Final = 5.0


class MediaCall:
    """One call. Made by `MediaServer.answer`, which also runs it.

    Args:
        handlers: What to call.
        audio_format: Of the sound that goes to and comes from the driver.

    Attributes:
        answer_sdp: To be given to the client.
        codec: On the wire; None in a call without sound.
        link: Whether the client is heard of.
    """

    def __init__(self, handlers: MediaHandlers, audio_format: AudioFormat) -> None:
        self.audio_format = audio_format
        self.link = LinkState.CONNECTING
        self.answer_sdp = ""
        self.codec: WireCodec | None = None
        self._handlers = handlers
        self._loop = asyncio.get_running_loop()
        self._peer: Peer | None = None
        self._inbound: InboundAudio | None = None
        self._sender: Sender | None = None
        self._policy = CorrectionPolicy()
        self._watch = LinkWatch()
        self._final: CallStatistics | None = None
        self._housekeeping: asyncio.TimerHandle | None = None
        self._ending: asyncio.Future[CloseReason] = self._loop.create_future()
        self._closed = asyncio.Event()

    @property
    def epoch(self) -> int:
        """How many flushes there were."""
        return self._sender.playout.epoch if self._sender is not None else 0

    @property
    def epoch_played_ms(self) -> int:
        """How much sound has left since the last flush."""
        return self._sender.playout.epoch_played_ms if self._sender is not None else 0

    @property
    def queued_ms(self) -> int:
        """How much sound waits to leave."""
        return self._sender.playout.queued_ms if self._sender is not None else 0

    def send_audio(self, item_id: str, sound: bytes | CachedSound, *, epoch: int | None = None) -> bool:
        """Queue sound of an item; it leaves as soon as it can, 20 ms at a time.

        Args:
            item_id: Whose sound it is; the unit of `played_ms`.
            sound: In `audio_format`, of any length; or cached sound.
            epoch: When given, the sound is refused unless this is still the epoch.

        Returns:
            Whether it was taken: not after the item was flushed, and not in a call without sound.
        """
        return self._sender is not None and self._sender.add(item_id, sound, epoch)

    def complete_audio(self, item_id: str) -> None:
        """Say that no more sound of an item will come; `on_playout_ended` follows when all has left."""
        if self._sender is not None:
            self._sender.complete(item_id)

    def flush(self) -> Flushed:
        """Stop the sound at once and begin a new epoch; not one packet of the old one leaves after this.

        Returns:
            The new epoch, and how much of each item that was cut short had left.
        """
        return self._sender.flush() if self._sender is not None else Flushed(0, {})

    def pause(self) -> None:
        """Fall silent at once and keep what is queued, until `resume` or `flush`."""
        if self._sender is not None:
            self._sender.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        if self._sender is not None:
            self._sender.resume()

    def surrender(self, codec: WireCodec | None, audio_format: AudioFormat) -> Playout | None:
        """Give what was not sent yet to another call of the same caller; see `Sender.surrender`."""
        return self._sender.surrender(codec, audio_format) if self._sender is not None else None

    def take_over(self, other: "MediaCall") -> bool:
        """Go on with the sound that another call of the same caller has not sent yet; whether that can be."""
        if self._sender is None or self.queued_ms:
            return False
        playout = other.surrender(self.codec, self.audio_format)
        if playout is not None:
            self._sender.take_up(playout)
        return playout is not None

    def played_ms(self, item_id: str) -> int:
        """Return how many milliseconds of an item have really left."""
        return self._sender.playout.played_ms(item_id) if self._sender is not None else 0

    def send_event(self, text: str) -> bool:
        """Send an event on the data channel, or keep it until the client opens that.

        Returns:
            Whether it was taken: not without a channel, nor once it is closed or takes nothing any more.

        Raises:
            EventTooLargeError: It is longer than the client takes.
        """
        channel = self._peer.channel if self._peer is not None else None
        return channel is not None and channel.send_event(text)

    def statistics(self) -> CallStatistics:
        """Return what is measured; after the end, as it was then."""
        if self._final is not None:
            return self._final
        return take_snapshot(self.codec, self._peer, self._inbound, self._sender, self._loop.time())

    def end(self, message: str = "The server ended the call.") -> None:
        """Begin to end the call; `on_closed` follows. Nothing happens if it is ending already."""
        self._end(CloseReason(CloseCode.SERVER_CLOSED, message))

    async def close(self, message: str = "The server ended the call.") -> None:
        """End the call and wait until everything of it is freed."""
        self.end(message)
        await self._closed.wait()

    def peer_events(self) -> PeerEvents:
        """Return what the connection is to call; for `MediaServer`."""
        return PeerEvents(
            on_packet=self._packet,
            on_report=self._report,
            on_event=lambda text: self._guard(self._handlers.on_event, text),
            on_channel_open=lambda: self._guard(self._handlers.on_channel_open),
            on_lost=self._end,
        )

    def attach(self, peer: Peer, audio: AudioOffer | None, ticker: Ticker) -> None:
        """Join the call to its connection; for `MediaServer`."""
        self._peer = peer
        self.answer_sdp = peer.answer_sdp
        if audio is None:
            return
        self.codec = audio.codec
        self._inbound = InboundAudio(
            self._loop,
            audio.codec,
            audio.payload_type,
            self.audio_format,
            self._handlers.on_audio,
            self._failed,
            self._handlers.forwarding,
        )
        self._sender = Sender(
            ticker,
            audio.codec,
            audio.payload_type,
            self.audio_format,
            ssrc=peer.ssrc,
            sequence=secrets.randbits(15),
            timestamp=secrets.randbits(32),
            outlet=peer,
            on_paced=lambda left_ms, in_ms: self._guard(self._handlers.on_playout_paced, left_ms, in_ms),
            on_started=lambda item_id: self._guard(self._handlers.on_playout_started, item_id),
            on_ended=lambda item_id: self._guard(self._handlers.on_playout_ended, item_id),
            on_failed=self._failed,
        )

    async def run(self, peer: Peer) -> None:
        """Connect, live, release; for `MediaServer`."""
        reason = CloseReason(CloseCode.SERVER_CLOSED, "The server is shutting down.")
        try:
            async with asyncio.TaskGroup() as group:
                connecting = group.create_task(self._connect(peer))
                reason = await asyncio.shield(self._ending)
                connecting.cancel()
        finally:
            await self._release(peer, reason)

    async def _connect(self, peer: Peer) -> None:
        try:
            await peer.connect()
        except ConnectError as error:
            self._end(error.reason)
        except Exception as error:  # noqa: BLE001 - whatever went wrong with this client ends its call alone
            self._failed(error)
        else:
            self.link = LinkState.CONNECTED
            if self._inbound is not None:
                peer.hasten(self._inbound)
            self._guard(self._handlers.on_connected)
            self._keep_house(peer, self._loop.time())

    async def _release(self, peer: Peer, reason: CloseReason) -> None:
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        if self._sender is not None:
            self._sender.close()
        if self._inbound is not None:
            self._inbound.close()
        self._final = self.statistics()
        self._peer = None
        peer.send_report(rtcp.build_goodbye(peer.ssrc, peer.cname.encode()))
        try:
            async with asyncio.timeout(_RELEASE_DEADLINE):
                await peer.close()
        except TimeoutError:
            _logger.exception("A connection was not closed within %g s", _RELEASE_DEADLINE)
        self.link = LinkState.CLOSED
        self._guard(self._handlers.on_closed, reason)
        self._handlers = MediaHandlers()
        self._closed.set()

    def _keep_house(self, peer: Peer, due: float) -> None:
        """Report to the client, and look whether it is heard of; every second."""
        now = self._loop.time()
        following = now + _REPORT_INTERVAL
        self._housekeeping = self._loop.call_at(following, self._keep_house, peer, following)
        self._send_report(peer, now)
        sounding = self._inbound is not None and self._inbound.reception.received > 0
        link = self._watch.judge(now, due, peer.last_seen, sounding=sounding)
        if link is not self.link:
            self.link = link
            self._guard(self._handlers.on_link, link)

    def _send_report(self, peer: Peer, now: float) -> None:
        if self._inbound is None or self._sender is None:
            return
        ntp = rtcp.ntp_time(time.time())
        sent = self._sender.sender_report(now, ntp)
        received = self._inbound.reception.report(now)
        if sent is not None:
            self._sender.delivery.sent_report(ntp, now)
        if sent is not None or received is not None:
            reports = [] if received is None else [received]
            peer.send_report(rtcp.build_report(peer.ssrc, peer.cname.encode(), sent, reports))

    def _packet(self, packet: RtpPacket, now: float) -> None:
        if self._inbound is not None:
            self._inbound.packet(packet, now)

    def _report(self, report: list[SenderReport | ReceptionReport | Goodbye], now: float) -> None:
        for item in report:
            if isinstance(item, SenderReport) and self._inbound is not None:
                self._inbound.reception.sender_report(item, now)
            elif isinstance(item, ReceptionReport) and self._sender is not None:
                self._delivery_report(self._sender, item, now)

    def _delivery_report(self, sender: Sender, report: ReceptionReport, now: float) -> None:
        if self._peer is None or report.ssrc != self._peer.ssrc:
            return
        sender.delivery.reception_report(report, now)
        if self._policy.report(sender.delivery.fraction_lost, now):
            sender.correct_errors(on=self._policy.on, expected_loss=self._policy.expected_loss)

    def _guard(self, handler: Callable[..., None], *arguments: object) -> None:
        """Call the driver; if that raises, the call ends."""
        try:
            handler(*arguments)
        except Exception as error:  # noqa: BLE001 - the driver's fault ends its call alone
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        _logger.error("A call ends because of an error of ours", exc_info=error)
        self._end(CloseReason(CloseCode.INTERNAL_ERROR, f"An error of ours ended the call: {error!r}"))

    def _end(self, reason: CloseReason) -> None:
        if not self._ending.done():
            self._ending.set_result(reason)
