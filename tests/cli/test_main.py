"""The command as a whole: its list of commands, its exit codes, its errors."""

import importlib

import pytest

from orchestrator.cli.main import Commands
from tests.cli.conftest import Run

pytestmark = pytest.mark.unit


def test_help_lists_every_command_with_its_sentence(run: Run) -> None:
    shown = run("--help")
    assert shown.exit_code == 0
    for name in Commands.parts:
        assert name in shown.output


@pytest.mark.parametrize("name", Commands.parts)
def test_the_sentence_in_the_list_is_the_first_of_the_commands_own_page(name: str) -> None:
    module, attribute, sentence = Commands.parts[name]
    command = getattr(importlib.import_module(module), attribute)
    assert (command.help or "").startswith(sentence.rstrip("."))


@pytest.mark.parametrize("name", Commands.parts)
def test_every_command_has_a_page(name: str, run: Run) -> None:
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert "Usage: orchestrator" in shown.output


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").output.strip() == "0.1.0"


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    assert run("sreve").exit_code == 2


def test_every_wrong_setting_is_told_in_a_line_and_is_wrong_usage(run: Run) -> None:
    refused = run("serve", ORCHESTRATOR_MAX_CALLS="many", ORCHESTRATOR_PROT="80")
    assert refused.exit_code == 2
    lines = [line for line in refused.stderr.splitlines() if line]
    assert [line.split()[:2] for line in lines] == [
        ["error", "ORCHESTRATOR_PROT:"],
        ["error", "ORCHESTRATOR_MAX_CALLS=many:"],
    ]


def test_an_option_is_checked_as_the_setting_is(run: Run) -> None:
    refused = run("serve", "--port", "99999")
    assert refused.exit_code == 2
    assert "ORCHESTRATOR_PORT=99999" in refused.stderr


def test_agents_that_are_not_there_are_told_with_the_mend(run: Run) -> None:
    refused = run("serve", "--port", "0", "--agents", "nowhere")
    assert refused.exit_code == 1
    assert "ORCHESTRATOR_AGENTS" in refused.stderr
    assert "Traceback" not in refused.output


def test_a_database_that_is_away_cannot_be_reached(run: Run) -> None:
    refused = run("keys", "list", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert refused.exit_code == 3
    assert "Postgres cannot be used now" in refused.stderr


def test_no_service_is_told_with_how_to_start_one(run: Run) -> None:
    refused = run("call", "triage", "--url", "http://127.0.0.1:9", "--text", "--say", "hello")
    assert refused.exit_code == 3
    assert "No service answers at http://127.0.0.1:9" in refused.stderr
    assert "make run" in refused.stderr


def test_a_call_to_nobody_is_wrong_usage(run: Run) -> None:
    assert run("call").exit_code == 2


def test_an_address_that_is_none_is_wrong_usage(run: Run) -> None:
    refused = run("call", "triage", "--url", "ftp://somewhere")
    assert refused.exit_code == 2
    assert "write it as http://127.0.0.1:8000" in refused.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--wav", "a.wav", "--say", "hello"), "--wav is said alone"),
        (("--wav", "a.wav", "--text"), "--wav is said alone"),
        (("--save", "a.wav"), "name something to --say"),
        (("--save", "a.wav", "--say", "hello", "--text"), "name something to --say"),
    ],
)
def test_sound_is_asked_for_sensibly(run: Run, words: tuple[str, ...], complaint: str) -> None:
    refused = run("call", "triage", *words)
    assert refused.exit_code == 2
    assert complaint in refused.output
