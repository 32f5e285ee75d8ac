import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.resample import DELAY_MS, Downsampler, Upsampler
from tests.media.sound import loudness, pitch_of, samples, tone

pytestmark = pytest.mark.unit


def _through(resampler: Upsampler | Downsampler, pcm: bytes, size: int) -> bytes:
    return b"".join(resampler.process(pcm[at : at + size]) for at in range(0, len(pcm), size))


@pytest.mark.parametrize("frequency", [200, 1000, 2000, 3000])
def test_a_tone_keeps_pitch_and_loudness_both_ways(frequency: int) -> None:
    said = tone(frequency, 1, rate=8000)
    high = _through(Upsampler(), said, 320)
    assert len(high) == 3 * len(said)
    assert abs(pitch_of(high) - frequency) < 2
    assert loudness(high) == pytest.approx(loudness(said), rel=0.01)
    low = _through(Downsampler(), high, 960)
    assert len(low) == len(said)
    assert loudness(low) == pytest.approx(loudness(said), rel=0.02)


@pytest.mark.parametrize("frequency", [500, 1500, 2500, 3300])
def test_nothing_but_the_tone_comes_out(frequency: int) -> None:
    high = samples(_through(Upsampler(), tone(frequency, 1, rate=8000), 320))[2000:]
    spectrum = np.abs(np.fft.rfft(high * np.hanning(high.size)))
    peak = spectrum.argmax()
    rest = np.concatenate((spectrum[: peak - 30], spectrum[peak + 31 :]))
    assert rest.max() < spectrum[peak] / 1000


@pytest.mark.parametrize("frequency", [4700, 6000, 9000])
def test_what_the_telephone_cannot_carry_does_not_fold_back(frequency: int) -> None:
    low = _through(Downsampler(), tone(frequency, 0.5), 960)
    assert loudness(low[400:]) < loudness(tone(frequency, 0.5)) / 500


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_how_the_stream_is_cut_makes_no_difference(sizes: list[int]) -> None:
    sound = tone(700, sum(sizes) / 24000)
    cut, at = [], 0
    downsampler = Downsampler()
    for size in sizes:
        cut.append(downsampler.process(sound[2 * at : 2 * (at + size)]))
        at += size
    assert b"".join(cut) == Downsampler().process(sound)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=12))
def test_nor_on_the_way_up(sizes: list[int]) -> None:
    sound = tone(700, sum(sizes) / 8000, rate=8000)
    cut, at = [], 0
    upsampler = Upsampler()
    for size in sizes:
        cut.append(upsampler.process(sound[2 * at : 2 * (at + size)]))
        at += size
    whole = Upsampler().process(sound)
    assert np.all(np.abs(samples(b"".join(cut)) - samples(whole)) <= 1)


def test_the_delay_is_as_said() -> None:
    click = np.zeros(800, "<i2")
    click[100] = 20000
    high = samples(Upsampler().process(click.tobytes()))
    assert (high.argmax() / 24 - 100 / 8) == pytest.approx(DELAY_MS, abs=0.1)
