"""Sizes and names of modules and functions: where the feared code bases have their bugs is in the tail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
FOLDERS = ("orchestrator", "agents", "tools", "migrations", "tests", "bench")
MODULE_LINES = 400
FUNCTION_LINES = 60
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common", "stuff"}

EXCEPTIONS: dict[str, str] = {
    # "path/of/module.py" or "path/of/module.py::function": "the reason it is longer"
}


def modules() -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def too_long() -> Iterator[tuple[str, int]]:
    """Yield the name and the lines of every module and function beyond its bound."""
    for path in modules():
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if (lines := len(text.splitlines())) > MODULE_LINES:
            yield name, lines
        yield from too_long_functions(name, text)


def too_long_functions(name: str, text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text, name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{name}::{node.name}", lines


def test_no_module_and_no_function_is_too_long() -> None:
    found = [f"{name} has {lines} lines" for name, lines in too_long() if name not in EXCEPTIONS]
    assert found == [], (
        f"at most {MODULE_LINES} lines a module and {FUNCTION_LINES} a function: split by meaning"
    )


def test_every_exception_is_still_needed_and_has_a_reason() -> None:
    assert set(EXCEPTIONS) <= {name for name, _ in too_long()}
    assert all(EXCEPTIONS.values())


def test_names_of_modules_say_what_is_in_them() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in modules()
        if VAGUE_NAMES
        & {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.split("_")}
    ]
    assert found == []


def test_a_long_function_would_be_found() -> None:
    text = "async def long():\n" + "    pass\n" * FUNCTION_LINES
    assert list(too_long_functions("module.py", text)) == [("module.py::long", FUNCTION_LINES + 1)]
    assert list(too_long_functions("module.py", text.removesuffix("    pass\n"))) == []
