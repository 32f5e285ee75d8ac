"""The voice that needs nothing: each word is a soft tone as long as saying it would take.

It keeps everything that depends on sound working (playback, captions, interruption) where no voice is
installed, and makes tests of those exact.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from typing import Final
from zlib import crc32

import numpy as np

from orchestrator.speech.clauses import Clause
from orchestrator.speech.clausewise import open_clausewise
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    SAMPLE_RATE,
    Speech,
    SpokenReply,
    Voice,
    VoiceCapabilities,
    WordTime,
)
from orchestrator.speech.timing import words_in

MS_PER_CHARACTER: Final = 60
MS_BETWEEN_WORDS: Final = 40
_LEVEL: Final = 3000
_FADE_MS: Final = 10


class ToneVoice:
    """Hums a tone for every word, at a pitch of the voice's name."""

    name = "tone"
    capabilities = VoiceCapabilities(word_times="given", local=True)
    voices = ("tone",)

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply."""

        async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
            for piece in hum(clause, voice):
                yield piece

        return open_clausewise(synthesise, Deadlines(), voice.language, estimate=False)


def hum(clause: Clause, voice: Voice) -> list[Speech]:
    """One piece of sound for each word of a clause; word times count from the clause's first sample."""
    pieces: list[Speech] = []
    at_ms = 0
    for start, end in words_in(clause.spoken.text):
        length_ms = round((end - start) * MS_PER_CHARACTER / voice.speed)
        pcm = _tone(_pitch(voice.name), length_ms) + bytes(MS_BETWEEN_WORDS * BYTES_PER_MS)
        word = WordTime(*clause.span(start, end), at_ms, at_ms + length_ms)
        pieces.append(Speech(pcm, (word,)))
        at_ms += length_ms + MS_BETWEEN_WORDS
    return pieces


def _pitch(name: str) -> int:
    """Hertz, from 180 to 360, the same for the same name."""
    return 180 + crc32(name.encode()) % 10 * 20


@lru_cache(maxsize=256)
def _tone(hertz: int, length_ms: int) -> bytes:
    times = np.arange(length_ms * SAMPLE_RATE // 1000) / SAMPLE_RATE
    fade = np.minimum(1, np.minimum(times, times[::-1]) * 1000 / _FADE_MS) if len(times) else times
    return (np.sin(2 * np.pi * hertz * times) * fade * _LEVEL).astype("<i2").tobytes()
