"""That the page of a conversation is whole in every language: sentences of templates, scripts and values."""

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

import orchestrator.web
from orchestrator.core import records
from orchestrator.core.redaction import Kind
from orchestrator.web.conversation import acting
from orchestrator.web.conversation.context import EXPORTS, OUTCOMES, PURPOSES
from orchestrator.web.conversation.shown import NOT_FOR_REVIEWERS, NOT_RECORDED
from orchestrator.web.review import happenings
from orchestrator.web.review.facts import ENDINGS
from orchestrator.web.review.latency import STAGES
from orchestrator.web.review.orders import TOTALS
from orchestrator.web.wording import ENGLISH, WORDINGS, Wording
from tests.web.page_texts import template_texts

pytestmark = pytest.mark.unit

translated = pytest.mark.parametrize(
    "word",
    [word for language, word in WORDINGS.items() if language != ENGLISH],
    ids=lambda word: word.language,
)
WEB = Path(orchestrator.web.__file__).parent
TEMPLATES = sorted((WEB / "templates" / "review").glob("*.html"))
SCRIPTS = sorted((WEB / "static" / "review").glob("*.js"))
ASKED_FOR = re.compile(r'word\(\s*"([^"]+)"\s*[,)]')
HAPPENS = re.compile(r'yield [\w.]+, "([^"]+)"')
TOLD = re.compile(r'_told\(request, conversation_id, "([^"]+)"')
SAID = re.compile(r'"([A-Z][a-z]* [^"]*)"')
KEYS = {"j", "k", "c"}
"""Of the keyboard."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_is_asked_for(path: Path) -> None:
    assert template_texts(path.read_text()) - KEYS == set()


@translated
def test_every_sentence_of_the_templates_is_there(word: Wording) -> None:
    asked = {each for path in TEMPLATES for each in ASKED_FOR.findall(path.read_text())}
    assert "The caller is back after {}" in asked
    assert asked - set(word.sentences) == set()


@translated
def test_every_sentence_of_the_scripts_is_sent_to_them(word: Wording) -> None:
    code = "\n".join(path.read_text() for path in SCRIPTS)
    asked, said = set(ASKED_FOR.findall(code)), set(SAID.findall(code))
    assert "The link to this moment is copied." in asked
    assert (asked | said) - set(word.of("review scripts")) == set()


@pytest.mark.parametrize(
    "sentences",
    [
        OUTCOMES.values(),
        PURPOSES.values(),
        ENDINGS.values(),
        STAGES,
        TOTALS,
        (NOT_FOR_REVIEWERS, NOT_RECORDED),
        [name for _, name in EXPORTS if name == "Text"],
        get_args(Kind),
        get_args(records.ConversationStatus),
        get_args(records.Purpose),
        get_args(records.Modality),
        ("agent", "caller", "operator", "service"),
        ("by caller", "by operator"),
        ("rolled back", "refused"),
        ("no transcript", "no words"),
    ],
    ids=lambda sentences: str(next(iter(sentences))),
)
@translated
def test_what_is_looked_up_as_a_page_is_made_is_there(word: Wording, sentences: tuple[str, ...]) -> None:
    assert set(sentences) - set(word.sentences) == set()


@translated
def test_every_line_of_what_happened_is_there(word: Wording) -> None:
    source = inspect.getsource(happenings)
    fixed = {*HAPPENS.findall(source), *ASKED_FOR.findall(source)}
    assert {"call joined", "{}, revision {}"} < fixed
    outcomes = {f"tool {outcome}" for outcome in get_args(records.ToolOutcome)}
    outcomes |= {f"handoff {outcome}" for outcome in ("staged", "committed", "rolled_back", "refused")}
    outcomes |= {
        f"response {status}" for status in ("in_progress", "completed", "cancelled", "failed", "incomplete")
    }
    told = fixed | {each.replace("_", " ") for each in outcomes}
    assert told - set(word.sentences) == set()


@translated
def test_what_operators_are_told_is_there(word: Wording) -> None:
    told = set(TOLD.findall(inspect.getsource(acting)))
    assert len(told) == len(acting.HANDLERS)
    assert told - set(word.sentences) == set()
