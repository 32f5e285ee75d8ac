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


def cough(milliseconds: int = 350) -> bytes:
    """Somebody who coughs: a burst of noise that a throat colours."""
    count = milliseconds * SAMPLE_RATE // 1000
    air, time = np.random.default_rng(1).normal(0, 1, count), np.arange(count) / SAMPLE_RATE
    sound = np.zeros(count)
    for hertz, width, share in ((500, 150, 1.0), (1500, 250, 0.6), (2600, 400, 0.3)):
        damping = np.exp(-np.pi * width / SAMPLE_RATE)
        turn = 2 * damping * np.cos(2 * np.pi * hertz / SAMPLE_RATE)
        last = before = 0.0
        for at, puff in enumerate(air):
            last, before = puff * (1 - damping) + turn * last - damping**2 * before, last
            sound[at] += share * last
    sound *= np.minimum(1, time / 0.01) * np.exp(-time / 0.12)
    return bytes((sound / np.abs(sound).max() * 18_000).astype("<i2"))


def mixed(one: bytes, other: bytes) -> bytes:
    """Both at once; as long as the first."""
    first = np.frombuffer(one, dtype="<i2").astype(int)
    second = np.frombuffer(other, dtype="<i2").astype(int)[: len(first)]
    first[: len(second)] += second
    return bytes(np.clip(first, -32768, 32767).astype("<i2"))
