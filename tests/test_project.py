"""The project's own files: the wheel, the locks, what `make` and CI do, how tests are sorted."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")
TARGETS = {"run", "test", "check", "bench", "lock", "help", "clean"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def built(tree: Path, target: Path, **environment: str) -> Path:
    """A wheel of a tree."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    set_up = os.environ | environment
    subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=PATIENCE, env=set_up)
    (wheel,) = target.iterdir()
    return wheel


def files_of(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree."""
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> set[str]:
    """The names of the files in it."""
    return files_of(wheel_file)


def test_the_wheel_has_the_fast_path_for_this_platform_and_any_python(
    wheel_file: Path, wheel: set[str]
) -> None:
    assert "orchestrator/media/libfast_path.so" in wheel
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
    assert wheel_file.name.endswith(f"-py3-none-{platform}.whl")


def test_without_a_compiler_the_wheel_is_for_every_platform(tmp_path: Path) -> None:
    names = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE")
    for name in names:
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("orchestrator", "migrations"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    wheel = built(tmp_path, tmp_path / "dist", CC="no-such-compiler")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert not [name for name in files_of(wheel) if name.endswith(".so")]


def test_the_wheel_holds_the_package_alone(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {"orchestrator", f"orchestrator-{PYPROJECT['project']['version']}.dist-info"}
    assert not [name for name in wheel if "__pycache__" in name]


def test_the_wheel_holds_every_file_of_the_package_and_the_migrations(wheel: set[str]) -> None:
    def tracked(folder: str) -> set[str]:
        paths = (
            path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
        return {str(path.relative_to(ROOT)) for path in paths}

    assert {"orchestrator/py.typed", "orchestrator/migrations/env.py"} <= wheel
    expected = tracked("orchestrator") | {f"orchestrator/{name}" for name in tracked("migrations")}
    assert expected <= wheel


def locked(name: str) -> Iterator[tuple[Requirement, int]]:
    """Yield every requirement of a lock with the number of its hashes."""
    joined = text_of(name).replace("\\\n", " ")
    for line in joined.splitlines():
        if not line.startswith("#"):
            words, *hashes = line.split(" --hash=sha256:")
            yield Requirement(words), len(hashes)


def pins(name: str) -> set[tuple[str, str, str]]:
    return {(canonicalize_name(each.name), str(each.specifier), str(each.marker)) for each, _ in locked(name)}


def asked_for(*groups: str) -> Iterator[Requirement]:
    project = PYPROJECT["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    lists += [PYPROJECT["dependency-groups"][group] for group in groups]
    lists.append(PYPROJECT["build-system"]["requires"])
    for each in (Requirement(words) for words in chain.from_iterable(lists) if isinstance(words, str)):
        if canonicalize_name(each.name) != project["name"]:
            yield each


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_place(name: str) -> None:
    assert not re.search(r"://|^-|file:|\bindex\b|find-links", text_of(name), re.MULTILINE)
    for requirement, hashes in locked(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes > 0, requirement


@pytest.mark.parametrize(("name", "groups"), [(LOCKS[0], ["build"]), (LOCKS[1], ["build", "dev"])])
def test_a_lock_answers_what_the_project_asks_for(name: str, groups: list[str]) -> None:
    versions: dict[str, list[str]] = {}
    for pin, _ in locked(name):
        versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    unanswered = [
        str(requirement)
        for requirement in asked_for(*groups)
        if not list(requirement.specifier.filter(versions.get(canonicalize_name(requirement.name), [])))
    ]
    assert unanswered == [], "Mend: make lock"


def test_service_and_development_use_the_same_versions() -> None:
    assert pins(LOCKS[0]) <= pins(LOCKS[1])


def test_make_lists_every_target_with_a_sentence() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout
    listed = dict(re.findall(r"make (\w+) +(\S.*)", shown))
    assert set(listed) >= TARGETS
    phony = re.search(r"^\.PHONY: (.*)$", text_of("Makefile"), re.MULTILINE)
    assert phony is not None
    assert set(phony.group(1).split()) == set(listed)


def test_the_makefile_is_one_for_the_make_that_macos_has() -> None:
    assert not re.search(r"\.ONESHELL|&:|!=|\$\(file |\$\(let |::=", text_of("Makefile"))


def test_ci_runs_the_checks_and_the_tests_once_each() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True, timeout=PATIENCE)
    assert "set -euo pipefail" in script.read_text()
    made = re.findall(r"^timeout .* make (\w+)$", script.read_text(), re.MULTILINE)
    assert made == ["static", "test"]


def test_every_test_module_says_its_category() -> None:
    categories = {marker.split(":")[0] for marker in PYPROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    unsorted = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if not marked(path) & categories
    ]
    assert unsorted == [], f"set pytestmark to one of {sorted(categories)}"


def marked(path: Path) -> set[str]:
    """The markers that a module's `pytestmark` names."""
    statements = [
        node for node in ast.parse(path.read_text(), str(path)).body if isinstance(node, ast.Assign)
    ]
    marks = [node.value for node in statements if ast.unparse(node.targets[0]) == "pytestmark"]
    return {word for mark in marks for word in re.findall(r"pytest\.mark\.(\w+)", ast.unparse(mark))}


def test_a_mark_is_written_in_the_file_of_its_tests() -> None:
    kinds = r"mark\.(media|alone|scale|browser|edge|db|unit)\b"
    files = sorted((ROOT / "tests").rglob("*.py"))
    elsewhere = [path for path in files if not path.match("test_*.py") and re.search(kinds, path.read_text())]
    assert elsewhere == [], "a run of one mark would not find these tests: see tests/conftest.py"


def test_no_test_counts_on_the_machine_to_be_quick() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    hasty = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in hasty_waits(path)]
    assert hasty == [], "wait for PATIENCE of tests/patience.py, or in virtual time"


def hasty_waits(path: Path) -> Iterator[int]:
    """The lines of waits that end after so many real seconds."""
    text = path.read_text()
    if "VirtualTime" in text:
        return
    for node in ast.walk(ast.parse(text, str(path))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"asyncio.timeout", "asyncio.wait_for"}:
            seconds = [*node.args, *(keyword.value for keyword in node.keywords)][-1:]
            if any(isinstance(each, ast.Constant) and each.value is not None for each in seconds):
                yield node.lineno


OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:faker")
SKIPPING = """
import pytest
{start}
@pytest.mark.skip(reason="no browser here")
def test_with_a_browser(): ...
@pytest.mark.xfail(reason="known", strict=True)
def test_known_to_fail(): assert False
"""


@pytest.mark.parametrize("start", ["", "pytest.skip('no browser here', allow_module_level=True)"])
@pytest.mark.parametrize("ci", ["true", ""])
def test_a_skip_is_a_failure_in_ci_and_only_there(tmp_path: Path, start: str, ci: str) -> None:
    (tmp_path / "conftest.py").write_text(text_of("tests/conftest.py"))
    (tmp_path / "test_skipping.py").write_text(SKIPPING.format(start=start))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if ci:
        assert run.returncode != 0
        assert re.search(
            r"test_skipping.py.*: skipped, which CI=true makes a failure.*no browser here", run.stdout
        )
    else:
        assert "1 skipped" in run.stdout
        assert "failed" not in run.stdout.replace("xfailed", "")
