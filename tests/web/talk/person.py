"""A person at the page: speaks with a voice unlike the agents', and understands what comes back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.speech.sphinx import SphinxRecogniser
from orchestrator.speech.vocabulary import build_vocabulary, spoken_words
from tests.patience import PATIENT
from tests.speech.restaurant import word_errors
from tests.speech.speaking import heard, say, silence

MOSTLY_WRONG = 0.75
"""Of a text's words, the share from which on a sound is not like it."""
OTHER_REPLIES = (
    "what would you like",
    "i've added a small pepperoni pizza and two lemonades",
    "that comes to nine dollars and fifty cents",
    "i'm connecting you with somebody of the team",
    "sorry i didn't get that please say it once more",
    "we are closed on mondays which other day would suit",
)
"""What might have been said as well."""
_WHISPER = 200
_FRAME = 20 * BYTES_PER_MS
_PAUSE = 40
"""Frames: between two replies a caller has spoken, between the sentences of one nobody has."""


@dataclass
class Person:
    """A caller.

    Args:
        mouth: Makes the person's speech.
        ears: Understand the agents'.
    """

    mouth: EspeakVoice
    ears: SphinxRecogniser

    async def speech(self, text: str, voice: str = "echo") -> bytes:
        """The sound of a sentence: 16-bit PCM of 24 kHz, the same each time."""
        return heard(await say(self.mouth, text, Voice(voice)))

    async def hears(self, parts: Sequence[bytes], text: str) -> bool:
        """Whether a sound is more like a text than like anything else that might have been said.

        The ears do not know which of them is hoped for. A machine that is too busy to play without gaps loses
        some words; of another text hardly any is right, and of silence none.
        """
        words = " ".join(spoken_words(text))
        vocabulary = build_vocabulary((), (words, *OTHER_REPLIES))
        padded = silence(300) + silence(200).join(parts) + silence(300)
        async with self.ears.open(vocabulary) as transcription:
            # Heard twice: the first time tells how the line sounds.
            await transcription.feed(padded)
            await transcription.commit()
            await transcription.feed(padded)
            understood = (await transcription.commit()).text
        wrong = {each: word_errors(each, understood) / len(each.split()) for each in (words, *OTHER_REPLIES)}
        return wrong[words] < min(MOSTLY_WRONG, *(wrong[each] for each in OTHER_REPLIES))


def stretches(sound: bytes) -> list[bytes]:
    """The parts of a sound that are longer than a breath apart, without the silence around them."""
    samples = np.frombuffer(sound[: len(sound) // _FRAME * _FRAME], dtype="<i2").astype(float)
    loud = np.flatnonzero(np.sqrt((samples.reshape(-1, _FRAME // 2) ** 2).mean(axis=1)) > _WHISPER)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) >= _PAUSE) + 1)
    return [sound[part[0] * _FRAME : (part[-1] + 1) * _FRAME] for part in parts if len(part)]


@asynccontextmanager
async def person() -> AsyncIterator[Person]:
    """A caller, with worker processes of their own."""
    async with (
        EspeakVoice.run(PATIENT) as mouth,
        SphinxRecogniser.run(mouth.pronounce, PATIENT) as ears,
    ):
        yield Person(mouth, ears)
