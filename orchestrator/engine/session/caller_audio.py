"""Client events about the caller's audio (Realtime protocol, sections 5, 8.2, 8.3, 8.8 and 9)."""

from typing import Final

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.audio_buffer import InputAudioBuffer
from orchestrator.engine.session.audio_format import Decoder
from orchestrator.engine.session.commands import Command, DropUtterance, EndUtterance, Hear, Listen
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.conversation import Conversation
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.responses import Responses
from orchestrator.engine.session.transcripts import Transcripts
from orchestrator.engine.session.turns import ListenForSpeech, Turns
from orchestrator.realtime.serving.item_shapes import decoded_audio
from orchestrator.realtime.serving.validation import require_text
from orchestrator.speech.protocol import SpeechStarted, SpeechStopped, Transcript
from orchestrator.speech.questions import Answer, answer_wanted

NO_RECOGNISER: Final = (
    "This engine runs without a recogniser: it takes audio, but cannot write it down. Send text."
)


class CallerAudio:
    """Takes the caller's audio, finds turns in it, and has them written down.

    Without a recogniser every commit is told as not transcribed.

    Args:
        configuration: The session's settings.
        items: The default conversation.
        conversation: Adds the caller's items.
        transcripts: Has them written down.
        responses: Is told of turns.
        listen: Makes the detector of speech.
        commands: What the connection must do, in order.
        emitter: Where events go.
        new_id: Makes ids from prefixes.
    """

    def __init__(
        self,
        configuration: Configuration,
        items: Items,
        conversation: Conversation,
        transcripts: Transcripts,
        responses: Responses,
        listen: ListenForSpeech,
        commands: list[Command],
        emitter: Emitter,
        new_id: NewId,
    ) -> None:
        self._configuration = configuration
        self._items = items
        self._conversation = conversation
        self._transcripts = transcripts
        self._responses = responses
        self._commands = commands
        self._emitter = emitter
        self._new_id = new_id
        self._buffer = InputAudioBuffer()
        self._turns = Turns(listen, self._hear)
        self._format = configuration.input_format
        self._decoder = Decoder(self._format)
        self._listening: Listen | None = None
        self._wanted: Answer = "anything"
        self._next_item_id: str | None = None
        self._turn_from_ms = 0
        self._idle_from_ms: float | None = None
        responses.ended = self._response_ended
        self._turns.configure(configuration.turn_detection)

    def configured(self) -> None:
        """The session's settings may have changed.

        Whoever asks for replies in sound is about to speak: the recogniser begins to learn its words now.
        """
        if self._format != self._configuration.input_format:
            self._format = self._configuration.input_format
            self._decoder = Decoder(self._format)
        self._turns.configure(self._configuration.turn_detection)
        expects_sound = self._configuration["output_modalities"] == ["audio"]
        if self._configuration.hears and (expects_sound or self._listening is not None):
            self._prepare()

    def append(self, event: JsonObject) -> None:
        """`input_audio_buffer.append`; never acknowledged."""
        audio = decoded_audio(require_text(event, "audio"), "audio")
        self._buffer.append(audio, self._format)
        if not self._configuration.hears:
            return
        if self._listening is None or self._expects_something_else():
            self._prepare()
        for happened in self._turns.feed(self._decoder.feed(audio)):
            if isinstance(happened, SpeechStarted):
                self._started(happened)
            else:
                self._stopped(happened)
        self._look_at_the_time()

    def clear(self, _event: JsonObject) -> None:
        """`input_audio_buffer.clear`."""
        self._buffer.clear()
        self._turns.clear()
        if self._next_item_id is not None:
            self._items.sound.forget(self._next_item_id)
            self._next_item_id = None
        if self._listening is not None:
            self._commands.append(DropUtterance())
        self._emitter.emit("input_audio_buffer.cleared")

    def commit(self, _event: JsonObject) -> None:
        """`input_audio_buffer.commit`: makes the caller's item, and starts no response."""
        milliseconds = self._buffer.commit()
        self._turns.finish()
        self._add_item(milliseconds)

    def heard_so_far(self, text: str) -> None:
        """What was understood of the open turn so far."""
        self._turns.hear(text)

    def _hear(self, pcm: bytes) -> None:
        self._commands.append(Hear(pcm))
        self._items.sound.add(self._future_item_id(), pcm)

    def _expects_something_else(self) -> bool:
        """Whether the agent has asked, or was answered, since the recogniser was prepared."""
        return not self._turns.is_open and answer_wanted(self._items.last_reply) != self._wanted

    def _prepare(self) -> None:
        self._wanted = answer_wanted(self._items.last_reply)
        transcription = self._configuration.transcription or {}
        keywords, language = transcription.get("keywords"), transcription.get("language")
        wanted = Listen(
            self._configuration.functions,
            tuple(phrase for phrases in self._configuration.hints.values() for phrase in phrases),
            tuple(str(word) for word in keywords) if isinstance(keywords, list) else (),
            language if isinstance(language, str) else "en",
            self._wanted,
        )
        if wanted != self._listening:
            self._listening = wanted
            self._commands.append(wanted)

    def _started(self, started: SpeechStarted) -> None:
        self._idle_from_ms = None
        self._turn_from_ms = started.at_ms
        self._emitter.emit(
            "input_audio_buffer.speech_started",
            audio_start_ms=started.at_ms,
            item_id=self._future_item_id(),
        )
        if self._detects("interrupt_response"):
            self._responses.interrupt()

    def _stopped(self, stopped: SpeechStopped) -> None:
        self._emitter.emit(
            "input_audio_buffer.speech_stopped", audio_end_ms=stopped.at_ms, item_id=self._future_item_id()
        )
        self._buffer.clear()
        self._add_item(stopped.at_ms - self._turn_from_ms)
        self._answer()

    def _add_item(self, milliseconds: float, *, silent: bool = False) -> None:
        item_id, self._next_item_id = self._future_item_id(), None
        self._emitter.emit(
            "input_audio_buffer.committed", previous_item_id=self._items.last_id, item_id=item_id
        )
        item: JsonObject = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        self._conversation.add_settled(item)
        if not self._configuration.hears:
            self._transcripts.failed(item_id, NO_RECOGNISER)
            return
        self._transcripts.expect(item_id, milliseconds)
        if silent:
            self._transcripts.heard(item_id, Transcript(""))
        else:
            self._commands.append(EndUtterance(item_id))

    def _look_at_the_time(self) -> None:
        """Section 8.8: nobody spoke for long after the last reply was played."""
        detection = self._configuration.turn_detection or {}
        timeout = detection.get("idle_timeout_ms")
        since = self._idle_from_ms
        if not isinstance(timeout, int) or since is None or self._turns.is_open or self._responses.is_active:
            return
        if self._turns.position_ms < since + timeout:
            return
        self._idle_from_ms = None
        self._emitter.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=int(since),
            audio_end_ms=self._turns.position_ms,
            item_id=self._future_item_id(),
        )
        self._turns.clear()
        self._buffer.clear()
        self._add_item(self._turns.position_ms - since, silent=True)
        self._answer()

    def _answer(self) -> None:
        if self._detects("create_response"):
            self._responses.create_by_turn()

    def _detects(self, what: str) -> bool:
        return bool((self._configuration.turn_detection or {}).get(what))

    def _future_item_id(self) -> str:
        self._next_item_id = self._next_item_id or self._new_id("item")
        return self._next_item_id

    def _response_ended(self, sound_ms: float) -> None:
        """The client plays a reply from now on: time to be idle begins at its end (section 3.1)."""
        self._idle_from_ms = self._turns.position_ms + sound_ms
