"""espeak-ng through its C interface.

Runs in the voice's worker process only: the library is GPL-3.0, and not re-entrant.
Source: espeak-ng's `speak_lib.h`.
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

import espeakng_loader  # type: ignore[import-untyped]
import numpy as np
import soxr  # type: ignore[import-untyped]

from orchestrator.speech.protocol import SAMPLE_RATE

_SYNCHRONOUS: Final = 2
_BUFFER_MS: Final = 200
_CHARACTERS: Final = 1  # positions count characters
_UTF8: Final = 1
_END_PAUSE: Final = 0x1000
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_WORD: Final = 1
_IPA_WITH_UNDERSCORES: Final = 0x02 | ord("_") << 8


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class EspeakLibrary:
    """The library, loaded and ready to speak."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        data = str(espeakng_loader.get_data_path()).encode()
        self._rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, 0))
        if self._rate <= 0:
            raise RuntimeError("espeak-ng did not find its data")
        self._pcm = bytearray()
        self._words: list[tuple[int, int]] = []
        self._callback: Callable[..., Any] = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def say(
        self, text: str, *, voice: str, words_per_minute: int, pitch: int, pitch_range: int
    ) -> tuple[bytes, list[tuple[int, int]]]:
        """Speak a text.

        Args:
            text: Not empty.
            voice: Language and variant, e.g. `en-us+f2`.
            words_per_minute: 80 to 450.
            pitch, pitch_range: 0 to 100, 50 is the variant's own.

        Returns:
            Sound at 24 kHz, and for each word where in the text it begins and at which millisecond.
        """
        self._choose(voice)
        for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._pcm.clear()
        self._words.clear()
        encoded = text.encode()
        flags = _UTF8 | _END_PAUSE
        if self._library.espeak_Synth(encoded, len(encoded) + 1, 0, _CHARACTERS, 0, flags, None, None):
            raise RuntimeError("espeak-ng refused the text")
        samples = np.frombuffer(bytes(self._pcm), dtype="<i2")
        return soxr.resample(samples, self._rate, SAMPLE_RATE).astype("<i2").tobytes(), list(self._words)

    def phonemes(self, word: str, voice: str) -> str:
        """How a word is pronounced: IPA, with `_` between the sounds."""
        self._choose(voice)
        rest = ctypes.c_char_p(word.encode())
        sounds: list[str] = []
        while rest.value:
            said = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA_WITH_UNDERSCORES)
            sounds.append(bytes(said or b"").decode())
        return "_".join(filter(None, sounds))

    def _choose(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise LookupError(voice)

    def _collect(self, samples: Any, number: int, events: Any) -> int:
        if samples and number:
            self._pcm += ctypes.string_at(samples, number * 2)
        at = 0
        while events[at].type:
            if events[at].type == _WORD:
                self._words.append((events[at].text_position - 1, events[at].audio_position))
            at += 1
        return 0
