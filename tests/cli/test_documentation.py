"""README and tutorial are run as they are written; links lead somewhere."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.call.loading import survey
from tests.cli.programs import COMMAND_SECONDS, ROOT, Service, clean_environment, command

pytestmark = pytest.mark.edge

README = (ROOT / "README.md").read_text()
TUTORIAL = (ROOT / "docs" / "tutorial" / "first-agent.md").read_text()
INDEX = (ROOT / "docs" / "index.md").read_text()
BLOCK = re.compile(r"```python\n# (?P<file>\S+?\.py)(?:, continued)?\n(?P<code>.*?)```", re.DOTALL)
SHOWN = re.compile(r"```text\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```", re.DOTALL)
CHANGING = {
    r"\d+\.\d\d s": "N s",
    r"conv_\w+": "conv_N",
    r"http://[\w.:]+": "URL",
    r" --url \S+": "",
    r"\S*orchestrator ": "orchestrator ",
    r"order_number \w+": "order_number N",
    r"─+": "─",
    r" +": " ",
}
"""What differs from run to run, and how wide lines are."""

Serve = Callable[..., Service]


def write_blocks(page: str, folder: Path) -> None:
    for block in BLOCK.finditer(page):
        with (folder / block["file"]).open("a") as file:
            file.write(block["code"])


def run_in(folder: Path, line: str, *more: str) -> str:
    words = shlex.split(line)[1:]
    finished = subprocess.run(
        command(*words, *more),
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT), ORCHESTRATOR_DATA_DIR=str(folder / "data")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=COMMAND_SECONDS,
    )
    return finished.stdout


def unchanging(output: str, speakers: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of an output but for the agents' own wording, which is the engine's affair."""
    speaking = False
    for line in output.splitlines():
        if not line.strip() or "✓" in line or not line.startswith("  "):
            speaking = False
        if line.strip().split("  ")[0] in speakers and "→" not in line:
            speaking = True
        elif line.startswith("  you"):
            speaking = False
        text = line.rstrip()
        for pattern, stands_for in CHANGING.items():
            text = re.sub(pattern, stands_for, text)
        if text.strip() and not speaking:
            yield text.strip()


def call_shown(page: str) -> tuple[str, str]:
    [found] = [each for each in SHOWN.finditer(page) if " call " in each["command"]]
    return found["command"], found["output"]


def test_the_call_in_the_readme_goes_as_it_is_shown(service: Service) -> None:
    line, shown = call_shown(README)
    called = run_in(ROOT, line, "--url", service.url)
    agents = ("triage", "restaurant")
    assert list(unchanging(called, agents)) == list(unchanging(shown, agents))


def test_the_agent_in_the_readme_is_sound_and_short_and_takes_a_call(serve: Serve, tmp_path: Path) -> None:
    write_blocks(README, tmp_path)
    code = (tmp_path / "bakery.py").read_text()
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    service = serve(cwd=tmp_path, ORCHESTRATOR_AGENTS="bakery")
    called = run_in(
        tmp_path, "orchestrator call counter --text --say 'two loaves of bread please'", "--url", service.url
    )
    assert "Good morning! How many loaves?" in called
    assert re.search(r"add_loaves  count=2", called)
    assert re.search(r"loaves 2", called)


def test_the_tutorial_checks_its_agents_as_it_shows(tmp_path: Path) -> None:
    first, *_ = BLOCK.finditer(TUTORIAL)
    (tmp_path / "flowers.py").write_text(first["code"])
    check, graph, _ = SHOWN.finditer(TUTORIAL)
    assert run_in(tmp_path, check["command"]) == check["output"]
    (tmp_path / "flowers.py").unlink()
    write_blocks(TUTORIAL, tmp_path)
    assert run_in(tmp_path, graph["command"]) == graph["output"]


def test_the_call_in_the_tutorial_goes_as_it_is_shown(serve: Serve, tmp_path: Path) -> None:
    write_blocks(TUTORIAL, tmp_path)
    line, shown = call_shown(TUTORIAL)
    service = serve(cwd=tmp_path, ORCHESTRATOR_AGENTS="flowers")
    called = run_in(tmp_path, line, "--url", service.url)
    agents = ("desk", "florist")
    assert list(unchanging(called, agents)) == list(unchanging(shown, agents))


def test_the_mistake_of_the_tutorial_is_told_with_its_mend(tmp_path: Path) -> None:
    folder = tmp_path / "mistaken_flowers.py"
    first, *_ = BLOCK.finditer(TUTORIAL)
    folder.write_text(first["code"].replace("    tools = [", "    tool = ["))
    path = list(sys.path)
    _, problems = survey("mistaken_flowers", root=tmp_path)
    sys.path[:] = path
    assert any("tool" in str(problem) and "tools" in problem.mend for problem in problems)


def pages() -> list[Path]:
    return sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "index.md")


def test_the_index_leads_to_every_page() -> None:
    missing = [str(path.relative_to(ROOT / "docs")) for path in pages()]
    missing = [name for name in missing if f"]({name})" not in INDEX]
    assert missing == [], "add a line for each to docs/index.md"


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/tutorial/first-agent.md"])
def test_every_link_leads_to_a_file(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_reference_names_every_command_and_every_option_of_a_call() -> None:
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text()
    from orchestrator.cli.calling import call  # noqa: PLC0415
    from orchestrator.cli.main import Commands  # noqa: PLC0415

    for name in Commands.parts:
        assert f"## {name}" in reference
    for parameter in call.params:
        assert parameter.opts[0] in reference or parameter.name == "agent"
