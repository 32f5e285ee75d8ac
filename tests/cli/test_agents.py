"""`orchestrator agents` on the agents that ship, and on wrong ones."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.unit

WRONG = '''
from orchestrator import Agent, Handoff


class Desk(Agent, entry=True):
    """A desk."""

    instructions = "Help."
    voise = "marin"
    handoffs = [Handoff("nobody", when="the caller wants anything else")]
'''


@pytest.fixture
def wrong(home: Path) -> str:
    folder = home / "wrong_agents_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(WRONG)
    return folder.name


@pytest.mark.usefixtures("in_checkout")
def test_the_list_says_who_takes_calls_and_who_hands_over_to_whom(run: Run) -> None:
    shown = run("agents", "list")
    assert shown.exit_code == 0
    [triage] = [line for line in shown.output.splitlines() if line.startswith("triage")]
    assert "takes calls" in triage
    assert triage.rstrip().endswith("restaurant, human")


@pytest.mark.usefixtures("in_checkout")
def test_the_list_as_json_holds_everything(run: Run) -> None:
    listed = json.loads(run("agents", "list", "--json").stdout)
    assert {agent["name"] for agent in listed} == {"triage", "restaurant", "human"}
    assert all(agent["instructions"] for agent in listed)


@pytest.mark.usefixtures("in_checkout")
def test_one_agent_is_shown_with_its_tools_and_their_arguments(run: Run) -> None:
    shown = run("agents", "show", "restaurant")
    assert shown.exit_code == 0
    assert "checkout  asks before" in shown.output
    assert "size  one of small, medium, large, optional" in shown.output
    assert "(computed by a method)" in shown.output
    assert json.loads(run("agents", "show", "triage", "--json").stdout)["name"] == "triage"


@pytest.mark.usefixtures("in_checkout")
def test_an_unknown_agent_is_told_with_those_there_are(run: Run) -> None:
    refused = run("agents", "show", "triag")
    assert refused.exit_code == 1
    assert "There are: human, restaurant, triage" in refused.stderr


@pytest.mark.usefixtures("in_checkout")
def test_sound_agents_pass_the_check(run: Run) -> None:
    checked = run("agents", "check")
    assert checked.exit_code == 0
    assert checked.stdout.startswith("3 agents")


def test_every_problem_is_told_at_once_and_fails_the_check(wrong: str, run: Run) -> None:
    checked = run("agents", "check", "--agents", wrong)
    assert checked.exit_code == 1
    assert "voise" in checked.stderr
    assert "nobody" in checked.stderr
    found = json.loads(run("agents", "check", "--agents", wrong, "--json").stdout)
    assert {problem["severity"] for problem in found["problems"]} == {"error"}
    assert len(found["problems"]) == 2


def test_wrong_agents_cannot_be_served(wrong: str, run: Run) -> None:
    refused = run("serve", "--port", "0", "--agents", wrong)
    assert refused.exit_code == 1
    assert len([line for line in refused.stderr.splitlines() if line.startswith("error")]) == 2


@pytest.mark.usefixtures("in_checkout")
@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("tree", "↩ restaurant  when"),
        ("mermaid", "flowchart LR"),
        ("dot", "digraph agents {"),
        ("json", '"nodes":['),
    ],
)
def test_the_handoffs_are_drawn(form: str, part: str, run: Run) -> None:
    drawn = run("agents", "graph", "--format", form)
    assert drawn.exit_code == 0
    assert part in drawn.output


def test_an_agent_that_nobody_hands_over_to_is_marked(home: Path, run: Run) -> None:
    folder = home / "lonely_agents_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from orchestrator import Agent\n\n\n"
        'class Desk(Agent, entry=True):\n    """Desk."""\n\n    instructions = "Help."\n\n\n'
        'class Attic(Agent):\n    """Attic."""\n\n    instructions = "Sleep."\n'
    )
    assert "attic  nobody hands over to it" in run("agents", "graph", "--agents", folder.name).output
