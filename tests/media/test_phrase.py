import pytest

from orchestrator.media.opus import OpusDecoder
from orchestrator.media.phrase import CachedSound, Phrase
from orchestrator.media.wire import AudioFormat, WireCodec
from tests.media.encoders import PlainEncoder
from tests.media.sound import likeness, speech

pytestmark = pytest.mark.media


def test_each_frame_is_encoded_once_when_it_is_first_wanted() -> None:
    encoder = PlainEncoder(160)
    phrase = Phrase(bytes(400), encoder)
    assert (phrase.frames, phrase.milliseconds, encoder.encoded) == (3, 50, 0)
    assert phrase.packet(1) == bytes(160)
    assert encoder.encoded == 2
    assert [len(phrase.packet(index)) for index in (0, 1, 2, 2)] == [160, 160, 80, 80]
    assert encoder.encoded == 3


def test_the_encoder_is_freed_with_the_last_frame() -> None:
    encoder = PlainEncoder(160)
    phrase = Phrase(bytes(320), encoder)
    phrase.packet(0)
    assert not encoder.closed
    phrase.packet(1)
    assert encoder.closed


def test_the_last_frame_is_as_long_as_its_real_sound() -> None:
    phrase = Phrase(bytes(400), PlainEncoder(160))
    assert [phrase.frame_ms(index) for index in range(3)] == [20, 20, 10]


def test_sound_of_less_than_a_millisecond_is_one() -> None:
    phrase = Phrase(bytes(2), PlainEncoder(160))
    assert (phrase.frames, phrase.milliseconds, phrase.frame_ms(0)) == (1, 1, 1)


def test_a_frame_that_is_not_there_is_an_error() -> None:
    with pytest.raises(IndexError):
        Phrase(bytes(160), PlainEncoder(160)).packet(1)


def test_cached_sound_has_one_phrase_for_each_codec_and_mode() -> None:
    cached = CachedSound(speech(0.5))
    opus = cached.phrase(WireCodec.OPUS)
    assert cached.phrase(WireCodec.OPUS) is opus
    assert cached.phrase(WireCodec.OPUS, error_correction=True) is not opus
    assert cached.phrase(WireCodec.PCMU).milliseconds == opus.milliseconds == 500


def test_a_phrase_sounds_like_what_was_cached() -> None:
    said = speech(1)
    phrase = CachedSound(said, AudioFormat.PCM).phrase(WireCodec.OPUS)
    with OpusDecoder() as decoder:
        heard = b"".join(decoder.decode(phrase.packet(index)) for index in range(phrase.frames))
    assert likeness(heard, said) > 0.95
