"""What tests of voices share: clauses from text, and a reply spoken to its end."""

import numpy as np

from orchestrator.speech.clauses import Clause
from orchestrator.speech.protocol import BYTES_PER_MS, SAMPLE_RATE, Speech, TextToSpeech, Voice, WordTime
from orchestrator.speech.spoken import speakable


def clause_of(text: str, start: int = 0) -> Clause:
    """The whole text as one clause of a reply."""
    return Clause(start, text, speakable(text))


def sound(milliseconds: int, level: int = 100) -> bytes:
    """Sound of a length at 24 kHz."""
    return level.to_bytes(2, "little", signed=True) * (milliseconds * BYTES_PER_MS // 2)


async def say(adapter: TextToSpeech, text: str, voice: Voice | None = None) -> list[Speech]:
    """Speak a reply to its end."""
    async with adapter.open(voice or Voice()) as reply:
        await reply.feed(text)
        await reply.finish()
        return [piece async for piece in reply]


def heard(pieces: list[Speech]) -> bytes:
    """All sound of a reply."""
    return b"".join(piece.pcm for piece in pieces)


def timed(pieces: list[Speech]) -> list[WordTime]:
    """All word times of a reply."""
    return [word for piece in pieces for word in piece.words]


def spoken_words(pieces: list[Speech], text: str) -> list[str]:
    """The words that were given times, as they stand in the text."""
    return [text[word.start : word.end] for word in timed(pieces)]


def silence(milliseconds: int) -> bytes:
    """Digital silence at 24 kHz."""
    return bytes(milliseconds * BYTES_PER_MS)


def noise(milliseconds: int, level: float) -> bytes:
    """White noise of a root mean square, always the same."""
    samples = np.random.default_rng(1).normal(0, level, milliseconds * SAMPLE_RATE // 1000)
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


def mixed(one: bytes, other: bytes) -> bytes:
    """Both at once; as long as the first."""
    first = np.frombuffer(one, dtype="<i2").astype(int)
    second = np.frombuffer(other, dtype="<i2").astype(int)[: len(first)]
    first[: len(second)] += second
    return bytes(np.clip(first, -32768, 32767).astype("<i2"))
