"""One WebRTC call between its media path and its conversation: sound both ways, and how far it was heard."""

import asyncio
import binascii
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from orchestrator.call.client import CallClient
from orchestrator.call.live import LiveConversation
from orchestrator.call.phrases import PhraseSound
from orchestrator.call.sound import Sound
from orchestrator.call.webrtc_buffer import OutputBuffer, Stage
from orchestrator.core.configuration import Wishes
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.events import Played
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import (
    AudioRouteNotice,
    EndedNotice,
    HeardNotice,
    Notice,
    PartNotice,
    PlaybackNotice,
    ReplyNotice,
)
from orchestrator.media.errors import CloseCode, CloseReason
from orchestrator.media.handlers import LinkState, MediaHandlers
from orchestrator.realtime.outbound import APPEND

if TYPE_CHECKING:
    from orchestrator.media.call import MediaCall

PARTING_SECONDS: Final = 0.1
"""What the last events have to reach the client, before the connection is closed."""

LOST: Final = "connection lost"

_REASONS: Final = {
    CloseCode.CLIENT_CLOSED: "client disconnected",
    CloseCode.CONNECTION_LOST: LOST,
}

_TROUBLES: Final = frozenset(CloseCode) - {CloseCode.CLIENT_CLOSED, CloseCode.SERVER_CLOSED}
"""Ends that somebody may have to mend something for; logged with their reasons."""

_log: Final = structlog.get_logger(__name__)


