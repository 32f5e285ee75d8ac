"""The language of a page, and that its German is whole."""

import re
from pathlib import Path

import pytest

import orchestrator.web
from orchestrator.web.german import PAGES
from orchestrator.web.wording import WORDINGS, Wording, language_of

pytestmark = pytest.mark.unit

KNOWN = WORDINGS["de"].sentences
WEB = Path(orchestrator.web.__file__).parent
CLIENT = WEB / "static" / "client"
SENTENCE = re.compile(r'"([A-Z][^"`]* [^"`]*[.…])"')


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.3,en;q=0.7", "en"),
        ("fr;q=1.0, DE;q=0.5", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("de;q=much, *", "en"),
    ],
)
def test_the_best_liked_language_of_ours_is_chosen(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


def test_a_sentence_without_a_translation_stays_english() -> None:
    assert Wording("de")("Call") == "Anrufen"
    assert Wording()("Call") == "Call"
    assert Wording("de")("Hauptgericht") == "Hauptgericht"


def test_values_stand_in_the_gaps_of_a_sentence() -> None:
    assert Wording("de")("Role: {}", "<admin>") == "Rolle: <admin>"
    assert Wording()("{} to {}", "{}", "b") == "{} to b"
    assert Wording()("Role: {}") == "Role: {}"


def test_scripts_are_sent_the_sentences_of_their_pages_alone() -> None:
    assert Wording("de").of("frame", "talk")["Call"] == "Anrufen"
    assert "Call" not in Wording("de").of("frame")
    assert Wording().of("frame", "talk") == {}


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("No page has this address.", "Keine Seite hat diese Adresse."),
        ("There is no conversation conv_1 in replay_2.", "Es gibt kein Gespräch conv_1 in replay_2."),
        ("There is no conversation conv_1.", "Es gibt kein Gespräch conv_1."),
        ("There is no replay {}.", "Es gibt keine Wiederholung {}."),
        ("The state cart is no JSON: line 1\nis bad.", "Der Zustand cart ist kein JSON: line 1\nis bad."),
        ("There is no conversation.", None),
        ("A disk broke.", None),
    ],
)
def test_what_was_raised_in_english_is_told_where_it_is_known(raised: str, told: str | None) -> None:
    assert Wording("de").told(raised) == told
    assert Wording().told(raised) == raised


def test_every_sentence_of_the_client_is_there_in_german() -> None:
    code = "\n".join(path.read_text() for path in sorted(CLIENT.glob("*.js")))
    told = [line for line in code.splitlines() if not line.lstrip().startswith(("*", "/"))]
    sentences = {each for line in told for each in SENTENCE.findall(line)}
    assert "The service does not answer." in sentences
    assert sentences - set(KNOWN) == set()


def test_a_translation_has_as_many_gaps_as_its_sentence() -> None:
    assert [english for english, german in KNOWN.items() if english.count("{}") != german.count("{}")] == []


def test_a_sentence_has_one_translation_whatever_page_it_is_on() -> None:
    told = [pair for page in PAGES.values() for pair in page.items()]
    assert [pair for pair in told if KNOWN[pair[0]] != pair[1]] == []
