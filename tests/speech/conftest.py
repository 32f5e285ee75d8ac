"""Speech to listen to: made once by the embedded voice, in its worker process."""

import asyncio
from collections.abc import Callable

import pytest

from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import Voice
from tests.patience import PATIENT
from tests.speech.speaking import heard, say

Spoken = Callable[..., list[bytes]]


@pytest.fixture(scope="session")
def spoken() -> Spoken:
    """Speaks texts, each as a caller would say it: `spoken("Hello", "There", voice="marin")`."""
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")

    async def speak(texts: tuple[str, ...], voices: tuple[str, ...]) -> list[bytes]:
        async with EspeakVoice.run(PATIENT) as voice:
            return [
                heard(await say(voice, text, Voice(voices[at % len(voices)])))
                for at, text in enumerate(texts)
            ]

    def synthesise(*texts: str, voices: tuple[str, ...] = ("marin",)) -> list[bytes]:
        return asyncio.run(speak(texts, voices))

    return synthesise
