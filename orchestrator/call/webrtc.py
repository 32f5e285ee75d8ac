"""One WebRTC call between its media path and its conversation: sound both ways, and how far it was heard."""

import asyncio
import binascii
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from orchestrator.call.client import CallClient
from orchestrator.call.live import LiveConversation
from orchestrator.call.webrtc_buffer import OutputBuffer, Stage
from orchestrator.core.configuration import Wishes
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import (
    AudioRouteNotice,
    EndedNotice,
    Notice,
    PartNotice,
    PlaybackNotice,
    ReplyNotice,
)
from orchestrator.media.errors import CloseCode, CloseReason
from orchestrator.media.handlers import LinkState, MediaHandlers
from orchestrator.realtime.connection import AudioDelta

if TYPE_CHECKING:
    from orchestrator.media.call import MediaCall

PARTING_SECONDS: Final = 0.1
"""What the last events have to reach the client, before the connection is closed."""

LOST: Final = "connection lost"

_REASONS: Final = {
    CloseCode.CLIENT_CLOSED: "client disconnected",
    CloseCode.CONNECTION_LOST: LOST,
}

_log: Final = structlog.get_logger(__name__)


class WebRtcLine:
    """The line of one call. Made before the offer is answered, since the answer needs `handlers`.

    Args:
        on_event: Called with each event of the client, once it has joined.
    """

    def __init__(self, on_event: Callable[[str], None]) -> None:
        self._on_event = on_event
        self._call: MediaCall | None = None
        self._live: LiveConversation | None = None
        self._client: CallClient | None = None
        self._buffer = OutputBuffer(self._announce)
        self._closed: str | None = None
        self._agent_ended = False

    def handlers(self) -> MediaHandlers:
        """What the media path is to call."""
        return MediaHandlers(
            on_connected=self._connected,
            on_audio=self._heard,
            on_event=self._on_event,
            on_playout_started=self._buffer.started,
            on_playout_ended=self._ended,
            on_link=self._linked,
            on_closed=self._over,
        )

    def attach(self, call: "MediaCall") -> None:
        """Take the answered call; what the agent says waits until it is connected."""
        self._call = call
        call.pause()

    def join(
        self, live: LiveConversation, client: CallClient, *, wishes: Wishes, greet: bool = False
    ) -> None:
        """Give the line to this call."""
        self._live, self._client = live, client
        live.join(client, wishes=wishes, greet=greet)
        if self._closed is not None:
            live.leave(client, self._closed)

    # --- to the caller ------------------------------------------------------------------------------------

    def send(self, text: str) -> bool:
        """Send an event, or keep it until the client opens the channel; whether it was taken.

        Raises:
            EventTooLargeError: It is longer than the client takes.
        """
        return self._call is not None and self._call.send_event(text)

    def play(self, delta: AudioDelta, route: AudioRouteNotice) -> None:
        """Queue a piece of speech."""
        if self._call is None:
            return
        try:
            sound = binascii.a2b_base64(delta.base64())
        except binascii.Error:
            _log.warning("engine sent audio that is no base64", item_id=route.item_id)
            return
        if self._call.send_audio(route.item_id, sound):
            self._buffer.queued(route.item_id, route.reply_id)

    def told(self, notice: Notice) -> None:
        """Take note of what the client was told: when sound is complete, and who ends the call."""
        if isinstance(notice, PartNotice) and notice.stage == "done" and notice.kind == "audio":
            self._complete(notice.item_id)
        elif isinstance(notice, ReplyNotice) and notice.stage == "done":
            for item_id in self._buffer.made(notice.reply.id):
                self._complete(item_id)
        elif isinstance(notice, EndedNotice):
            self._agent_ended = notice.by == "agent"

    def flush(self) -> None:
        """Fall silent within one packet; the conversation is told how far each item was heard."""
        if self._call is None:
            return
        cut = self._call.flush().played_ms
        self._buffer.cleared()
        if self._live is not None:
            for item_id, milliseconds in cut.items():
                self._live.played(item_id, milliseconds)

    def hang_up(self) -> None:
        """Close the call; what an agent says last is heard to its end."""
        if self._call is None:
            return
        if not self._agent_ended:
            self.flush()
        wait = self._call.queued_ms / 1000 + PARTING_SECONDS
        asyncio.get_running_loop().call_later(wait, self._call.end)

    def abandon(self) -> None:
        """Close a call that found no conversation."""
        if self._call is not None:
            self._call.end()

    def statistics(self) -> JsonObject:
        """What was measured."""
        if self._call is None:
            return {}
        found: JsonObject = dataclasses.asdict(self._call.statistics())
        return found

    def _complete(self, item_id: str) -> None:
        if self._call is not None:
            self._call.complete_audio(item_id)

    def _announce(self, stage: Stage, reply_id: str) -> None:
        if self._live is not None and self._live.client is self._client:
            self._live.announce(PlaybackNotice(stage, reply_id))

    # --- from the media path ------------------------------------------------------------------------------

    def _connected(self) -> None:
        if self._call is not None:
            self._call.resume()

    def _heard(self, sound: bytes, position: int) -> None:
        del position
        live = self._live
        if live is not None and live.client is self._client and live.understands_sound:
            live.hear(binascii.b2a_base64(sound, newline=False).decode())

    def _ended(self, item_id: str) -> None:
        if self._live is not None and self._call is not None:
            self._live.played(item_id, self._call.played_ms(item_id))
        self._buffer.ended(item_id)

    def _linked(self, state: LinkState) -> None:
        """Let go of a client that was not heard of for eight seconds; it may come back and resume."""
        if state is LinkState.SUSPENDED:
            self._leave(LOST)
            self.abandon()

    def _over(self, reason: CloseReason) -> None:
        self._leave(_REASONS.get(reason.code, reason.code.value))

    def _leave(self, reason: str) -> None:
        if self._closed is not None:
            return
        self._closed = reason
        live, client = self._live, self._client
        if live is not None and client is not None and live.client is client:
            self.flush()
            live.leave(client, reason)


def audio_format_of(wishes: Wishes) -> str:
    """The one format of a call's sound, both ways; the wire's own codec is settled with the offer.

    Raises:
        InvalidRequestError: The wishes name two.
    """
    hears, speaks = (str(each.get("type")) for each in (wishes.input_format, wishes.output_format))
    if hears != speaks:
        raise InvalidRequestError(
            f"A WebRTC call has one format both ways; the session asks for {hears} and {speaks}. "
            "Leave `format` out, or name the same one twice.",
            param="session.audio.output.format",
        )
    return speaks
