import numpy as np
import pytest

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")

from orchestrator.speech.normalisation import RATE, Channel, Normaliser
from orchestrator.speech.resample import Resampler
from tests.speech.conftest import Spoken

pytestmark = pytest.mark.media

SECOND = RATE * 2


@pytest.fixture(scope="module")
def speech(spoken: Spoken) -> bytes:
    sounds = spoken("Two large pizzas and a coke please.", "And some garlic bread, as soon as you can.")
    return Resampler(24_000, RATE).feed(b"".join(sounds), last=True)


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    return Normaliser()


def parsed(mean: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array([float(part) for part in mean.split(",")])


def test_a_sum_over_two_parts_is_the_sum_of_both(normaliser: Normaliser, speech: bytes) -> None:
    half = SECOND * 2
    (whole, frames), (one, some), (two, others) = (
        normaliser.measure(part) for part in (speech[: half * 2], speech[:half], speech[half : half * 2])
    )
    assert frames == some + others == 400
    assert np.abs(whole - one - two).max() / frames < 1.0


def test_nothing_measured_is_nothing(normaliser: Normaliser) -> None:
    total, frames = normaliser.measure(b"")
    assert frames == 0
    assert not total.any()


def test_a_channel_starts_from_the_usual_and_moves_to_what_it_hears(
    normaliser: Normaliser, speech: bytes
) -> None:
    channel = Channel(normaliser)
    assert channel.seconds == 0
    assert np.abs(parsed(channel.mean()) - normaliser.usual).max() < 0.001
    total, frames = normaliser.measure(speech)
    glimpse = parsed(channel.mean(speech[:SECOND]))
    channel.hear(speech)
    assert channel.seconds == pytest.approx(len(speech) / SECOND, abs=0.1)
    own, known = total / frames, parsed(channel.mean())
    assert np.abs(known - own).sum() < np.abs(glimpse - own).sum() < np.abs(normaliser.usual - own).sum()


def test_what_is_long_past_fades(normaliser: Normaliser, speech: bytes) -> None:
    channel = Channel(normaliser)
    for _ in range(20):
        channel.hear(speech)
    assert channel.seconds <= 15
