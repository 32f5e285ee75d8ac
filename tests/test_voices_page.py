"""The page about voices says what the code does, and its prices are worked out from data."""

import re
import runpy
from pathlib import Path

import pytest

from orchestrator.core.attributes import SPEECH_TO_TEXT, TEXT_TO_SPEECH
from orchestrator.settings import Settings, environment_name
from orchestrator.settings.values import voice_table
from orchestrator.speech.deadlines import OWN_PROCESS, Deadlines
from orchestrator.speech.retrying import LONGEST_WAIT

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "how-to" / "choose-voices.md").read_text()


def test_the_table_of_prices_is_worked_out_from_the_data() -> None:
    priced = runpy.run_path(str(DOCS / "make_prices.py"))["priced"]
    assert priced(PAGE) == PAGE, "run python docs/make_prices.py"


def test_the_page_has_a_row_for_every_voice_and_recogniser() -> None:
    voices, recognisers = PAGE.split("## Speech-to-text")
    assert re.findall(r"^\| `([a-z]+)` \|", voices, re.MULTILINE) == list(TEXT_TO_SPEECH)
    assert re.findall(r"^\| `([a-z]+)` \|", recognisers, re.MULTILINE) == list(SPEECH_TO_TEXT)


def test_every_setting_that_the_page_names_is_one() -> None:
    named = set(re.findall(r"\b(?:[A-Z]+_)+(?:[A-Z]+)\b", PAGE))
    assert "ORCHESTRATOR_TTS" in named
    assert named <= set(map(environment_name, Settings.model_fields))


def test_the_tables_of_voices_that_the_page_shows_are_read() -> None:
    shown = re.findall(r'^ORCHESTRATOR_TTS_VOICES="(.*)"$', PAGE, re.MULTILINE)
    assert shown
    assert all(map(voice_table, shown))


def test_the_deadlines_are_those_that_the_page_names() -> None:
    assert Deadlines() == Deadlines(connect=5, first=5, next=5, final=10)
    assert OWN_PROCESS.connect == 30
    assert LONGEST_WAIT == 2
