import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.call.loading import check, load, survey
from orchestrator.core.errors import DeclarationError

pytestmark = pytest.mark.unit

_numbers = itertools.count(1)

TRIAGE = '''
from orchestrator import Agent, Handoff

class Triage(Agent, entry=True):
    """Answers the phone."""
    instructions = "Be quick."
    handoffs = [Handoff("menu", when="food")]
'''

MENU = '''
from orchestrator import Agent

class Menu(Agent):
    """Tells the menu."""
    instructions = "Be kind."
'''

Write = Callable[[dict[str, str]], str]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Writes a package of a name of its own, and forgets it afterwards."""
    path, names = list(sys.path), []

    def make(files: dict[str, str]) -> str:
        name = f"application_{next(_numbers)}"
        names.append(name)
        for file, text in {"__init__.py": "", **files}.items():
            target = tmp_path / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.replace("PACKAGE", name))
        return name

    yield make
    sys.path[:] = path
    for module in [each for each in sys.modules if each.partition(".")[0] in names]:
        del sys.modules[module]


def test_a_package_is_loaded_with_its_submodules(write: Write, tmp_path: Path) -> None:
    name = write({"triage.py": TRIAGE, "food/__init__.py": "", "food/menu.py": MENU})
    definition = load(name, root=tmp_path)
    assert sorted(definition.agents) == ["menu", "triage"]
    assert definition.entry == "triage"
    assert check(name, root=tmp_path) == []


def test_the_working_directory_holds_the_package_by_default(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(write({"triage.py": TRIAGE, "menu.py": MENU})).entry == "triage"


def test_a_single_module_is_a_package_too(write: Write, tmp_path: Path) -> None:
    name = write({"alone.py": MENU})
    assert load(f"{name}.alone", root=tmp_path).entry == "menu"


def test_another_entry_may_be_asked_for(write: Write, tmp_path: Path) -> None:
    name = write({"triage.py": TRIAGE, "menu.py": MENU})
    definition, problems = survey(name, "menu", root=tmp_path)
    assert definition is not None
    assert definition.entry == "menu"
    assert [problem.severity for problem in problems] == ["warning"]


def test_a_class_is_taken_where_it_is_defined_and_a_foreign_one_is_not(write: Write, tmp_path: Path) -> None:
    library = write({"base.py": MENU})
    name = write(
        {
            "menu.py": MENU,
            "again.py": "from PACKAGE.menu import Menu",
            "foreign.py": f"from {library}.base import Menu as Foreign\nclass Own(Foreign):\n    'Mine.'",
        }
    )
    assert sorted(load(name, "menu", root=tmp_path).agents) == ["menu", "own"]


def test_every_error_is_listed_when_loading_fails(write: Write, tmp_path: Path) -> None:
    name = write({"triage.py": TRIAGE.replace('"menu"', '"menü"'), "menu.py": MENU + "    voise = 'x'\n"})
    with pytest.raises(DeclarationError) as caught:
        load(name, root=tmp_path)
    assert f"{name}.menu.Menu.voise: is no setting of an agent. Write 'voice'" in caught.value.message
    assert f"{name}.triage.Triage.handoffs.menü.target: there is no agent" in caught.value.message


@pytest.mark.parametrize(
    ("source", "message", "mend", "line"),
    [
        (
            "import os\nimport not_there",
            "ModuleNotFoundError: No module named 'not_there'",
            "Install what",
            2,
        ),
        ("x = 1\ny = x +\n", "SyntaxError: invalid syntax", "Correct that line", 2),
        ("def f():\n    raise ValueError('no')\nf()", "ValueError: no", "Correct that line", 2),
        ("raise SystemExit(3)", "SystemExit: 3", "Correct that line", 1),
        ("from PACKAGE.gone import x", "ModuleNotFoundError: No module named", "Install what", 1),
        ("import json\njson.loads('{')", "JSONDecodeError: ", "Correct that line", 2),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_with_file_and_line(
    write: Write, tmp_path: Path, source: str, message: str, mend: str, line: int
) -> None:
    name = write({"broken.py": source, "triage.py": TRIAGE})
    [problem] = check(name, root=tmp_path)
    assert problem.where == f"{name}.broken"
    assert problem.message.startswith(f"cannot be imported, {message}")
    assert problem.mend.startswith(mend)
    assert problem.file == str(tmp_path / name / "broken.py")
    assert problem.line == line


def test_other_modules_are_checked_though_one_cannot_be_imported(write: Write, tmp_path: Path) -> None:
    name = write({"broken.py": "1 / 0", "triage.py": TRIAGE + "    voise = 'x'\n"})
    assert [problem.where for problem in check(name, root=tmp_path)] == [
        f"{name}.broken",
        f"{name}.triage.Triage",
    ]


def test_a_package_that_is_not_there_is_told_with_the_folder(tmp_path: Path) -> None:
    [problem] = check("application_of_nobody", root=tmp_path)
    assert str(tmp_path) in problem.message
    assert "ORCHESTRATOR_AGENTS" in problem.mend
    assert problem.file is None


def test_a_missing_submodule_of_a_package_is_told_too(write: Write, tmp_path: Path) -> None:
    name = write({})
    [problem] = check(f"{name}.gone.deeper", root=tmp_path)
    assert problem.message.startswith("there is no such package")


def test_a_package_without_agents_is_told(write: Write, tmp_path: Path) -> None:
    name = write({"empty.py": "from orchestrator import Agent"})
    assert [str(problem) for problem in check(name, root=tmp_path)] == [
        f"{name}: holds no agents. Write a class that inherits from orchestrator.Agent."
    ]


def test_a_name_that_another_package_has_taken_is_told(write: Write, tmp_path: Path) -> None:
    name = write({"menu.py": MENU})
    load(name, root=tmp_path)
    other = tmp_path / "elsewhere"
    (other / name).mkdir(parents=True)
    [problem] = check(name, root=other)
    assert problem.message.startswith(f"the name {name!r} is taken by {tmp_path / name}")


def test_a_name_that_a_package_below_the_folder_has_taken_is_told(write: Write, tmp_path: Path) -> None:
    name = write({"menu.py": MENU})
    other = tmp_path / ".venv" / "lib"
    (other / name).mkdir(parents=True)
    (other / name / "__init__.py").touch()
    assert check(name, root=other)[0].message == "holds no agents"
    [problem] = check(name, root=tmp_path)
    assert problem.message.startswith(f"the name {name!r} is taken by {other / name}")


def test_the_folder_comes_before_installed_packages_though_it_is_on_the_path(
    write: Write, tmp_path: Path
) -> None:
    name = write({"menu.py": MENU})
    installed = tmp_path / "site-packages"
    (installed / name).mkdir(parents=True)
    (installed / name / "__init__.py").write_text("1 / 0")
    sys.path[:] = [str(installed), *sys.path, str(tmp_path)]
    assert load(name, root=tmp_path).entry == "menu"


def test_an_installed_package_that_is_no_application_is_not_imported(tmp_path: Path) -> None:
    [problem] = check("jsonschema", root=tmp_path)
    assert (
        problem.message
        == f"there is no such package in {tmp_path}, and the installed 'jsonschema' holds no agents"
    )
    assert "ORCHESTRATOR_AGENTS" in problem.mend


def test_an_installed_package_that_needs_this_one_is_loaded(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write({"menu.py": MENU})
    information = tmp_path / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\nRequires-Dist: orchestrator>=0.1\n")
    (information / "top_level.txt").write_text(name)
    monkeypatch.syspath_prepend(str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert load(name, root=elsewhere).entry == "menu"


def test_a_main_module_is_not_run(write: Write, tmp_path: Path) -> None:
    name = write({"menu.py": MENU, "__main__.py": "1 / 0"})
    assert check(name, root=tmp_path) == []
