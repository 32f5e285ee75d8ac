"""Our own hearing of one call, for engines that find no turns or hear nothing: where turns begin, and words.

The detection is the embedded engine's: Silero behind an energy gate, on the event loop, a millisecond for
each 32 ms of sound and next to nothing for silence. Words come from the node's speech-to-text, which is
opened with the first sound of a session that needs it.
"""

import asyncio
import binascii
from collections.abc import Callable, Coroutine
from typing import Final

import structlog

from orchestrator.call.audio import AudioDesk
from orchestrator.call.audio_clock import padding_of
from orchestrator.call.sound import CallerAudio, caller_pcm
from orchestrator.call.sounding import Sounding
from orchestrator.core import commands as c
from orchestrator.core.events import SpeechBegan, SpeechEnded, Understood
from orchestrator.engine.server.hearing import Heard, Hearing
from orchestrator.engine.session import commands as ears
from orchestrator.engine.session.audio_format import WIRE_BYTES_PER_MS, Decoder
from orchestrator.engine.session.turns import ListenForSpeech, Turns
from orchestrator.speech.activity import SileroActivity
from orchestrator.speech.protocol import SpeechStarted, SpeechToText, Transcript, VoiceEvent

PCM: Final = "audio/pcm"

_log: Final = structlog.get_logger("orchestrator.conversation")

Answer = Callable[[SpeechBegan | SpeechEnded | Understood], None]


class HearingDesk:
    """Listens while a session needs it.

    Args:
        conversation_id: For the log.
        recogniser: Writes down what is said; None where there is none.
        audio: Keeps what is said until it is known who is to hear it.
        sounding: What the caller hears.
        answer: Takes what was heard.
        start: Starts a task in the conversation's task group.
        listen: Makes the detector of speech.
    """

    def __init__(
        self,
        conversation_id: str,
        recogniser: SpeechToText | None,
        audio: AudioDesk,
        sounding: Sounding,
        answer: Answer,
        start: Callable[[Coroutine[None, None, None]], "asyncio.Task[None] | None"],
        listen: ListenForSpeech = SileroActivity,
    ) -> None:
        self._conversation_id = conversation_id
        self._recogniser = recogniser
        self._audio = audio
        self._sounding = sounding
        self._answer = answer
        self._start = start
        self._own: c.OwnHearing | None = None
        self._format = PCM
        self._decoder = Decoder(PCM)
        self._pieces: list[bytes] = []
        self._turns = Turns(listen, self._pieces.append)
        self._writing: str | None = None
        self._expected: ears.Listen | None = None
        self._told: ears.Listen | None = None
        self._words: Hearing | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self, config: c.SessionConfig | None) -> bool:
        """Listen for a session that hears the caller from now on, or not at all.

        Args:
            config: Of that session; None for none.

        Returns:
            Whether that begins now: for the session before, somebody else listened.
        """
        own = None if config is None else config.hearing
        if config is None or own is None:
            self._rest()
            return False
        begins = self._own is None
        form = str((config.input_format or {}).get("type", PCM))
        if form != self._format and form in WIRE_BYTES_PER_MS:
            self._format, self._decoder = form, Decoder(form)
        if self._own is None or self._own.detection != own.detection:
            self._turns.configure(own.detection or None)
        self._own = own
        if own.writes or own.holds is not None:
            self._expect(config)
        return begins

    def heard(self, audio: CallerAudio) -> None:
        """Take caller audio, in the format of the session that hears. Never waits."""
        if self._own is None:
            return
        if self._expected != self._told and self._expected is not None:
            self._told = self._expected
            self._say(self._expected)
        try:
            pcm = self._decoder.feed(caller_pcm(audio))
        except binascii.Error:
            return
        for happened in self._turns.feed(pcm):
            self._happened(happened)
        self._write()

    def obey(self, command: c.WriteDown | c.EndUtterance | c.ForgetSpeech) -> None:
        """Do what the machine asks."""
        match command:
            case c.WriteDown(item_id):
                self._writing = item_id
            case c.EndUtterance(item_id):
                self._turns.finish()
                self._write()
                self._writing = None
                self._say(ears.EndUtterance(item_id))
                if self._writes:
                    self._audio.forget()
            case c.ForgetSpeech():
                self._turns.clear()
                self._drop(whatever=self._writes)
                self._audio.forget()

    def ended(self) -> None:
        """The turn was ended by hand."""
        self._turns.finish()
        self._drop()
        self._audio.ended()

    def stop(self) -> None:
        """Hear no more."""
        self._own = None
        if self._task is not None:
            self._task.cancel()

    # --- turns --------------------------------------------------------------------------------------------

    def _happened(self, happened: VoiceEvent) -> None:
        before, behind = padding_of(None if self._own is None else self._own.detection)
        passed = self._turns.position_ms - happened.at_ms
        if isinstance(happened, SpeechStarted):
            self._audio.began()
            at = self._audio.ago(passed - before)
            self._answer(SpeechBegan(happened.at_ms, self._sounding.goes_on, at))
            self._write()
            return
        self._write()
        self._answer(SpeechEnded(happened.at_ms, self._audio.ago(passed + behind)))
        self._drop()
        self._audio.ended()

    def _rest(self) -> None:
        if self._own is not None:
            self._own = None
            self._turns.clear()
            self._drop()

    # --- words --------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Give the sound of the turn to whoever writes it down, or to nobody."""
        if self._pieces and (self._writing is not None or self._writes):
            self._say(ears.Hear(b"".join(self._pieces)))
        self._pieces.clear()

    @property
    def _writes(self) -> bool:
        """Whether every turn is written down, asked for or not yet."""
        return self._own is not None and self._own.writes

    def _drop(self, *, whatever: bool = False) -> None:
        self._pieces.clear()
        if self._writing is not None or whatever:
            self._writing = None
            self._say(ears.DropUtterance())

    def _expect(self, config: c.SessionConfig) -> None:
        """Know what callers may say; the recogniser learns it with the next sound, since many only write."""
        phrases = tuple(phrase for several in config.hints.values() for phrase in several)
        self._expected = ears.Listen(config.tools, phrases)

    def _say(self, command: ears.HearingCommand) -> None:
        if self._words is None and self._recogniser is not None:
            self._words = Hearing(self._recogniser, Heard(self._so_far, self._final, self._failed))
            self._task = self._start(self._words.run())
        if self._words is not None:
            self._words.push(command)

    def _so_far(self, text: str) -> None:
        self._turns.hear(text)
        if self._writing is not None:
            self._answer(Understood(self._writing, text, final=False))

    def _final(self, item_id: str, transcript: Transcript) -> None:
        self._answer(Understood(item_id, transcript.text, confidence=transcript.confidence))

    def _failed(self, item_id: str, reason: str) -> None:
        _log.warning("speech-to-text failed", conversation_id=self._conversation_id, cause=reason)
        self._answer(Understood(item_id, "", error="transcription_failed"))
