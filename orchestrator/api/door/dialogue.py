"""Events of one client to and from the conversation it is connected to, over whatever carries them."""

import secrets
from typing import Final, Protocol

from orchestrator.api.door.incoming import READERS, read_audio
from orchestrator.api.door.outgoing import Outgoing, error_event, item_object
from orchestrator.call.live import LiveConversation
from orchestrator.core.configuration import Wishes, merge
from orchestrator.core.events import CallerTruncatedItem, CallerUpdated
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import Notice
from orchestrator.realtime.codec import InvalidFrameError, decode, encode
from orchestrator.realtime.serving.client_events import checked_event_type, client_event_id
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value
from orchestrator.realtime.serving.validation import require_text

WEBRTC: Final = "webrtc"


class Carrier(Protocol):
    """What carries events to a client."""

    def deliver(self, frame: str) -> None:
        """Send an event, or queue it to be sent."""


class Dialogue:
    """Translates between a client and the conversation.

    Args:
        carrier: Takes what is for the client.
        extended: Whether it is told our own events.
    """

    def __init__(self, carrier: Carrier, *, extended: bool = False) -> None:
        self._carrier = carrier
        self._outgoing = Outgoing(extended=extended)
        self._event_prefix = f"event_{secrets.token_hex(8)}"
        self._events = 0

    # --- to the client ------------------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Send what a notice is on the wire."""
        for event in self._outgoing.events(notice):
            self.send(event)

    def send(self, event: JsonObject) -> None:
        """Send an event; gives it its `event_id`."""
        self._events += 1
        event["event_id"] = f"{self._event_prefix}{self._events}"
        self._carrier.deliver(encode(event))

    # --- from the client ----------------------------------------------------------------------------------

    def take(self, frame: str, live: LiveConversation) -> None:
        """Act on a text frame of the client; a refused one changes nothing and is told as `error`."""
        event: JsonObject = {}
        try:
            event = decode(frame)
            self._take_event(event, live)
        except InvalidFrameError as error:
            self.send(error_event(error.code, error.message))
        except RefusedError as error:
            event_id = client_event_id(event)
            self.send(error_event(error.wire_code, error.message, error.param, event_id, error.kind))

    def _take_event(self, event: JsonObject, live: LiveConversation) -> None:
        kind = checked_event_type(event)
        if kind == "input_audio_buffer.append":
            live.hear(read_audio(event))
        elif kind == "conversation.item.retrieve":
            self._retrieve(require_text(event, "item_id"), live)
        elif kind == "output_audio_buffer.clear":
            _clear_output(live)
        else:
            read = READERS[kind](event, client_event_id(event))
            if isinstance(read, CallerTruncatedItem):
                read = live.measured(read)
            elif isinstance(read, CallerUpdated):
                _refuse_other_formats(read.session, live)
            live.feed(read)

    def _retrieve(self, item_id: str, live: LiveConversation) -> None:
        item = live.machine.item(item_id)
        if item is None:
            raise RefusedError("item_retrieve_invalid_item_id", f"There is no item {item_id!r}.")
        self.send({"type": "conversation.item.retrieved", "item": item_object(item)})


def _on_webrtc(live: LiveConversation) -> bool:
    return live.client is not None and live.client.transport == WEBRTC


def _clear_output(live: LiveConversation) -> None:
    if live.client is None or not _on_webrtc(live):
        message = "'output_audio_buffer.clear' is for WebRTC calls; over a WebSocket the client plays."
        raise RefusedError("invalid_value", message, param="type")
    live.flush()


def _refuse_other_formats(session: JsonObject, live: LiveConversation) -> None:
    """The media path of a call is made for one format when its offer is answered."""
    if not _on_webrtc(live):
        return
    asked, now = merge(Wishes(), session), live.machine.wishes
    audio = session.get("audio")
    for side, theirs, ours in (
        ("input", asked.input_format, now.input_format),
        ("output", asked.output_format, now.output_format),
    ):
        said = audio.get(side) if isinstance(audio, dict) else None
        if isinstance(said, dict) and said.get("format") is not None and theirs != ours:
            raise invalid_value(
                "The format of a WebRTC call stays as it began. Connect anew to change it.",
                f"session.audio.{side}.format",
            )
