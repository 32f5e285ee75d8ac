"""That pages are whole in every language: the sentences of their templates, their code and their scripts."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import get_args

import pytest

import orchestrator
from orchestrator.core.comparison import DifferenceKind
from orchestrator.core.overrides import OVERRIDABLE
from orchestrator.core.records import ToolOutcome
from orchestrator.store.replays import CaseOutcome, ReplayStatus
from orchestrator.web.agents.fields import LIMITS, WORDS
from orchestrator.web.conversations.asked import ERRORS, OUTCOMES
from orchestrator.web.conversations.rows import ENDED_BY
from orchestrator.web.errors import HEADINGS
from orchestrator.web.rendering import NAVIGATION
from orchestrator.web.replays import wording
from orchestrator.web.review.facts import ENDINGS
from orchestrator.web.wording import ENGLISH, LANGUAGES, Wording
from tests.web.page_texts import template_texts

pytestmark = pytest.mark.unit

SOURCE = Path(orchestrator.__file__).parent
WEB = SOURCE / "web"
TEMPLATES = sorted(path for path in (WEB / "templates").rglob("*.html") if path.parent.name != "review")
CODE = sorted(path for path in WEB.rglob("*.py") if "german" not in path.parts)
SCRIPTS = sorted((WEB / "static").glob("*.js"))
ASKED_FOR = re.compile(r'word\((?:\w+ \? )?"([^"]+)"(?: : "([^"]+)")?')
SPOKEN = re.compile(r'"([A-Z][^"`]* [^"`]*[.…])"')
FILLED = re.compile(r"\$\{[^}]*\}")
SAME_IN_ALL = {
    "orchestrator",
    "· orchestrator",
    "orchestrator serve",
    "orchestrator keys create NAME --role reviewer",
    "orchestrator call",
    "orchestrator replay",
    "orchestrator replay --filter label=golden",
    "ok_",
    "p95",
    "JSON Schema",
    'margherita, add_item, "extra cheese"',
    "UTC",
    "j",
    "k",
    "m",
    "w",
    "Enter",
    "Esc",
}
"""Commands, keys of the keyboard, and names."""

SILENT = {"SignInNeededError", "FileNotFoundError"}
"""Errors that no reader is shown: whoever has to sign in is led to where that is done."""


@pytest.fixture(params=sorted(set(LANGUAGES) - {ENGLISH}))
def word(request: pytest.FixtureRequest) -> Wording:
    """The sentences of a language into which pages are translated."""
    return Wording(request.param)


@cache
def expressions_of(path: Path) -> list[ast.expr]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.expr)]


def calls_of(paths: Iterable[Path]) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function by its own name."""
    for path in paths:
        for node in expressions_of(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node


def english_of(node: ast.expr) -> str | None:
    """A sentence in code, with `{}` for what is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def asked_for(text: str) -> set[str]:
    return {each for pair in ASKED_FOR.findall(text) for each in pair if each}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_a_template_says_nothing_but_what_is_translated(path: Path, word: Wording) -> None:
    text = path.read_text()
    assert template_texts(text) - SAME_IN_ALL == set()
    assert asked_for(text) - set(word.sentences) == set()


def test_every_sentence_of_the_code_is_translated(word: Wording) -> None:
    asked = {english_of(call.args[0]) for name, call in calls_of(CODE) if name == "word"} - {None}
    assert "Choose one of {}." in asked
    assert asked - set(word.sentences) == set()


def test_every_error_of_a_page_is_translated(word: Wording) -> None:
    told = {
        english_of(part)
        for name, call in calls_of(CODE)
        if name == "Problem" or (name.endswith("Error") and name not in SILENT)
        for part in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "detail"))
    } - {None}
    assert {"No page has this address.", "The state {} is no JSON: {}."} < told
    assert told - set(word.sentences) == set()


def test_every_sentence_of_the_scripts_is_sent_to_them(word: Wording) -> None:
    sent = word.of("frame", "talk", "client")
    for path in SCRIPTS:
        text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith(("//", "/**")))
        assert (asked_for(text) | set(SPOKEN.findall(text))) - set(sent) == set(), path.name


def in_words(names: Iterable[str]) -> set[str]:
    return {name.replace("_", " ") for name in names}


@pytest.mark.parametrize(
    "sentences",
    [
        {name for _, name, _ in NAVIGATION},
        set(HEADINGS.values()),
        {*OUTCOMES.values(), *ERRORS.values(), *ENDED_BY.values(), *ENDINGS.values(), "no call yet"},
        {*WORDS.values(), *LIMITS.values()},
        {*in_words(OVERRIDABLE), "engine", "tts"},
        in_words({"completed", "failed", "timed_out", "invalid"}),
        {*wording.WORDS.values(), *in_words(get_args(DifferenceKind))},
        {*get_args(CaseOutcome), *get_args(ReplayStatus)} - {"done"},
        in_words(get_args(ToolOutcome)),
    ],
    ids=[
        "navigation",
        "errors",
        "conversations",
        "arguments",
        "settings",
        "trying out",
        "differences",
        "replays",
        "steps",
    ],
)
def test_what_is_looked_up_as_a_page_is_made_is_translated(sentences: set[str], word: Wording) -> None:
    assert sentences - set(word.sentences) == set()


def test_nothing_is_translated_that_nobody_says(word: Wording) -> None:
    said = {english_of(node) for path in spoken_in() for node in expressions_of(path)}
    said |= {status.phrase for status in HTTPStatus}
    written = "\n".join(path.read_text() for path in (*TEMPLATES, *WEB.joinpath("static").rglob("*.js")))
    written += re.sub(r"`(.*?)`", lambda found: f'"{FILLED.sub("{}", found[1])}"', written)
    known = {
        english for page, sentences in word.pages.items() if "review" not in page for english in sentences
    }
    unsaid = {each for each in known if each not in said and each.replace(" ", "_") not in said}
    assert {each for each in unsaid if f'"{each}"' not in written} == set()


def spoken_in() -> Iterator[Path]:
    """The code whose words pages show."""
    yield from CODE
    for folder in ("api", "store", "call"):
        yield from SOURCE.joinpath(folder).rglob("*.py")
    for module in ("comparison", "definition", "overrides", "records"):
        yield SOURCE / "core" / f"{module}.py"
