"""Who hears the caller, whom the caller hears, and what of the caller's speech nobody has taken up yet."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from orchestrator.call.audio_clock import AudioClock, padding_of
from orchestrator.call.sound import CallerAudio, bytes_per_ms
from orchestrator.core.commands import OwnHearing, SessionConfig
from orchestrator.core.engine_events import (
    AudioCleared,
    AudioCommitted,
    EngineEvent,
    SpeechStarted,
    SpeechStopped,
)
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import OWN_VOICE, AudioRouteNotice
from orchestrator.realtime.connection import AudioDelta

MIRRORED_MS: Final = 30_000
"""Kept of a turn that goes on, for a session that joins."""

IDLE_MS: Final = 1_500
"""Kept while nobody speaks, as far as the engine has noticed: the beginning of what it is about to notice."""

NOTICING_MS: Final = 200
"""Kept beyond the padding where we find the turns: so late our detection may be sure of speech."""

OVERLAP_MS: Final = 200
"""Kept of a turn that voice activity ended. It is silence, and on the way to us the engine heard further."""

_BOOKED_AT_ONCE: Final = 5
"""Pieces of caller audio that are booked together; the bookkeeping costs more than the audio."""

_TOGETHER_SECONDS: Final = 0.1
"""Between two pieces that are booked together, at the most: with them the moments between are forgotten."""

_CHARACTER: Final = 3
_BYTE: Final = 4
"""Quarters of a byte."""


class AudioDesk:
    """The bookkeeping of audio of one conversation; the bytes only pass by.

    Args:
        clock: Seconds since the Unix epoch.

    Attributes:
        on_sound: Called with the first sound of an item that is on its way to the caller.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._now = clock
        self._clock = AudioClock(clock)
        self._unbooked: list[CallerAudio] = []
        self._unbooked_at = 0.0
        self._joined_ms: dict[int, float] = {}
        self.on_sound: Callable[[str], None] = lambda _: None
        self._uncommitted: deque[CallerAudio] = deque()
        self._kept = 0
        self._size_per_ms = bytes_per_ms({}) * _BYTE
        self._by_hand = False
        self._speaking = False
        self._own: OwnHearing | None = None
        self._idle_ms = IDLE_MS
        self._is_passed_on = False
        self._is_open = False
        self._hear: tuple[int, ...] = ()
        self._speak: int | None = None
        self._routes: dict[tuple[int, str], AudioRouteNotice] = {}
        self._bytes: dict[str, int] = {}

    def listen(self, hear: tuple[int, ...], speak: int | None) -> tuple[int, ...]:
        """Change who hears and who is heard.

        Returns:
            The sessions that are new: they are to be given `mirrored` first.
        """
        self._book()
        new = tuple(epoch for epoch in hear if epoch not in self._hear)
        before = self._kept / self._size_per_ms if self.mirrored else 0.0
        self._joined_ms |= dict.fromkeys(new, self._clock.position_ms - before)
        self._hear, self._speak = hear, speak
        return new

    def heard(self, audio: CallerAudio) -> tuple[int, ...]:
        """Take note of caller audio; the sessions that it goes to."""
        self.note(audio)
        self._book()
        return self._hear if self._own is None or self._is_open else ()

    def note(self, audio: CallerAudio) -> None:
        """Take note of caller audio; it is booked with what follows, or before anybody asks."""
        now = self._now()
        if self._unbooked and now - self._unbooked_at > _TOGETHER_SECONDS:
            self._book()
        self._unbooked.append(audio)
        self._unbooked_at = now
        if len(self._unbooked) >= _BOOKED_AT_ONCE:
            self._book()

    @property
    def uncommitted(self) -> tuple[CallerAudio, ...]:
        """Caller audio since the engine last made an item of it."""
        self._book()
        return tuple(self._uncommitted)

    @property
    def mirrored(self) -> tuple[CallerAudio, ...]:
        """What a session that joins is to hear first."""
        return self.uncommitted if self._own is None or self._is_passed_on else ()

    def configured(self, config: SessionConfig) -> None:
        """A session is set up: in which format it hears, and whether the client ends turns by hand."""
        self._book()
        self._size_per_ms = bytes_per_ms(config.input_format or {}) * _BYTE
        self._own, self._idle_ms = config.hearing, _idle_ms(config.hearing)
        self._by_hand = config.turn_detection == {} and config.hearing is None

    def told(self, event: EngineEvent) -> None:
        """Take note of what an engine says of the caller's audio."""
        self._book()
        if isinstance(event, SpeechStarted):
            self.began()
        elif isinstance(event, AudioCommitted | AudioCleared):
            made_by_voice = isinstance(event, AudioCommitted) and not self._by_hand
            if not self._is_open:
                self.forget()
            self._keep(OVERLAP_MS if made_by_voice else 0)

    def timed(self, event: EngineEvent, detection: JsonObject | None) -> EngineEvent:
        """An event of an engine; one that tells where the caller's voice is also tells when it was heard.

        Args:
            detection: How the engine finds turns.
        """
        self._book()
        if not isinstance(event, SpeechStarted | SpeechStopped) or event.epoch not in self._joined_ms:
            return event
        before, behind = padding_of(detection)
        if isinstance(event, SpeechStarted):
            place, away = event.audio_start_ms, before
        else:
            place, away = event.audio_end_ms, -behind
        return replace(event, at=self._clock.at(self._joined_ms[event.epoch] + place + away))

    def ago(self, milliseconds: float) -> float | None:
        """When the sound was heard that came so long before the latest, in seconds since the Unix epoch."""
        self._book()
        return self._clock.at(self._clock.position_ms - milliseconds)

    # --- where our own hearing finds the turns ------------------------------------------------------------

    def began(self) -> None:
        """The caller began to speak: what is said is kept from now on."""
        self._speaking = True

    def let_hear(self) -> tuple[int, ...]:
        """Let the engine hear what is said, to the end of the turn.

        Returns:
            The sessions that are to be given what was said so far.
        """
        self._is_passed_on = self._is_open = True
        return self._hear

    def ended(self) -> None:
        """The turn is over."""
        self._is_open = False

    def forget(self) -> None:
        """What was said is an item by now, or will never be one."""
        self._speaking = self._is_passed_on = self._is_open = False

    # ------------------------------------------------------------------------------------------------------

    def _book(self) -> None:
        """Enter what was noted; before anything is asked, or changes what is kept."""
        if not self._unbooked:
            return
        size = sum(map(_size, self._unbooked))
        self._uncommitted.extend(self._unbooked)
        self._unbooked.clear()
        self._kept += size
        self._clock.heard(size / self._size_per_ms, self._unbooked_at)
        self._keep(MIRRORED_MS if self._speaking or self._by_hand else self._idle_ms, pieces=1)

    def _keep(self, milliseconds: int, pieces: int = 0) -> None:
        """Forget all but the newest audio, and so many pieces of it whatever their length."""
        most = milliseconds * self._size_per_ms
        while self._kept > most and len(self._uncommitted) > pieces:
            self._kept -= _size(self._uncommitted.popleft())

    def name(self, route: AudioRouteNotice) -> None:
        """From now on audio of this engine item is part of that reply."""
        self._routes[route.epoch, route.engine_item_id] = route

    def route(self, epoch: int, engine_item_id: str) -> AudioRouteNotice | None:
        """The reply that audio is part of; None for audio that nobody is to hear."""
        heard = epoch in (self._speak, OWN_VOICE)
        return self._routes.get((epoch, engine_item_id)) if heard else None

    def count(self, item_id: str, delta: AudioDelta) -> bool:
        """Add to what was generated of an item; base64 carries three bytes in four characters.

        Exact: a count that is too high by a few bytes a piece would let the end of a reply seem unheard.

        Returns:
            Whether it is the first of that item.
        """
        audio, first = delta.audio, item_id not in self._bytes
        self.add(item_id, len(audio) * 3 // 4 - audio.count("=", -2))
        return first

    def add(self, item_id: str, size: int) -> None:
        """Add so many bytes to what was generated of an item."""
        made = self._bytes.get(item_id)
        if made is None:
            self.on_sound(item_id)
            made = 0
        self._bytes[item_id] = made + size

    def generated_ms(self, item_id: str, output_format: JsonObject) -> int:
        """How much audio of an item there is, in milliseconds."""
        return self._bytes.get(item_id, 0) // bytes_per_ms(output_format)


def _size(audio: CallerAudio) -> int:
    """How much sound a piece is, in quarters of a byte: base64 carries three bytes in four characters."""
    return len(audio) * (_CHARACTER if isinstance(audio, str) else _BYTE)


def _idle_ms(own: OwnHearing | None) -> int:
    """What is kept while nobody speaks: the beginning of what is about to be noticed."""
    if own is None:
        return IDLE_MS
    padding, _ = padding_of(own.detection)
    return padding + NOTICING_MS
