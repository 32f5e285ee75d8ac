"""One WebRTC client of the door: events on its data channel, sound on its tracks (protocol, section 12)."""

from orchestrator.api.door.dialogue import WEBRTC, Dialogue
from orchestrator.api.door.outgoing import error_event
from orchestrator.call.live import LiveConversation
from orchestrator.call.sound import Sound
from orchestrator.call.webrtc import WebRtcLine
from orchestrator.core.configuration import Wishes
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import AudioRouteNotice, Notice


class CallConnection:
    """A client that is connected by WebRTC.

    Args:
        call_id: Of this connection.
        extended: Whether it is told our own events.

    Attributes:
        line: Its media path.
    """

    def __init__(self, call_id: str, *, extended: bool = False) -> None:
        self.call_id = call_id
        self.transport = WEBRTC
        self.line = WebRtcLine(self._take)
        self._dialogue = Dialogue(self, extended=extended)
        self._live: LiveConversation | None = None

    def join(self, live: LiveConversation, *, wishes: Wishes, greet: bool = False) -> None:
        """Take the conversation's line; from another WebRTC call, with all that is in progress there."""
        self._live = live
        before = live.client
        if isinstance(before, CallConnection) and self.line.take_over(before.line, self):
            return
        self.line.join(live, self, wishes=wishes, greet=greet)

    def tell(self, notice: Notice) -> None:
        """Send what a notice is on the wire; until the client opens the channel, that waits."""
        self._dialogue.tell(notice)
        self.line.told(notice)

    def play(self, sound: Sound, route: AudioRouteNotice) -> None:
        """Let the caller hear a piece of speech."""
        self.line.play(sound, route)

    def flush(self) -> None:
        """Fall silent."""
        self.line.flush()

    def pause(self) -> bool:
        """Fall silent, and keep what is queued."""
        return self.line.pause()

    def resume(self) -> None:
        """Go on."""
        self.line.resume()

    def statistics(self) -> JsonObject:
        """What the media path measured."""
        return self.line.statistics()

    def hang_up(self, reason: str) -> None:
        """Close the call; why, is told to those who include our own events."""
        del reason
        self.line.hang_up()

    def deliver(self, frame: str) -> None:
        """Send a frame; one that is larger than the client takes becomes an `error`."""
        try:
            self.line.send(frame)
        except InvalidRequestError as error:
            self._dialogue.send(error_event(error.code, error.message))

    def _take(self, text: str) -> None:
        live = self._live
        if live is not None and live.client is self:
            self._dialogue.take(text, live)
