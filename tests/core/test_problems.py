import pytest

from orchestrator.core.problems import Findings, Problem, errors_of

pytestmark = pytest.mark.unit


def test_a_problem_says_where_what_and_the_mend() -> None:
    problem = Problem(where="agents.Menu", attribute="voice", message="is empty", mend="Write 'marin'")
    assert str(problem) == "agents.Menu.voice: is empty. Write 'marin'."


def test_a_problem_of_the_whole_names_no_attribute() -> None:
    assert str(Problem(where="agents", message="holds no agents", mend="Write one")).startswith("agents: ")


def test_a_problem_names_its_place_in_the_source_where_it_is_known() -> None:
    problem = Problem(where="agents.a", message="m", mend="n", file="/x/a.py", line=3)
    assert str(problem) == "agents.a: m. n. (/x/a.py:3)"


def test_findings_of_every_part_are_collected_in_one_list() -> None:
    findings = Findings("agents.Menu")
    deeper = findings.within("tools.add", file="/x/a.py", line=3)
    findings.error("voice", "a", "b")
    deeper.warning("quantity", "c", "d")
    deeper.within("parameters").error(None, "e", "f")
    assert [problem.attribute for problem in findings.problems] == [
        "voice",
        "tools.add.quantity",
        "tools.add.parameters",
    ]
    assert [problem.line for problem in findings.problems] == [None, 3, 3]
    assert deeper.problems is findings.problems


def test_a_finding_of_the_whole_class_has_no_attribute() -> None:
    findings = Findings("agents.Menu")
    findings.error(None, "a", "b")
    assert findings.problems[0].attribute is None


def test_warnings_are_no_errors() -> None:
    findings = Findings("agents.Menu")
    findings.warning("a", "b", "c")
    findings.error("d", "e", "f")
    assert [problem.attribute for problem in errors_of(findings.problems)] == ["d"]
