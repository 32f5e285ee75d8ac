import pytest

pytest.importorskip("pocketsphinx", reason="the extra `recogniser` is not installed")

from orchestrator.speech.sphinx_library import EVERYDAY_WORDS, Library, plain

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def test_missing_words_are_named_and_their_phrases_left_out(library: Library) -> None:
    assert library.learn("a", [("a margherita pizza", 1.0), ("a quxx", 1.0), ("yes", 1.0)], {}) == [
        "margherita",
        "quxx",
    ]
    assert library.take("a").lookup_word("margherita") is None


def test_a_pronunciation_makes_a_word_known_from_then_on(library: Library) -> None:
    more = {"zzyzx": "Z AY Z IH K S"}
    assert library.learn("b", [("to zzyzx", 1.0)], more) == []
    assert library.learn("c", [("from zzyzx", 1.0)], {}) == []
    assert library.take("c").lookup_word("zzyzx") == "Z AY Z IH K S"


def test_everyday_words_are_in_every_vocabulary(library: Library) -> None:
    library.learn("d", [], {})
    decoder = library.take("d")
    assert decoder.lookup_word("the")
    assert decoder.lookup_word("because")
    assert len(library._everyday) == EVERYDAY_WORDS


def test_decoders_are_kept_for_the_next_call_but_not_too_many(library: Library) -> None:
    library.learn("e", [("yes", 1.0)], {})
    decoders = [library.take("e") for _ in range(6)]
    for decoder in decoders:
        library.give_back("e", decoder)
    assert library.take("e") in decoders
    assert len(library._idle["e"]) == 3


def test_learning_anew_forgets_decoders_of_before(library: Library) -> None:
    library.learn("f", [("yes", 1.0)], {})
    library.give_back("f", library.take("f"))
    library.learn("f", [("no", 1.0)], {})
    assert not library._idle.get("f")


def test_numbers_of_other_pronunciations_are_taken_off() -> None:
    assert plain("a(2) pizza(10) (pie)") == "a pizza (pie)"
