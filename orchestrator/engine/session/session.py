"""One Realtime session as a pure machine: events in, server events and commands out.

Events come from the client, the brain, the voice and the recogniser. The machine reads no clock, makes no id
and never waits. The connection feeds it in arrival order (section 9, "Concurrency"), sends what `take_events`
answers, and carries out what `take_commands` answers.
"""

from collections.abc import Callable
from typing import Final

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import BrainEvent
from orchestrator.engine.session.caller_audio import CallerAudio
from orchestrator.engine.session.commands import Command
from orchestrator.engine.session.configuration import TEXT_ONLY, Capabilities, Configuration
from orchestrator.engine.session.conversation import Conversation
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.responses import Responses
from orchestrator.engine.session.transcripts import Transcripts
from orchestrator.engine.session.turns import ListenForSpeech
from orchestrator.realtime.serving.client_events import checked_event_type, client_event_id
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value
from orchestrator.realtime.serving.validation import require_object
from orchestrator.speech.activity import SileroActivity
from orchestrator.speech.protocol import Speech, Transcript


class Session:
    """The state of one connection.

    Args:
        model: The model of the URL.
        expires_at: When the session ends, in seconds since the epoch.
        new_id: Makes ids from prefixes.
        capabilities: What the engine can do.
        listen: Makes the detector of the caller's speech; needed by an engine that transcribes.
    """

    def __init__(
        self,
        model: str,
        expires_at: int,
        new_id: NewId,
        capabilities: Capabilities = TEXT_ONLY,
        listen: ListenForSpeech = SileroActivity,
    ) -> None:
        emitter, items, commands = Emitter(new_id), Items(), list[Command]()
        configuration = Configuration(new_id("sess"), model, expires_at, capabilities)
        transcripts = Transcripts(configuration, items, emitter)
        conversation = Conversation(configuration, items, transcripts, commands, emitter, new_id)
        responses = Responses(new_id("conv"), configuration, items, transcripts, commands, emitter, new_id)
        audio = CallerAudio(
            configuration, items, conversation, transcripts, responses, listen, commands, emitter, new_id
        )
        self.items: Final = items
        self._emitter, self._commands = emitter, commands
        self._configuration, self._transcripts = configuration, transcripts
        self._responses, self._audio = responses, audio
        self._handlers: Final[dict[str, Callable[[JsonObject], None]]] = {
            "session.update": self._update,
            "input_audio_buffer.append": audio.append,
            "input_audio_buffer.commit": audio.commit,
            "input_audio_buffer.clear": audio.clear,
            "conversation.item.create": conversation.create,
            "conversation.item.retrieve": conversation.retrieve,
            "conversation.item.truncate": conversation.truncate,
            "conversation.item.delete": conversation.delete,
            "response.create": responses.create,
            "response.cancel": responses.cancel,
            "output_audio_buffer.clear": _refuse_output_clear,
        }
        self._emitter.emit("session.created", session=self._configuration.effective())

    def take_events(self) -> list[JsonObject]:
        """Hand over the server events that are due, in order."""
        return self._emitter.take()

    def take_commands(self) -> list[Command]:
        """Hand over what the connection must do, in order."""
        taken = list(self._commands)
        self._commands.clear()
        return taken

    def feed(self, event: JsonObject) -> None:
        """Apply one client event; a refused one changes nothing and is told as `error` (section 10)."""
        try:
            self._handlers[checked_event_type(event)](event)
        except RefusedError as refusal:
            self.refuse(refusal, client_event_id(event))

    def refuse(self, refusal: RefusedError, event_id: str | None = None) -> None:
        """Tell of something that was refused before it became an event: bad JSON, a binary frame."""
        self._emitter.emit("error", error=refusal.as_error(event_id))

    def feed_brain(self, response_id: str, event: BrainEvent) -> None:
        """Apply what the brain said for a response; ignored once that response has ended."""
        self._responses.feed(response_id, event)

    def feed_speech(self, response_id: str, speech: Speech) -> None:
        """Apply what the voice made of a response's words; ignored once that response has ended."""
        self._responses.feed_speech(response_id, speech)

    def heard_so_far(self, text: str) -> None:
        """Apply what the recogniser understood of the open utterance so far."""
        self._audio.heard_so_far(text)

    def heard(self, item_id: str, transcript: Transcript) -> None:
        """Apply what the recogniser wrote down for an item."""
        self._transcripts.heard(item_id, transcript)

    def not_heard(self, item_id: str, message: str) -> None:
        """The recogniser could not write an item down.

        Args:
            item_id: Which.
            message: Why, in words fit for a client.
        """
        self._transcripts.failed(item_id, message)

    def complete(self, response_id: str) -> None:
        """The brain is done with a response, and the voice as well."""
        self._responses.complete(response_id)

    def fail(self, response_id: str, kind: str, code: str, message: str) -> None:
        """The brain could not answer a response.

        Args:
            response_id: Which.
            kind: The protocol's `error.type`.
            code: The protocol's code.
            message: What went wrong.
        """
        self._responses.fail(response_id, {"type": kind, "code": code, "message": message})

    def shut_down(self, message: str) -> None:
        """The engine stops: every response ends as failed."""
        self._responses.fail_all({"type": "server_error", "code": "server_error", "message": message})

    def expire(self, minutes: float) -> None:
        """The session's life is over (sections 2.1 and 9); the connection closes with 1001 after this.

        Args:
            minutes: The longest life of a session.
        """
        message = f"Your session hit the maximum duration of {minutes:g} minutes."
        self._responses.fail_all({"type": "server_error", "code": "session_expired", "message": message})
        self.refuse(RefusedError("session_expired", message))

    def _update(self, event: JsonObject) -> None:
        change = require_object(event, "session")
        self._configuration.update(change, audio_was_produced=self._responses.audio_was_produced)
        self._audio.configured()
        self._emitter.emit("session.updated", session=self._configuration.effective())


def _refuse_output_clear(_event: JsonObject) -> None:
    raise invalid_value(
        "'output_audio_buffer.clear' is for WebRTC and SIP calls; over a WebSocket the client "
        "plays the audio.",
        "type",
    )
