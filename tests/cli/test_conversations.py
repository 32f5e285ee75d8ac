"""`orchestrator conversations` on a real Postgres."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.stored_call import CONVERSATION, store_call

pytestmark = pytest.mark.db


@pytest.fixture
def stored(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a database that holds one call."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    store_call(database_url)
    return run


def test_the_list_tells_who_was_on_duty_and_how_it_stands(stored: Run) -> None:
    listed = stored("conversations", "list")
    assert listed.exit_code == 0
    assert CONVERSATION in listed.output
    assert "triage → restaurant" in listed.output
    assert "idle" in listed.output


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("--search", "cokes"), 1),
        (("--search", "sushi"), 0),
        (("--agent", "restaurant"), 1),
        (("--agent", "human"), 0),
        (("--status", "live"), 0),
        (("--errors",), 0),
        (("--label", "odd"), 0),
    ],
)
def test_the_list_holds_what_is_asked_for(stored: Run, wanted: tuple[str, ...], found: int) -> None:
    listed = json.loads(stored("conversations", "list", "--json", *wanted).stdout)
    assert len(listed["conversations"]) == found
    assert listed["next"] is None


def test_an_empty_list_says_how_to_begin(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    listed = run("conversations", "list")
    assert listed.exit_code == 0
    assert "`orchestrator call AGENT` begins one" in listed.stderr


def test_a_conversation_is_shown_as_it_went(stored: Run) -> None:
    shown = stored("conversations", "show", CONVERSATION)
    assert shown.exit_code == 0
    lines = [" ".join(line.split()) for line in shown.output.splitlines() if line.strip()]
    assert "you two cokes please" in lines
    assert any(line.startswith("triage → restaurant 0.25 s") for line in lines)
    assert "✓ add_item item=coke, quantity=2 completed 1.00 s" in lines
    assert "restaurant Two cokes. (interrupted)" in lines
    assert any(line.startswith("the caller is back") for line in lines)
    assert "coke 2 2.50" in lines
    assert "total 5.40" in lines


def test_a_conversation_is_printed_as_a_test(stored: Run, in_checkout: None) -> None:
    made = stored("conversations", "test", CONVERSATION)
    assert made.exit_code == 0, made.output
    compile(made.stdout, "test_made.py", "exec", dont_inherit=True)
    assert 'caller.say("two cokes please")' in made.stdout


def test_what_a_caller_says_is_no_command_to_the_terminal(stored: Run) -> None:
    shown = stored("conversations", "show", CONVERSATION)
    assert "[link=x]that is all[/link]" in shown.output
    assert "\x1b" not in shown.output


def test_an_unknown_conversation_is_told(stored: Run) -> None:
    for command in (["show"], ["export"], ["delete", "--yes"]):
        refused = stored("conversations", *command, "conv_none")
        assert refused.exit_code == 1
        assert "There is no conversation conv_none" in refused.stderr


@pytest.mark.parametrize(
    ("form", "part"), [("json", '"id": '), ("jsonl", '{"kind":'), ("txt", "Caller: "), ("vtt", "WEBVTT")]
)
def test_an_export_goes_to_the_output_or_to_a_file(stored: Run, form: str, part: str, home: Path) -> None:
    printed = stored("conversations", "export", CONVERSATION, "--format", form)
    assert printed.exit_code == 0
    assert part in printed.stdout
    written = stored("conversations", "export", CONVERSATION, "--format", form, "-o", f"call.{form}")
    assert written.exit_code == 0
    assert (home / f"call.{form}").read_text() == printed.stdout


def test_a_file_that_cannot_be_written_is_told(stored: Run) -> None:
    refused = stored("conversations", "export", CONVERSATION, "-o", "nowhere/call.json")
    assert refused.exit_code == 1
    assert "nowhere/call.json" in refused.stderr


def test_a_conversation_is_erased_after_a_yes(stored: Run) -> None:
    kept = stored("conversations", "delete", CONVERSATION, typed="n\n")
    assert kept.exit_code == 1
    assert stored("conversations", "show", CONVERSATION).exit_code == 0
    erased = stored("conversations", "delete", CONVERSATION, typed="y\n")
    assert erased.exit_code == 0
    assert "is erased" in erased.stderr
    assert stored("conversations", "show", CONVERSATION).exit_code == 1
