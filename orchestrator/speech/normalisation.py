"""What a call's channel does to its sound, on average: the recogniser must know it to take it away.

pocketsphinx learns this by itself, but over minutes, and a call's first utterance has three times the errors
of later ones. Here it is measured from the call's first second on, over its last quarter of a minute.

Runs in the recogniser's worker process only.
"""

import tempfile
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from pocketsphinx import Decoder  # type: ignore[import-untyped]

RATE: Final = 16_000
FRAME_BYTES: Final = RATE // 100 * 2
_TOLD_WEIGHT: Final = 500
"""Frames that the library gives to the mean that it was told, when it averages in what it hears."""
_LONGEST: Final = 250 * FRAME_BYTES
"""More at a time, and the library begins to forget."""
_USUAL_WEIGHT: Final = 50
_MEMORY: Final = 1500
"""Frames, 15 s, that a call's mean is taken over."""

Mean: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


class Normaliser:
    """Measures the cepstral mean of sound, with a decoder that does nothing else."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            dictionary = Path(folder, "one.dict")
            dictionary.write_text("yes Y EH S\n", "utf-8")
            self._decoder = Decoder(lm=None, dict=str(dictionary), remove_noise=False, loglevel="FATAL")
        self._decoder.add_jsgf_string("one", "#JSGF V1.0; grammar one; public <one> = yes;")
        self._decoder.activate_search("one")
        self.usual = _parsed(self._decoder.get_cmn(False))

    def measure(self, pcm: bytes) -> tuple[Mean, int]:
        """The mean over some sound at 16 kHz, times its frames; and how many frames those are."""
        total, frames = np.zeros_like(self.usual), 0
        for at in range(0, len(pcm), _LONGEST):
            part = pcm[at : at + _LONGEST]
            count = len(part) // FRAME_BYTES
            total += self._sum(part, count)
            frames += count
        return total, frames

    def _sum(self, pcm: bytes, frames: int) -> Mean:
        # The library tells only the average of what it was told and what it heard: taken apart here.
        self._decoder.set_cmn(told(self.usual))
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, True, False)
        self._decoder.end_utt()
        mixed = _parsed(self._decoder.get_cmn(True))
        return mixed * (_TOLD_WEIGHT + frames) - self.usual * _TOLD_WEIGHT


class Channel:
    """What is known of one call's channel so far."""

    def __init__(self, normaliser: Normaliser) -> None:
        self._normaliser = normaliser
        self._sum = normaliser.usual * _USUAL_WEIGHT
        self._frames = _USUAL_WEIGHT

    @property
    def seconds(self) -> float:
        """How much of the call the mean is taken over."""
        return (self._frames - _USUAL_WEIGHT) / 100

    def mean(self, also: bytes = b"") -> str:
        """The mean, as `Decoder.set_cmn` takes it, with some more sound averaged in."""
        more, frames = self._normaliser.measure(also)
        return told((self._sum + more) / (self._frames + frames))

    def hear(self, pcm: bytes) -> None:
        """Average in sound for good; what is long past fades."""
        more, frames = self._normaliser.measure(pcm)
        total = self._frames + frames
        keep = min(1.0, _MEMORY / total)
        self._sum = (self._sum + more) * keep
        self._frames = round(total * keep)


def told(mean: Mean) -> str:
    """A mean as the library takes it."""
    return ",".join(f"{part:.4f}" for part in mean)


def _parsed(mean: str) -> Mean:
    return np.array([float(part) for part in mean.split(",")])
