import asyncio
import os
import signal
from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import pytest

from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechLostError, SpeechTimeoutError
from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.speech.voices import VOICES
from tests.patience import PATIENCE, PATIENT
from tests.speech.speaking import heard, say, spoken_words, timed

pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
pytestmark = pytest.mark.media

TEXT = "Yes. Two **large** pizzas of the house are $12.50 in all 😀. Anything else?"


@pytest.fixture
async def voice() -> AsyncIterator[EspeakVoice]:
    async with EspeakVoice.run(PATIENT, pauses=(0.0,)) as voice:
        yield voice


async def test_a_reply_is_spoken_with_a_time_for_every_word(voice: EspeakVoice) -> None:
    pieces = await say(voice, TEXT)
    said = " ".join(spoken_words(pieces, TEXT))
    assert said == "Yes. Two large pizzas of the house are $12.50 in all Anything else?"
    length_ms = len(heard(pieces)) // BYTES_PER_MS
    assert 4000 < length_ms < 8000
    times = timed(pieces)
    assert all(word.start_ms < word.end_ms for word in times)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(times))
    assert times[-1].end_ms <= length_ms


async def test_word_times_are_where_the_words_sound(voice: EspeakVoice) -> None:
    text = "One; two; three"
    pieces = await say(voice, text)
    level = np.abs(np.frombuffer(heard(pieces), dtype="<i2").astype(float))
    for word in timed(pieces):
        inside = level[word.start_ms * 24 : word.end_ms * 24]
        assert inside.max() > 3000, text[word.start : word.end]
    between = timed(pieces)[0].end_ms
    assert level[(between - 20) * 24 : between * 24].max() < 500


async def test_the_sound_is_speech_at_24_kilohertz(voice: EspeakVoice) -> None:
    samples = np.frombuffer(heard(await say(voice, "Hello, how are you today?")), dtype="<i2")
    assert 5000 < np.abs(samples.astype(int)).max() < 32767
    spectrum = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    above_11k = int(len(spectrum) * 11_025 / 12_000)
    assert spectrum[above_11k:].sum() < spectrum.sum() * 1e-3


async def test_every_voice_sounds_different(voice: EspeakVoice) -> None:
    sounds = {heard(await say(voice, "Hello there.", Voice(name))) for name in VOICES}
    assert len(sounds) == len(VOICES)


async def test_an_unknown_voice_speaks_too(voice: EspeakVoice) -> None:
    first = await say(voice, "Hello.", Voice("nobody"))
    assert heard(first)


async def test_speed_makes_a_reply_shorter(voice: EspeakVoice) -> None:
    usual = heard(await say(voice, "Hello there, how are you?"))
    assert len(heard(await say(voice, "Hello there, how are you?", Voice(speed=1.5)))) < len(usual) * 0.8


async def test_many_calls_speak_at_once(voice: EspeakVoice) -> None:
    alone = timed(await say(voice, TEXT))
    async with asyncio.TaskGroup() as group:
        replies = [group.create_task(say(voice, TEXT)) for _ in range(20)]
    for reply in replies:
        assert [word.start for word in timed(reply.result())] == [word.start for word in alone]


async def test_the_first_clause_sounds_before_the_text_is_complete(voice: EspeakVoice) -> None:
    async with voice.open(Voice()) as reply:
        await reply.feed("Of course I can do that, let me ")
        assert (await asyncio.wait_for(anext(aiter(reply)), PATIENCE)).pcm


async def test_a_reply_goes_on_when_the_process_dies_between_clauses(voice: EspeakVoice) -> None:
    async with voice.open(Voice()) as reply:
        await reply.feed("One moment. L")
        speech = aiter(reply)
        assert (await anext(speech)).pcm
        assert voice.worker.process_id
        os.kill(voice.worker.process_id, signal.SIGKILL)
        await reply.feed("et me see.")
        await reply.finish()
        assert (await anext(speech)).pcm


async def test_a_process_that_never_stays_up_is_a_typed_error() -> None:
    late = Deadlines(connect=0.001)
    async with EspeakVoice.run(late) as voice:
        with pytest.raises(SpeechTimeoutError, match="The voice process did not come"):
            await say(voice, "Hello.")


async def test_words_are_pronounced_for_the_recogniser(voice: EspeakVoice) -> None:
    (pizza, nothing) = await voice.pronounce(["pizza", ""])
    assert pizza == "p_\u02c8i\u02d0_t_s_\u0259"
    assert nothing == ""


async def test_pronouncing_fails_with_the_process(voice: EspeakVoice) -> None:
    async with asyncio.TaskGroup() as group:
        await voice.pronounce(["pizza"])
        assert voice.worker.process_id
        os.kill(voice.worker.process_id, signal.SIGSTOP)
        asked = group.create_task(_outcome(voice))
        await asyncio.sleep(0)
        os.kill(voice.worker.process_id, signal.SIGKILL)
        assert isinstance(await asked, SpeechLostError)


async def _outcome(voice: EspeakVoice) -> Exception | None:
    try:
        await voice.pronounce(["pizza"])
    except SpeechLostError as error:
        return error
    return None
