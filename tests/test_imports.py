"""The direction of imports, which keeps the house in storeys."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import orchestrator

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "orchestrator"

EDGE = {"core", "settings", "call", "store"}
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "settings": {"core"},
    "realtime": {"core"},
    "speech": {"core"},
    "media": {"core"},
    "store": {"core"},
    "cluster": {"core"},
    "jobs": {"core", "store"},
    "engine": {"core", "realtime", "speech"},
    "call": {"core", "realtime", "engine", "speech", "media", "store", "cluster"},
    "speech_setup": {"core", "settings", "speech"},
    # The door is a server of the Realtime protocol, so it speaks with the same codec and shapes.
    "api": EDGE | {"realtime"},
    # Pages are the interfaces for people: the same services, the same roles, the same changes.
    "web": EDGE | {"api"},
    "logs": set(),
    "telemetry": {"core", "call"},
    # The command line is a client of the door as well, with sound of its own, and writes exports as the
    # interfaces do.
    "cli": EDGE
    | {"jobs", "app", "serve", "logs", "api", "engine", "realtime", "media", "speech", "speech_setup"},
    "serve": EDGE | {"app", "api", "web"},
    "app": EDGE
    | {"telemetry", "api", "web", "cluster", "engine", "media", "speech", "speech_setup", "realtime"},
    "__init__": {"core"},
}
"""What each part may import of the others; `testing`, outside the table, may import anything."""

FILES_AND_PROCESSES = {
    "io",
    "logging",
    "os",
    "pathlib",
    "shutil",
    "signal",
    "subprocess",
    "tempfile",
    "threading",
}
NETWORK = {"aiohttp", "anyio", "httpx", "socket", "sqlalchemy", "websockets"}
CLOCK_AND_CHANCE = {"random", "secrets", "time", "uuid"}
IMPURE = FILES_AND_PROCESSES | NETWORK | CLOCK_AND_CHANCE
"""Modules that do I/O, read a clock or make ids; the core does none of these."""

APPLICATION = ("agents", "tools")
FOR_APPLICATIONS = {"orchestrator", "pydantic", *APPLICATION, *sys.stdlib_module_names}


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the full dotted name of everything that a file imports, also inside functions."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def wrong_directions() -> Iterator[str]:
    for path in python_files(PACKAGE):
        part = part_of(path)
        if part == "testing":
            continue
        allowed = MAY_IMPORT.get(part, set()) | {part}
        for line, name in imports_of(path):
            words = name.split(".")
            if words[0] == "orchestrator" and (len(words) == 1 or words[1] not in allowed):
                yield f"{place(path, line)}: `{part}` may not import `{name}`"


def test_every_part_of_the_package_has_a_rule() -> None:
    parts = {part_of(path) for path in python_files(PACKAGE)}
    assert parts - {"testing"} <= set(MAY_IMPORT), "add the new part to MAY_IMPORT, lowest storey first"


def test_imports_go_only_downwards() -> None:
    assert list(wrong_directions()) == []


def test_the_rules_themselves_have_no_circle() -> None:
    remaining = dict(MAY_IMPORT)
    while remaining:
        lowest = {part for part, below in remaining.items() if not below & set(remaining)}
        assert lowest, f"a circle among {sorted(remaining)}"
        remaining = {part: below for part, below in remaining.items() if part not in lowest}


def test_the_core_does_no_io_reads_no_clock_and_makes_no_id() -> None:
    found = [
        f"{place(path, line)}: {name}"
        for path in python_files(PACKAGE / "core")
        for line, name in imports_of(path)
        if name.split(".")[0] in IMPURE
    ]
    assert found == []


def test_the_core_knows_every_type() -> None:
    found = [
        place(path, node.lineno)
        for path in python_files(PACKAGE / "core")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id == "Any")
        or (isinstance(node, ast.Attribute) and node.attr == "Any")
    ]
    assert found == [], "`Any` in the core: use JsonValue, object or a Protocol"


@pytest.mark.parametrize("folder", APPLICATION)
def test_the_application_imports_only_what_a_users_could(folder: str) -> None:
    offered = {f"orchestrator.{name}" for name in orchestrator.__all__}
    found = [
        f"{place(path, line)}: {name}"
        for path in python_files(ROOT / folder)
        for line, name in imports_of(path)
        if name.split(".")[0] not in FOR_APPLICATIONS
        or (name.split(".")[0] == "orchestrator" and name not in offered)
    ]
    assert found == []


def test_only_tests_and_benchmarks_use_the_testing_tools() -> None:
    found = [
        f"{place(path, line)}: {name}"
        for folder in (PACKAGE, *(ROOT / name for name in (*APPLICATION, "migrations")))
        for path in python_files(folder)
        for line, name in imports_of(path)
        if (name + ".").startswith("orchestrator.testing.") and part_of_or_none(path) != "testing"
    ]
    assert found == []


def part_of_or_none(path: Path) -> str | None:
    return part_of(path) if path.is_relative_to(PACKAGE) else None


def test_relative_imports_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    folder = tmp_path / "orchestrator" / "core"
    folder.mkdir(parents=True)
    (folder / "items.py").write_text(
        "from . import errors\nfrom ..store.tables import Item\nimport time, os.path\n"
    )
    assert [name for _, name in imports_of(folder / "items.py")] == [
        "orchestrator.core.errors",
        "orchestrator.store.tables.Item",
        "time",
        "os.path",
    ]
