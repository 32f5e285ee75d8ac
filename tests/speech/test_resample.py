import numpy as np
import pytest

from orchestrator.speech.resample import Quality, Resampler

pytestmark = pytest.mark.unit


def tone(hertz: int, rate: int, seconds: float = 1.0) -> bytes:
    times = np.arange(int(rate * seconds)) / rate
    return (np.sin(2 * np.pi * hertz * times) * 8000).astype("<i2").tobytes()


def samples(pcm: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.frombuffer(pcm, dtype="<i2").astype(float)


@pytest.mark.parametrize(("source", "target"), [(24_000, 16_000), (22_050, 24_000), (16_000, 24_000)])
@pytest.mark.parametrize("quality", ["LQ", "HQ"])
def test_a_tone_in_odd_pieces_is_the_same_tone_at_the_other_rate(
    source: int, target: int, quality: Quality
) -> None:
    pcm = tone(1000, source)
    resampler = Resampler(source, target, quality)
    pieces = [resampler.feed(pcm[at : at + 333]) for at in range(0, len(pcm), 333)]
    made = samples(b"".join([*pieces, resampler.feed(b"", last=True)]))
    wanted = samples(tone(1000, target))
    assert abs(len(made) - len(wanted)) <= 2
    middle = slice(target // 10, target * 9 // 10)
    assert np.abs(made[middle] - wanted[middle]).max() < 100


def test_what_the_new_rate_cannot_carry_is_taken_out() -> None:
    made = samples(Resampler(24_000, 16_000).feed(tone(11_000, 24_000), last=True))
    assert np.abs(made[1000:-1000]).max() < 20


def test_equal_rates_pass_the_sound_through() -> None:
    assert Resampler(24_000, 24_000).feed(b"\1\2\3") == b"\1\2\3"


def test_after_the_last_piece_it_begins_afresh() -> None:
    resampler = Resampler(24_000, 16_000)
    first = samples(resampler.feed(tone(500, 24_000), last=True))
    again = samples(resampler.feed(tone(500, 24_000), last=True))
    assert np.abs(again - first).max() <= 2  # the last bit is dithered
