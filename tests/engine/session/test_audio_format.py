import numpy as np
import pytest

from orchestrator.engine.session.audio_format import Decoder, Encoder
from orchestrator.media.g711 import Law, decode
from tests.speech.speaking import noise, silence

pytestmark = pytest.mark.unit

LAWS = [("audio/pcmu", Law.MU), ("audio/pcma", Law.A)]


def level(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(float) ** 2)))


def test_pcm_passes_and_half_a_sample_waits_for_its_other_half() -> None:
    decoder = Decoder("audio/pcm")
    assert decoder.feed(b"\x01\x02\x03") == b"\x01\x02"
    assert decoder.feed(b"\x04") == b"\x03\x04"
    assert Encoder("audio/pcm").feed(b"\x01\x02", last=True) == b"\x01\x02"


@pytest.mark.parametrize(("audio_format", "law"), LAWS)
def test_every_byte_of_a_law_comes_back_as_itself(audio_format: str, law: Law) -> None:
    samples = np.frombuffer(decode(bytes(range(256)), law), "<i2")
    steady = Encoder(audio_format)
    for sample in samples[::16]:
        pcm = np.full(9600, sample, "<i2").tobytes()
        sent = steady.feed(pcm, last=True)
        assert (
            abs(int(np.frombuffer(decode(sent[1600:1601], law), "<i2")[0]) - int(sample))
            <= abs(sample) / 16 + 8
        )


@pytest.mark.parametrize(("audio_format", "law"), LAWS)
def test_telephone_sound_keeps_its_length_and_its_level(audio_format: str, law: Law) -> None:
    spoken = noise(1000, 3000)
    encoder = Encoder(audio_format)
    sent = b"".join(encoder.feed(spoken[at : at + 4800]) for at in range(0, len(spoken), 4800))
    sent += encoder.feed(b"", last=True)
    assert len(sent) == 8000
    assert encoder.bytes_per_ms == 8
    heard = Decoder(audio_format).feed(sent)
    assert abs(len(heard) - len(spoken)) <= 30 * 48
    assert level(heard) == pytest.approx(level(decode(sent, law)), rel=0.1)


@pytest.mark.parametrize(("audio_format", "law"), LAWS)
def test_silence_stays_silent(audio_format: str, law: Law) -> None:
    sent = Encoder(audio_format).feed(silence(100), last=True)
    assert level(decode(sent, law)) <= 8
