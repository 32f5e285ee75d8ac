"""The line of a conversation: who is connected, what they are told, and what they hear, in one order.

Sound of an engine that begins while the text-to-speech still makes sound of an earlier item waits for that,
and everything that is told meanwhile waits with it: the client hears and reads one item after the other.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from orchestrator.call.audio import AudioDesk
from orchestrator.call.client import CallClient
from orchestrator.call.ears import Ears
from orchestrator.call.phrases import Phrase, PhraseSound
from orchestrator.call.recording import RecordingDesk
from orchestrator.call.sound import CallerAudio, Converter, OwnSound, Sound
from orchestrator.call.words import Words
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import (
    OWN_VOICE,
    AudioRouteNotice,
    CaptionNotice,
    EndedNotice,
    Notice,
    SoundingWord,
)
from orchestrator.realtime.connection import AudioDelta
from orchestrator.speech.protocol import BYTES_PER_MS

PIECE_BYTES: Final = 200 * BYTES_PER_MS
"""Of sound that goes to the client in one event: a voice may make a whole sentence at once."""

ENCODED_HERE: Final = "webrtc"
"""The transport whose sound is encoded by us."""

_Waiting: TypeAlias = Notice | tuple[AudioDelta, AudioRouteNotice]


@dataclass(slots=True)
class Line:
    """Everybody who is connected.

    Attributes:
        audio: Who hears whom, and how much sound there is.
        output_format: Asked for the format of the client's sound, as on the wire.
        recording: Takes what is heard, where a call is recorded.
        client: Who has the line.
        sidebands: Further connections that see the same events.
        departed: Who had it before, and was hung up on.
        ears: Who listens in.
        words: What is being said, for whoever watches.
    """

    audio: AudioDesk
    output_format: Callable[[], JsonObject]
    recording: RecordingDesk
    client: CallClient | None = None
    sidebands: list[CallClient] = field(default_factory=list)
    departed: CallClient | None = None
    ears: Ears = field(default_factory=Ears)
    words: Words = field(default_factory=Words)
    _converters: dict[str, Converter] = field(default_factory=dict)
    _waiting: deque[_Waiting] = field(default_factory=deque)

    # --- told ---------------------------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Tell everybody, behind what waits."""
        if isinstance(notice, AudioRouteNotice):
            self.audio.name(notice)
        elif self._waiting:
            self._waiting.append(notice)
        else:
            self._tell(notice)

    def _tell(self, notice: Notice) -> None:
        if isinstance(notice, EndedNotice):
            # What an agent says last is heard to its end; of any other end the caller hears no more.
            self.recording.end(cut=notice.by != "agent")
        self.words.note(notice)
        if self.client is not None:
            self.client.tell(notice)
        for sideband in self.sidebands:
            sideband.tell(notice)

    def hang_up(self, call_id: str, reason: str) -> None:
        """Close a call and what listens beside it, once what was told before has been delivered."""
        self.release()
        client = self.client
        if client is not None and client.call_id == call_id:
            self.client, self.departed = None, client
            client.hang_up(reason)
        for sideband in self.sidebands:
            sideband.hang_up(reason)
        self.sidebands.clear()

    # --- heard --------------------------------------------------------------------------------------------

    def play(self, delta: AudioDelta, *, behind: bool) -> None:
        """Let the caller hear an engine, if it is its turn.

        Args:
            delta: As it came.
            behind: Whether sound of an earlier item is still being made.
        """
        route = self.audio.route(delta.epoch, delta.item_id)
        if route is None or self.client is None:
            return
        first = self.audio.count(route.item_id, delta)
        if self._waiting or (behind and first):
            self._waiting.append((delta, route))
        else:
            self._play(self.client, delta, route)

    def sound(self, item_id: str, pcm: bytes) -> None:
        """Let the caller hear a piece of speech that was made here, 24 kHz PCM."""
        route = self.audio.route(OWN_VOICE, item_id)
        if route is None or self.client is None:
            return
        if item_id not in self._converters:
            self._converters[item_id] = Converter(self.output_format())
        for at in range(0, len(pcm), PIECE_BYTES):
            data = self._converters[item_id].feed(pcm[at : at + PIECE_BYTES])
            self.audio.add(item_id, len(data))
            self._play(self.client, OwnSound(data), route)

    def phrase(self, item_id: str, phrase: Phrase) -> None:
        """Let the caller hear all of an item that was said before; where we encode it, from its packets."""
        route = self.audio.route(OWN_VOICE, item_id)
        if route is None or self.client is None:
            return
        if self.client.transport != ENCODED_HERE:
            self.sound(item_id, phrase.pcm)
            return
        sound = PhraseSound(phrase, self.output_format())
        self.audio.add(item_id, sound.size)
        self._play(self.client, sound, route)

    def _play(self, client: CallClient, sound: Sound, route: AudioRouteNotice) -> None:
        client.play(sound, route)
        if self.recording.on:
            self.recording.spoken(sound.raw, self.output_format())
        if self.ears.any:
            self.ears.spoken(sound.raw, str(self.output_format().get("type", "audio/pcm")))

    @property
    def is_overheard(self) -> bool:
        """Whether the call is recorded, or somebody listens in."""
        return self.recording.on or self.ears.any

    def overhear(self, audio: CallerAudio, audio_format: JsonObject) -> None:
        """Let whoever listens beside the call have what the caller says, in a format as on the wire."""
        if self.recording.on:
            self.recording.heard(audio, audio_format)
        if self.ears.any:
            self.ears.heard(audio, str(audio_format.get("type", "audio/pcm")))

    def captions(self, item_id: str, words: tuple[SoundingWord, ...]) -> None:
        """Tell when words of that speech sound."""
        if (route := self.audio.route(OWN_VOICE, item_id)) is not None:
            self._tell(CaptionNotice(route.reply_id, item_id, words))

    def spoken(self, item_id: str) -> None:
        """No more speech of an item is made here."""
        self._converters.pop(item_id, None)

    def release(self) -> None:
        """Nothing is to be waited for any more: deliver what waits."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not isinstance(waiting, tuple):
                self._tell(waiting)
            elif self.client is not None:
                self._play(self.client, *waiting)

    def pause(self) -> bool:
        """Hold back what waits to be heard; whether that can be."""
        paused = self.client is not None and self.client.pause()
        if paused:
            self.recording.move("hold")
        return paused

    def resume(self) -> None:
        """Go on after `pause`."""
        self.recording.move("release")
        if self.client is not None:
            self.client.resume()

    def flush(self) -> None:
        """Drop what waits to be heard, at once; what waits to be told is told."""
        self._waiting = deque(each for each in self._waiting if not isinstance(each, tuple))
        self.ears.cut()
        self.recording.move("cut")
        if self.client is not None:
            self.client.flush()
        self.release()
