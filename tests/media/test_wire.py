import itertools

import pytest

from orchestrator.media import g711
from orchestrator.media.errors import CodecError
from orchestrator.media.opus import EncoderMode
from orchestrator.media.wire import (
    AudioFormat,
    OpusSoundEncoder,
    SoundDecoder,
    WireCodec,
    make_decoder,
    make_encoder,
)
from tests.media.sound import frames, likeness, loudness, pitch_of, tone

pytestmark = pytest.mark.media

PAIRS = list(itertools.product(WireCodec, AudioFormat))


def as_pcm(sound: bytes, audio_format: AudioFormat) -> tuple[bytes, int]:
    law = audio_format.law
    return (sound, 24000) if law is None else (g711.decode(sound, law), 8000)


def engine_tone(audio_format: AudioFormat, frequency: float, seconds: float) -> bytes:
    law = audio_format.law
    if law is None:
        return tone(frequency, seconds)
    return g711.encode(tone(frequency, seconds, rate=8000), law)


@pytest.mark.parametrize(("codec", "audio_format"), PAIRS)
def test_a_tone_keeps_its_pitch_from_engine_to_wire_and_back(
    codec: WireCodec, audio_format: AudioFormat
) -> None:
    encoder, decoder = make_encoder(codec, audio_format), make_decoder(codec, audio_format)
    said = engine_tone(audio_format, 500, 1)
    heard = b""
    for frame in frames(said, encoder.frame_bytes):
        payload = encoder.encode(frame)
        assert codec.duration(payload) == codec.frame_units
        heard += decoder.decode(payload)
    encoder.close()
    decoder.close()
    pcm, rate = as_pcm(heard, audio_format)
    assert len(heard) == len(said)
    assert abs(pitch_of(pcm, rate) - 500) < 3
    assert loudness(pcm) == pytest.approx(loudness(as_pcm(said, audio_format)[0]), rel=0.1)


@pytest.mark.parametrize(("codec", "audio_format"), PAIRS)
def test_a_frame_that_is_too_short_is_filled_with_silence(
    codec: WireCodec, audio_format: AudioFormat
) -> None:
    encoder = make_encoder(codec, audio_format)
    assert codec.duration(encoder.encode(audio_format.silence(3))) == codec.frame_units
    assert codec.duration(encoder.encode(b"")) == codec.frame_units
    encoder.close()


@pytest.mark.parametrize(("codec", "audio_format"), PAIRS)
def test_what_is_lost_is_made_up_at_its_length(codec: WireCodec, audio_format: AudioFormat) -> None:
    encoder, decoder = make_encoder(codec, audio_format), make_decoder(codec, audio_format)
    said = frames(engine_tone(audio_format, 500, 0.4), encoder.frame_bytes)
    packets = [encoder.encode(frame) for frame in said]
    for packet in packets[:10]:
        decoder.decode(packet)
    concealed = decoder.conceal(codec.frame_units)
    recovered = decoder.recover(packets[12], codec.frame_units)
    assert len(concealed) == len(recovered) == encoder.frame_bytes
    assert loudness(as_pcm(concealed, audio_format)[0]) > 1000
    encoder.close()
    decoder.close()


def test_the_engines_own_law_passes_untouched_both_ways() -> None:
    payload = bytes(range(160))
    assert make_decoder(WireCodec.PCMU, AudioFormat.PCMU).decode(payload) is payload
    assert make_encoder(WireCodec.PCMA, AudioFormat.PCMA).encode(payload) == payload


def test_lost_telephone_sound_is_repeated_once_and_then_silent() -> None:
    decoder = make_decoder(WireCodec.PCMU, AudioFormat.PCMU)
    decoder.decode(b"x" * 160)
    assert decoder.conceal(160) == b"x" * 160
    assert decoder.conceal(160) == b"\xff" * 160
    assert decoder.recover(b"y" * 160, 200) == b"\xff" * 200


def test_malformed_opus_is_an_error() -> None:
    decoder: SoundDecoder = make_decoder(WireCodec.OPUS, AudioFormat.PCM)
    with pytest.raises(CodecError):
        decoder.decode(b"\xff\xff")
    decoder.close()


def test_error_correction_is_opus_for_speech() -> None:
    encoder = make_encoder(WireCodec.OPUS, AudioFormat.PCM, error_correction=True, expected_loss=10)
    assert isinstance(encoder, OpusSoundEncoder)
    assert encoder.mode is EncoderMode.SPEECH
    encoder.expect_loss(20)
    encoder.close()


def test_lost_opus_is_rebuilt_from_the_next_packet() -> None:
    encoder = make_encoder(WireCodec.OPUS, AudioFormat.PCM, error_correction=True, expected_loss=20)
    holed, whole = (make_decoder(WireCodec.OPUS, AudioFormat.PCM) for _ in range(2))
    packets = [encoder.encode(frame) for frame in frames(tone(300, 1))]
    true = [whole.decode(packet) for packet in packets]
    for packet in packets[:30]:
        holed.decode(packet)
    assert likeness(holed.recover(packets[31], 960), true[30]) > 0.8
    for codec in (encoder, holed, whole):
        codec.close()


def test_formats_know_their_silence_and_codecs_their_clocks() -> None:
    assert AudioFormat.PCM.silence(20) == bytes(960)
    assert AudioFormat.PCMA.silence(2) == b"\xd5" * 16
    assert [codec.clock_rate for codec in WireCodec] == [48000, 8000, 8000]
    assert [codec.frame_units for codec in WireCodec] == [960, 160, 160]
