"""One call, heard utterance by utterance. Runs in the recogniser's worker process only."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from orchestrator.speech.normalisation import RATE, Channel, Normaliser
from orchestrator.speech.resample import Resampler
from orchestrator.speech.sphinx_library import Library, plain

_FRAME_MS: Final = 10
_SECOND: Final = RATE * 2
_FIRST_LOOK: Final = _SECOND * 12 // 10
"""Bytes of a call that are gathered before its first words are looked for."""
_BETWEEN_PARTIALS: Final = _SECOND // 5
_LOOKED_AT: Final = _SECOND * 10
_DITHER: Final = 6.0
"""Root mean square of the noise laid on top: digital silence ruins the normalisation."""


@dataclass(frozen=True, slots=True)
class Result:
    """A final transcript; words as in `sphinx_worker.Heard`."""

    text: str = ""
    confidence: float = 0.0
    words: list[tuple[str, int, int, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Utterance:
    """What is known of the open utterance.

    Attributes:
        waiting: Sound at 16 kHz that was not given to the decoder yet.
        sound: Sound that was.
    """

    resampler: Resampler
    waiting: bytes = b""
    sound: bytes = b""
    partial: str = ""
    since_partial: int = 0
    listening: bool = False
    heard: bool = False


class Hearing:
    """Hears one call."""

    def __init__(self, library: Library, normaliser: Normaliser, key: str, rate: int) -> None:
        self._library = library
        self._key = self._next_key = key
        self._rate = rate
        self._decoder: Any = None
        self._channel = Channel(normaliser)
        self._noise = _Dither()
        self._past = b""
        self._now = self._begin()

    def expect(self, key: str) -> None:
        """Change the vocabulary from the next utterance on; at once while nothing was heard of this one."""
        self._next_key = key
        if not self._now.heard:
            self._now = self._begin()

    def hear(self, pcm: bytes) -> str | None:
        """Take more sound; what is heard so far, where that changed."""
        now = self._now
        now.heard = True
        now.waiting += self._noise.onto(now.resampler.feed(pcm))
        if not now.listening and self._channel.seconds * _SECOND + len(now.waiting) < _FIRST_LOOK:
            return None
        self._listen()
        if now.since_partial < _BETWEEN_PARTIALS:
            return None
        now.since_partial = 0
        hypothesis = self._decoder.hyp()
        text = plain(hypothesis.hypstr) if hypothesis else ""
        if text == now.partial:
            return None
        now.partial = text
        return text

    def commit(self) -> Result:
        """End the utterance."""
        self._now.waiting += self._noise.onto(self._now.resampler.feed(b"", last=True))
        self._listen()
        result = self._end() if self._now.listening else Result()
        self._past = self._now.sound
        self._now = self._begin()
        return result

    def settle(self) -> None:
        """Learn about the channel from the last utterance; after the commit, because nobody waits for it."""
        past, self._past = self._past, b""
        self._channel.hear(past)

    def discard(self) -> None:
        """Forget the utterance."""
        if self._now.listening:
            self._end()
        self._now = self._begin()

    def _begin(self) -> _Utterance:
        self._key = self._next_key
        return _Utterance(Resampler(self._rate, RATE))

    def _listen(self) -> None:
        now = self._now
        if not now.waiting:
            return
        if not now.listening:
            self._decoder = self._library.take(self._key)
            known_well = self._channel.seconds * _SECOND >= _FIRST_LOOK
            self._decoder.set_cmn(self._channel.mean(b"" if known_well else now.waiting))
            self._decoder.start_utt()
            now.listening = True
        self._decoder.process_raw(now.waiting, False, False)
        now.since_partial += len(now.waiting)
        now.sound = (now.sound + now.waiting)[-_LOOKED_AT:]
        now.waiting = b""

    def _end(self) -> Result:
        self._decoder.end_utt()
        words = [
            (
                plain(part.word),
                part.start_frame * _FRAME_MS,
                (part.end_frame + 1) * _FRAME_MS,
                min(1.0, float(part.prob)),  # its arithmetic of logarithms rounds past certainty
            )
            for part in (self._decoder.seg() or ())
            if part.word[0] not in "<[+"
        ]
        self._library.give_back(self._key, self._decoder)
        confidence = sum(word[3] for word in words) / len(words) if words else 0.0
        return Result(" ".join(word[0] for word in words), round(confidence, 3), words)


class _Dither:
    """Soft noise, always the same, laid on top of sound."""

    def __init__(self) -> None:
        self._noise = np.random.default_rng(1).normal(0, _DITHER, RATE).astype(np.int16)
        self._at = 0

    def onto(self, pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.int32)
        places = (np.arange(len(samples)) + self._at) % len(self._noise)
        self._at = (self._at + len(samples)) % len(self._noise)
        return bytes(np.clip(samples + self._noise[places], -32768, 32767).astype("<i2"))
