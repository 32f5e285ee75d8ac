import pytest

from orchestrator.engine.session.spoken import SpokenAudio
from orchestrator.realtime.serving.refusal import RefusedError
from orchestrator.speech.protocol import WordTime

pytestmark = pytest.mark.unit


def test_the_ceiling_of_the_duration_is_accepted() -> None:
    audio = SpokenAudio("hello there", 1000.4)
    assert audio.remaining_ms == 1001
    assert audio.cut(1001).heard_transcript() == "hello there"


def test_a_cut_keeps_whole_words_only() -> None:
    audio = SpokenAudio("hello there friend", 1800.0)
    assert audio.cut(900).heard_transcript() == "hello"
    assert audio.cut(1100).heard_transcript() == "hello there"
    assert audio.cut(0).heard_transcript() == ""
    assert audio.cut(100).heard_transcript() == ""


def test_later_cuts_are_never_rescaled() -> None:
    audio = SpokenAudio("hello there friend", 1800.0)
    assert audio.cut(1100).cut(1100).heard_transcript() == "hello there"
    assert audio.cut(1100).cut(600).heard_transcript() == "hello"


def test_a_longer_cut_than_what_is_left_is_refused() -> None:
    with pytest.raises(RefusedError, match="of 600ms is already shorter than 700ms"):
        SpokenAudio("hello there", 1000.0).cut(600).cut(700)


def test_the_item_shows_the_heard_transcript() -> None:
    item = SpokenAudio("hello there", 1000.0).cut(500).write_into({"id": "a", "content": []})
    assert item == {"id": "a", "content": [{"type": "output_audio", "transcript": "hello"}]}


def test_the_voices_own_word_times_decide_what_was_heard() -> None:
    words = (WordTime(0, 5, 0, 1500), WordTime(6, 11, 1500, 1800))
    audio = SpokenAudio("hello there friend", 2000.0, words=words)
    assert audio.cut(1499).heard_transcript() == ""
    assert audio.cut(1500).heard_transcript() == "hello"
    assert audio.cut(1900).heard_transcript() == "hello there"
    assert audio.cut(2000).heard_transcript() == "hello there friend"
