"""What `serve` prints once it listens."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from orchestrator.call.loading import load
from orchestrator.cli import banner
from orchestrator.cli.engines import engine_hint, engine_words
from orchestrator.cli.terminal import THEME
from orchestrator.settings import Settings
from tests.cli.programs import ROOT

pytestmark = pytest.mark.unit

KEY = "ok_admin_of_the_test"
LINK = "http://127.0.0.1:8001/sign-in?ticket=of_the_test"


def printed(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, **settings: Any) -> str:
    file = io.StringIO()
    console = Console(file=file, width=120, theme=THEME, force_terminal=terminal, no_color=True)
    monkeypatch.setattr(banner, "output", console)
    definition = load("agents", root=ROOT)
    banner.announce(Settings(**settings), definition, "http://127.0.0.1:8001", key=KEY, sign_in=LINK)
    return file.getvalue()


def test_it_says_where_things_are_and_what_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = printed(monkeypatch, terminal=False, data_dir=tmp_path)
    assert "ws://127.0.0.1:8001/v1/realtime" in shown
    assert "http://127.0.0.1:8001/schema" in shown
    assert "offline demo brain, no model" in shown
    assert "triage takes calls · human · restaurant" in shown
    assert "call triage --url http://127.0.0.1:8001" in shown


def test_a_link_that_signs_in_is_shown_on_a_terminal_in_one_piece_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert f"  {LINK}\n" in printed(monkeypatch, terminal=True, data_dir=tmp_path)
    assert "ticket" not in printed(monkeypatch, terminal=False, data_dir=tmp_path)


def test_a_new_admin_key_is_shown_on_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert KEY in printed(monkeypatch, terminal=True, data_dir=tmp_path)
    shown = printed(monkeypatch, terminal=False, data_dir=tmp_path)
    assert KEY not in shown
    assert "admin-key" in shown


def test_a_key_and_a_database_of_yours_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://u:secret@db.example.com/d"
    shown = printed(monkeypatch, terminal=True, admin_key="x" * 20, database_url=url)
    assert "as ORCHESTRATOR_ADMIN_KEY says" in shown
    assert "your Postgres" in shown
    assert "secret" not in shown
    assert KEY not in shown


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "offline demo brain, no model"),
        ({"openai_api_key": "sk-x"}, "OpenAI, at https://api.openai.com/v1"),
        ({"engine": "ws://127.0.0.1:9/v1"}, "a compatible server, at ws://127.0.0.1:9/v1"),
        (
            {"chat_base_url": "http://127.0.0.1:1/v1", "chat_model": "m"},
            "embedded, with m at http://127.0.0.1:1/v1",
        ),
        (
            {"azure_openai_endpoint": "https://a.b", "azure_openai_api_key": "k"},
            "Azure OpenAI, at https://a.b",
        ),
    ],
)
def test_the_engine_is_named_honestly(settings: dict[str, Any], words: str) -> None:
    read = Settings(**settings)
    assert engine_words(read) == words
    assert (engine_hint(read) is not None) == (settings == {})
