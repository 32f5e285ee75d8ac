import pytest

from orchestrator.call.phrases import LONGEST_BYTES, Phrase, Phrases, PhraseSound
from orchestrator.media.wire import WireCodec
from orchestrator.speech.protocol import BYTES_PER_MS, Speech, Voice

pytestmark = pytest.mark.unit

MARIN = Voice("marin")


def test_a_phrase_is_found_again_in_the_same_voice_alone() -> None:
    phrases = Phrases()
    pieces = [Speech(b"\1\2"), Speech(b"\3\4")]
    phrases.keep("embedded", MARIN, "Hello!", pieces)
    found = phrases.find("embedded", MARIN, "Hello!")
    assert found is not None
    assert (found.pieces, found.pcm) == (tuple(pieces), b"\1\2\3\4")
    assert phrases.find("openai", MARIN, "Hello!") is None
    assert phrases.find("embedded", Voice("cedar"), "Hello!") is None
    assert phrases.find("embedded", Voice("marin", speed=1.2), "Hello!") is None
    assert phrases.find("embedded", MARIN, "Hello?") is None


def test_what_was_not_said_for_long_makes_room() -> None:
    phrases = Phrases(limit=8)
    phrases.keep("tone", MARIN, "one", [Speech(bytes(4))])
    phrases.keep("tone", MARIN, "two", [Speech(bytes(4))])
    assert phrases.find("tone", MARIN, "one")
    phrases.keep("tone", MARIN, "three", [Speech(bytes(4))])
    assert phrases.find("tone", MARIN, "two") is None
    assert phrases.find("tone", MARIN, "one")


def test_a_phrase_that_is_kept_already_takes_no_more_room() -> None:
    phrases = Phrases(limit=8)
    for _ in range(3):
        phrases.keep("tone", MARIN, "one", [Speech(bytes(4))])
    phrases.keep("tone", MARIN, "two", [Speech(bytes(4))])
    assert phrases.find("tone", MARIN, "one")


def test_long_phrases_are_not_kept() -> None:
    phrases = Phrases()
    phrases.keep("tone", MARIN, "long", [Speech(bytes(LONGEST_BYTES + 2))])
    assert phrases.find("tone", MARIN, "long") is None


def test_a_phrase_is_encoded_once_for_all_calls_of_a_codec() -> None:
    phrase = Phrase([Speech(bytes(100 * BYTES_PER_MS))])
    encoded = phrase.encoded.phrase(WireCodec.OPUS)
    assert phrase.encoded.phrase(WireCodec.OPUS) is encoded
    assert (encoded.frames, encoded.milliseconds) == (5, 100)


def test_a_phrase_is_sound_in_the_clients_format() -> None:
    phrase = Phrase([Speech(bytes(60 * BYTES_PER_MS)), Speech(bytes(40 * BYTES_PER_MS))])
    whole = PhraseSound(phrase, {"type": "audio/pcm"})
    assert (whole.size, whole.raw()) == (4800, phrase.pcm)
    companded = PhraseSound(phrase, {"type": "audio/pcmu"})
    assert companded.size == len(companded.raw()) == 800
    assert len(companded.base64()) == 1068
