import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media import g711
from orchestrator.media.g711 import Law
from tests.media.sound import samples, tone

pytestmark = pytest.mark.unit

ALL_BYTES = bytes(range(256))


@pytest.mark.parametrize(("law", "name"), [(Law.MU, "pcm_mulaw"), (Law.A, "pcm_alaw")])
def test_every_byte_expands_as_another_implementation_says(law: Law, name: str) -> None:
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout = 8000, "mono"
    theirs = context.decode(av.Packet(ALL_BYTES))[0].to_ndarray().ravel()
    assert np.array_equal(np.frombuffer(g711.decode(ALL_BYTES, law), "<i2"), theirs)


@pytest.mark.parametrize("law", Law)
def test_every_byte_survives_the_way_there_and_back(law: Law) -> None:
    back = g711.encode(g711.decode(ALL_BYTES, law), law)
    # mu-law has two zeros; the negative one becomes the other.
    assert back == (ALL_BYTES[:127] + b"\xff" + ALL_BYTES[128:] if law is Law.MU else ALL_BYTES)


@pytest.mark.parametrize("law", Law)
def test_every_sample_is_kept_within_one_step_of_its_segment(law: Law) -> None:
    every = np.arange(-32768, 32768).astype("<i2")
    kept = samples(g711.decode(g711.encode(every.tobytes(), law), law))
    assert np.all(np.abs(kept - every) <= np.maximum(np.abs(every.astype(float)) / 16, 16))


@pytest.mark.parametrize("law", Law)
def test_louder_samples_never_become_quieter(law: Law) -> None:
    every = np.arange(-32768, 32768).astype("<i2")
    kept = samples(g711.decode(g711.encode(every.tobytes(), law), law))
    assert np.all(np.diff(kept) >= 0)


@pytest.mark.parametrize("law", Law)
def test_silence_is_the_byte_of_a_zero_sample(law: Law) -> None:
    assert g711.encode(bytes(2), law) == g711.SILENCE[law]
    assert np.all(np.abs(samples(g711.decode(g711.SILENCE[law], law))) <= 8)


def test_between_the_laws_a_tone_stays_a_tone() -> None:
    said = tone(400, 0.1, rate=8000)
    through = g711.transcode(g711.encode(said, Law.MU), Law.MU, Law.A)
    heard = samples(g711.decode(through, Law.A))
    assert np.corrcoef(heard, samples(said))[0, 1] > 0.999


@given(st.binary(max_size=400))
def test_the_same_law_passes_untouched(payload: bytes) -> None:
    assert g711.transcode(payload, Law.A, Law.A) is payload
    assert len(g711.decode(payload, Law.MU)) == 2 * len(payload)
