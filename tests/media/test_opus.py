import gc

import numpy as np
import psutil  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media import libopus, opus
from orchestrator.media.errors import CodecError
from orchestrator.media.opus import EncoderMode, OpusDecoder, OpusEncoder
from tests.media.sound import frames, likeness, loudness, pitch_of, samples, speech, tone

pytestmark = pytest.mark.media


@pytest.mark.parametrize("rate", opus.RATES)
@pytest.mark.parametrize("mode", EncoderMode)
def test_a_tone_comes_out_at_its_pitch_at_every_rate(rate: int, mode: EncoderMode) -> None:
    with OpusEncoder(rate, mode=mode) as encoder, OpusDecoder(rate) as decoder:
        said = tone(440, 1, rate=rate)
        heard = b"".join(decoder.decode(encoder.encode(f)) for f in frames(said, rate // 50 * 2))
    assert len(heard) == len(said)
    assert abs(pitch_of(heard, rate) - 440) < 2


@pytest.mark.parametrize(("mode", "least"), [(EncoderMode.LOW_DELAY, 0.95), (EncoderMode.SPEECH, 0.8)])
def test_speech_survives_in_shape(mode: EncoderMode, least: float) -> None:
    said = speech(2)
    with OpusEncoder(mode=mode) as encoder, OpusDecoder() as decoder:
        heard = b"".join(decoder.decode(encoder.encode(frame)) for frame in frames(said))
    assert likeness(heard, said) > least


def test_low_delay_is_celt_only_and_speech_is_silk() -> None:
    frame = frames(speech(1))[20]
    with OpusEncoder() as low_delay, OpusEncoder(mode=EncoderMode.SPEECH, expected_loss=10) as silk:
        assert low_delay.encode(frame)[0] >> 3 >= 16
        assert silk.encode(frame)[0] >> 3 < 12


def test_a_lost_frame_is_rebuilt_from_the_next_packet() -> None:
    said = speech(3)
    with (
        OpusEncoder(mode=EncoderMode.SPEECH, expected_loss=20) as encoder,
        OpusDecoder() as whole,
        OpusDecoder() as holed,
        OpusDecoder() as guessing,
    ):
        packets = [encoder.encode(frame) for frame in frames(said)]
        truth = [whole.decode(packet) for packet in packets]
        rebuilt, guessed, true = b"", b"", b""
        for index, packet in enumerate(packets):
            if index % 10 == 5:
                true += truth[index]
                rebuilt += holed.recover(packets[index + 1], 480)
                guessed += guessing.conceal(480)
            else:
                holed.decode(packet)
                guessing.decode(packet)
    assert _correlation(rebuilt, true) > 0.85
    assert _correlation(rebuilt, true) > _correlation(guessed, true) + 0.1


def test_recovery_without_error_correction_conceals() -> None:
    packets = []
    with OpusEncoder() as encoder, OpusDecoder() as decoder:
        packets = [encoder.encode(frame) for frame in frames(tone(300, 0.2))]
        for packet in packets[:5]:
            decoder.decode(packet)
        assert loudness(decoder.recover(packets[6], 480)) > 500


def test_concealment_fades() -> None:
    with OpusEncoder() as encoder, OpusDecoder() as decoder:
        for frame in frames(tone(300, 0.4)):
            decoder.decode(encoder.encode(frame))
        made_up = [decoder.conceal(480) for _ in range(40)]
    assert loudness(made_up[0]) > 1000
    assert loudness(made_up[-1]) < loudness(made_up[0]) / 3


@pytest.mark.parametrize("packet", [b"", b"\xff\xff\xff", b"\x03\xbf" + bytes(40)])
def test_a_malformed_packet_is_an_error_and_the_decoder_goes_on(packet: bytes) -> None:
    with OpusEncoder() as encoder, OpusDecoder() as decoder:
        if packet:
            with pytest.raises(CodecError, match="cannot decode"):
                decoder.decode(packet)
        assert len(decoder.decode(encoder.encode(bytes(960)))) == 960


@given(st.binary(max_size=200))
def test_no_packet_whatever_breaks_the_decoder(packet: bytes) -> None:
    with OpusDecoder() as decoder:
        try:
            sound = decoder.decode(packet)
        except CodecError:
            return
        assert len(sound) <= 2 * 24 * 120


@given(st.binary(min_size=1, max_size=100))
def test_the_duration_read_from_the_header_is_the_one_decoded(packet: bytes) -> None:
    with OpusDecoder() as decoder:
        try:
            sound = decoder.decode(packet)
        except CodecError:
            return
    assert opus.packet_units(packet) == len(sound)


def test_the_durations_of_real_packets() -> None:
    with OpusEncoder() as encoder:
        assert [opus.packet_units(encoder.encode(bytes(48 * ms))) for ms in (5, 10, 20)] == [240, 480, 960]
    assert opus.packet_units(b"") == 0
    assert opus.packet_units(bytes((0b00001011,))) == 0


def test_a_frame_of_an_odd_length_is_an_error_that_says_what_fits() -> None:
    with OpusEncoder() as encoder, pytest.raises(CodecError, match=r"2\.5, 5, 10, 20"):
        encoder.encode(bytes(100))


def test_a_rate_that_opus_has_not_is_an_error_that_names_the_rates() -> None:
    with pytest.raises(CodecError, match=r"44100.*8000, 16000, 24000, 48000"):
        OpusDecoder(44100)


def test_a_setting_that_opus_has_not_is_an_error() -> None:
    with pytest.raises(CodecError, match="refused setting"):
        OpusEncoder(complexity=11)


def test_a_closed_codec_refuses_work_and_closes_twice() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    for codec in (encoder, decoder):
        codec.close()
        codec.close()
    with pytest.raises(CodecError, match="closed"):
        encoder.encode(bytes(960))
    with pytest.raises(CodecError, match="closed"):
        decoder.conceal(480)


def test_silence_announced_is_told_from_sound() -> None:
    assert opus.is_silence(b"\x08")
    assert not opus.is_silence(b"\x08abc")


def test_closing_frees_memory_without_the_collector() -> None:
    process = psutil.Process()
    gc.disable()
    try:
        for _ in range(50):
            OpusEncoder().close()
        before = process.memory_info().rss
        for _ in range(2000):
            OpusEncoder().close()
            OpusDecoder().close()
        assert process.memory_info().rss - before < 8_000_000
    finally:
        gc.enable()


def test_the_length_of_concealment_is_bounded() -> None:
    with OpusDecoder() as decoder:
        assert len(decoder.conceal(10**6)) == 2 * 24 * 120
        with pytest.raises(CodecError):
            decoder.conceal(7)


def test_the_library_is_the_one_that_was_loaded() -> None:
    assert libopus.load() is libopus.load()


def _correlation(a: bytes, b: bytes) -> float:
    return float(np.corrcoef(samples(a), samples(b))[0, 1])
