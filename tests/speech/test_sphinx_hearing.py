import pytest

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")

from orchestrator.speech.normalisation import Normaliser
from orchestrator.speech.sphinx_hearing import Hearing
from orchestrator.speech.sphinx_library import Library
from tests.speech.conftest import Spoken
from tests.speech.speaking import silence

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def test_a_hearing_begins_with_the_vocabulary_it_was_told_last(library: Library, spoken: Spoken) -> None:
    library.learn("yes", [("yes please", 1.0)], {})
    library.learn("no", [("no thanks", 1.0)], {})
    (sound,) = spoken("no thanks")
    hearing = Hearing(library, Normaliser(), "yes", 24_000)
    hearing.expect("no")
    hearing.hear(silence(300) + sound + silence(300))
    hearing.expect("yes")
    assert hearing.commit().text == "no thanks"
    hearing.settle()
    hearing.hear(silence(300) + sound)
    assert hearing.commit().text != "no thanks"


def test_a_short_word_is_heard_without_a_partial_before_it(library: Library, spoken: Spoken) -> None:
    library.learn("yes", [("yes please", 1.0)], {})
    (sound,) = spoken("yes please")
    hearing = Hearing(library, Normaliser(), "yes", 24_000)
    assert hearing.hear(sound) is None
    result = hearing.commit()
    assert result.text == "yes please"
    assert [word[0] for word in result.words] == ["yes", "please"]
    assert all(0 <= confidence <= 1 for *_, confidence in result.words)


def test_what_was_heard_is_told_only_when_it_changed(library: Library, spoken: Spoken) -> None:
    library.learn("yes", [("yes please", 1.0)], {})
    (sound,) = spoken("yes please, yes please, yes please")
    hearing = Hearing(library, Normaliser(), "yes", 24_000)
    sound = silence(300) + sound
    partials = [hearing.hear(sound[at : at + 960]) for at in range(0, len(sound), 960)]
    told = [partial for partial in partials if partial]
    assert len(told) == len(set(told)) > 1
    hearing.discard()
    assert hearing.commit().text == ""
