"""What a client connection is to the driver, whatever it speaks: WebRTC, WebSocket or telephone."""

from typing import Protocol

from orchestrator.call.sound import Sound
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import AudioRouteNotice, Notice


class CallClient(Protocol):
    """One client connection. Its methods are called on the event loop and must not block."""

    @property
    def call_id(self) -> str:
        """Of this connection: `rtc_…`."""

    @property
    def transport(self) -> str:
        """`websocket`, `webrtc` or `telephone`."""

    def tell(self, notice: Notice) -> None:
        """Tell the client."""

    def play(self, sound: Sound, route: AudioRouteNotice) -> None:
        """Let the caller hear a piece of speech, as part of the reply that the route names."""

    def flush(self) -> None:
        """Drop what is queued to be heard, at once."""

    def pause(self) -> bool:
        """Fall silent at once and keep what is queued; whether that can be: not where the client plays."""

    def resume(self) -> None:
        """Go on after `pause`."""

    def statistics(self) -> JsonObject:
        """What its transport measured, to be stored with the call."""

    def hang_up(self, reason: str) -> None:
        """Close the connection once what was told before has been delivered."""