class WebRtcLine:
    """The line of one call. Made before the offer is answered, since the answer needs `handlers`.

    Args:
        on_event: Called with each event of the client, once it has joined.

    Attributes:
        call: Its media path, once the offer is answered.
        live: The conversation, once joined.
        buffer: What of each reply is being heard.
        heir: The line of another connection, which took this one over.
        is_paused: Whether what waits to be heard is held back.
    """

    def __init__(self, on_event: Callable[[str], None]) -> None:
        self._on_event = on_event
        self.call: MediaCall | None = None
        self.live: LiveConversation | None = None
        self._client: CallClient | None = None
        self.buffer = OutputBuffer(self._announce)
        self._closed: str | None = None
        self._ending: CloseReason | None = None
        self._agent_ended = False
        self._is_connected = False
        self.is_paused = False
        self.heir: WebRtcLine | None = None
        self._predecessor: WebRtcLine | None = None

    def handlers(self) -> MediaHandlers:
        """What the media path is to call."""
        return MediaHandlers(
            on_connected=self._connected,
            on_audio=self._heard,
            forwarding=self,
            on_event=self._on_event,
            on_playout_paced=self._paced,
            on_playout_started=self._started,
            on_playout_ended=self._ended,
            on_link=self._linked,
            on_closed=self._over,
        )

    def attach(self, call: "MediaCall") -> None:
        """Take the answered call; what the agent says waits until it is connected."""
        self.call = call
        call.pause()

    def join(
        self, live: LiveConversation, client: CallClient, *, wishes: Wishes, greet: bool = False
    ) -> None:
        """Give the line to this call."""
        self.live, self._client = live, client
        live.join(client, wishes=wishes, greet=greet)
        if self._closed is not None:
            live.leave(client, self._closed)

    def take_over(self, before: "WebRtcLine", client: CallClient) -> bool:
        """Go on where another connection of the same caller stops, as when the caller's network changes.

        What was queued there is heard here; until this one is connected, the caller is heard through that.

        Args:
            before: Its line, which has the conversation's.
            client: Ours.

        Returns:
            Whether that can be: not for a call with another format or codec, or that is over already.
        """
        mine, theirs, live = self.call, before.call, before.live
        if mine is None or theirs is None or live is None or self._closed is not None:
            return False
        if not mine.take_over(theirs):
            return False
        self.live, self._client = live, client
        self.is_paused = before.is_paused
        self.buffer.take_over(before.buffer)
        self._predecessor, before.heir = before, self
        live.take_over(client)
        if self._is_connected:
            self.release_predecessor()
        return True

    # --- to the caller ------------------------------------------------------------------------------------

    def send(self, text: str) -> bool:
        """Send an event, or keep it until the client opens the channel; whether it was taken.

        Raises:
            EventTooLargeError: It is longer than the client takes.
        """
        return self.call is not None and self.call.send_event(text)

    def play(self, sound: Sound, route: AudioRouteNotice) -> None:
        """Queue a piece of speech."""
        if self.call is None:
            return
        try:
            ready = sound.phrase.encoded if isinstance(sound, PhraseSound) else sound.raw()
        except binascii.Error:
            _log.warning("engine sent audio that is no base64", item_id=route.item_id)
            return
        if self.call.send_audio(route.item_id, ready):
            self.buffer.queued(route.item_id, route.reply_id)

    def told(self, notice: Notice) -> None:
        """Take note of what the client was told: when sound is complete, and who ends the call."""
        if isinstance(notice, PartNotice) and notice.stage == "done" and notice.kind == "audio":
            self._complete(notice.item_id)
        elif isinstance(notice, ReplyNotice) and notice.stage == "done":
            for item_id in self.buffer.made(notice.reply.id):
                self._complete(item_id)
        elif isinstance(notice, EndedNotice):
            self._agent_ended = notice.by == "agent"

    def flush(self) -> None:
        """Fall silent within one packet; the conversation is told how far each item was heard."""
        if self.call is None:
            return
        cut = self.call.flush().played_ms
        self.buffer.cleared()
        if self.live is not None:
            for item_id, milliseconds in cut.items():
                self.live.played(item_id, milliseconds)

    def pause(self) -> bool:
        """Fall silent within one packet, and keep what is queued."""
        if self.call is None:
            return False
        self.is_paused = True
        self.call.pause()
        return True

    def resume(self) -> None:
        """Go on after `pause`, once connected."""
        self.is_paused = False
        if self.call is not None and self._is_connected:
            self.call.resume()

    def hang_up(self) -> None:
        """Close the call; what an agent says last is heard to its end.

        One that was taken over goes on listening until the connection that did so is there.
        """
        if self.heir is None or not self.heir.is_connecting:
            self.part()

    def part(self) -> None:
        """Close the call, whoever listens."""
        if self.call is None:
            return
        if not self._agent_ended and self.heir is None:
            self.flush()
        wait = self.call.queued_ms / 1000 + PARTING_SECONDS
        asyncio.get_running_loop().call_later(wait, self.call.end)

    def abandon(self) -> None:
        """Close a call that found no conversation."""
        if self.call is not None:
            self.call.end()

    def statistics(self) -> JsonObject:
        """What was measured."""
        if self.call is None:
            return {}
        found: JsonObject = dataclasses.asdict(self.call.statistics())
        if self._ending is not None:
            found["ending"] = {"code": self._ending.code.value, "message": self._ending.message}
        return found

    @property
    def is_connecting(self) -> bool:
        """Whether the connection is neither there nor given up."""
        return not self._is_connected and self._closed is None

    @property
    def _mine(self) -> LiveConversation | None:
        """The conversation, as long as its line is this call's."""
        live = self.live
        return live if live is not None and live.client is self._client else None

    def _complete(self, item_id: str) -> None:
        if self.call is not None:
            self.call.complete_audio(item_id)

    def _announce(self, stage: Stage, reply_id: str) -> None:
        if (live := self._mine) is not None:
            live.line.tell(PlaybackNotice(stage, reply_id))

    # --- from the media path ------------------------------------------------------------------------------

    def _connected(self) -> None:
        self._is_connected = True
        if self.call is not None and not self.is_paused:
            self.call.resume()
        self.release_predecessor()

    def release_predecessor(self) -> None:
        """Let the connection go that was listened to until now."""
        before, self._predecessor = self._predecessor, None
        if before is not None:
            before.release_predecessor()
            before.part()

    def _heard(self, sound: bytes, position: int) -> None:
        del position
        live = self.live
        if live is None:
            return
        is_mine = live.client is self._client if self.heir is None else self.is_listened_to(live)
        if is_mine and live.understands_sound:
            live.hear(sound)

    @property
    def envelope(self) -> tuple[bytes, bytes]:
        """See `Forwarding`."""
        return APPEND

    def forward(self, sound: bytes) -> Callable[[bytes], None] | None:
        """See `Forwarding`: not while another connection of the caller is about to take over."""
        live = self._mine
        return None if live is None or self.heir is not None else live.forward(sound)

    def is_listened_to(self, live: LiveConversation) -> bool:
        """Whether the caller's sound comes by this connection."""
        if self.heir is not None:
            return self.heir.is_connecting and self.heir.is_listened_to(live)
        return live.client is self._client

    def _paced(self, left_ms: int, in_ms: int) -> None:
        if (live := self._mine) is not None:
            live.line.recording.align(left_ms, in_ms)

    def _started(self, item_id: str) -> None:
        reply_id = self.buffer.started(item_id)
        if reply_id and (live := self._mine) is not None:
            live.line.tell(HeardNotice(reply_id, item_id))
            live.feed(Played(item_id, 0))

    def _ended(self, item_id: str) -> None:
        if self.live is not None and self.call is not None:
            self.live.played(item_id, self.call.played_ms(item_id))
        self.buffer.ended(item_id)

    def _linked(self, state: LinkState) -> None:
        """Let go of a client that was not heard of for eight seconds; it may come back and resume."""
        if state is LinkState.SUSPENDED:
            silent = round(self.call.statistics().silent_seconds) if self.call is not None else 0
            message = f"Nothing was heard of the client for {silent} s; it may call again and go on."
            self._over(CloseReason(CloseCode.CONNECTION_LOST, message))
            self.abandon()

    def _over(self, reason: CloseReason) -> None:
        if self._ending is None:
            self._ending = reason
            if reason.code in _TROUBLES:
                call_id = self._client.call_id if self._client is not None else None
                _log.warning("call broke off", call=call_id, code=reason.code.value, cause=reason.message)
        self._leave(_REASONS.get(reason.code, reason.code.value))
        self.release_predecessor()

    def _leave(self, reason: str) -> None:
        if self._closed is not None:
            return
        self._closed = reason
        live, client = self.live, self._client
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
