"""Finds the agents of an application: imports its package with all submodules and compiles the classes."""

import importlib
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from types import ModuleType
from typing import Final

from orchestrator.core.agents import Agent
from orchestrator.core.declare import compile_agents, require
from orchestrator.core.definition import Definition
from orchestrator.core.problems import Problem
from orchestrator.core.wording import clipped

_NAME_YOURS: Final = "Name yours in ORCHESTRATOR_AGENTS, or start from the folder that holds it"


def check(package: str, entry: str | None = None, *, root: Path | None = None) -> list[Problem]:
    """Everything that is wrong with a package of agents, warnings too; an empty list when all is well.

    Args:
        package: Import name, such as `agents`.
        entry: Name of the default agent, None for the one that says so itself.
        root: Folder that holds the package, None for the working directory.
    """
    return survey(package, entry, root=root)[1]


def load(package: str, entry: str | None = None, *, root: Path | None = None) -> Definition:
    """Load a package of agents.

    Args:
        package: Import name, such as `agents`.
        entry: Name of the default agent, None for the one that says so itself.
        root: Folder that holds the package, None for the working directory.

    Raises:
        DeclarationError: Lists every error, import errors with file and line.
    """
    return require(*survey(package, entry, root=root))


def survey(
    package: str, entry: str | None = None, *, root: Path | None = None
) -> tuple[Definition | None, list[Problem]]:
    """Load a package of agents and tell everything that was found, for callers that show warnings.

    The classes taken are those that the package's own modules define at their top level. One that lives
    elsewhere is taken by inheriting from it in the package.

    Args:
        package: Import name, such as `agents`.
        entry: Name of the default agent, None for the one that says so itself.
        root: Folder that holds the package, None for the working directory.

    Returns:
        The definition, None when there is an error; and the problems.
    """
    folder = (root or Path.cwd()).resolve()
    failures = _prepare(package, folder)
    modules = [] if failures else list(_modules(package, folder, failures))
    definition, problems = compile_agents(_classes(modules), entry, package=package)
    if not failures:
        return definition, problems
    # What is missing because a module could not be imported is no problem of its own.
    others = [problem for problem in problems if problem.where != package and not _is_missing(problem)]
    return None, [*failures, *others]


def _is_missing(problem: Problem) -> bool:
    return (problem.attribute or "").endswith(".target")


def _prepare(package: str, folder: Path) -> list[Problem]:
    """Make the folder importable, ahead of installed packages: `agents` is also the name of one of those."""
    top = package.partition(".")[0]
    here = folder / top
    if not here.is_dir() and not here.with_suffix(".py").is_file():
        return _foreign(package, top, folder)
    if sys.path[:1] != [str(folder)]:
        # Even where it is on the path already: an editable install puts it behind the installed packages.
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()
    places = _places(sys.modules[top]) if top in sys.modules else []
    if not places or any(place.is_relative_to(here) or place == here.with_suffix(".py") for place in places):
        return []
    message = f"the name {top!r} is taken by {places[0]}, which is imported already"
    mend = "Rename your package, and name it in ORCHESTRATOR_AGENTS"
    return [Problem(where=package, message=message, mend=mend)]


def _foreign(package: str, top: str, folder: Path) -> list[Problem]:
    """Refuse an installed package that has nothing to do with this one, before all of it is imported."""
    owners = packages_distributions().get(top, [])
    if not owners or any(_needs_us(owner) for owner in owners):
        return []
    message = f"there is no such package in {folder}, and the installed {owners[0]!r} holds no agents"
    return [Problem(where=package, message=message, mend=_NAME_YOURS)]


def _needs_us(distribution: str) -> bool:
    needed = requires(distribution) or []
    return any(re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0] == "orchestrator" for each in needed)


def _places(module: ModuleType) -> list[Path]:
    paths = [*getattr(module, "__path__", []), *filter(None, [getattr(module, "__file__", None)])]
    return [Path(path).resolve() for path in paths]


def _modules(name: str, folder: Path, failures: list[Problem]) -> Iterator[ModuleType]:
    module = _imported(name, folder, failures)
    if module is None:
        return
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", []), f"{name}."):
        if not found.name.endswith(".__main__"):
            yield from _modules(found.name, folder, failures)


def _imported(name: str, folder: Path, failures: list[Problem]) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise anything while it is imported
        failures.append(_import_problem(name, folder, error))
        return None


def _import_problem(name: str, folder: Path, error: BaseException) -> Problem:
    if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
        return Problem(
            where=name,
            message=f"there is no such package in {folder}",
            mend=_NAME_YOURS,
        )
    file, line = _place(folder, error)
    mend = "Correct that line"
    if isinstance(error, ModuleNotFoundError):
        mend = "Install what is missing, or correct the import"
    reason = clipped(str(error).strip().rstrip("."), 200)
    message = f"cannot be imported, {type(error).__name__}: {reason}"
    return Problem(where=name, message=message, mend=mend, file=file, line=line)


def _place(folder: Path, error: BaseException) -> tuple[str | None, int | None]:
    if isinstance(error, SyntaxError):
        return error.filename, error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(Path(frame.filename), folder)]
    last = (own or list(frames))[-1]
    return last.filename, last.lineno


def _is_own(file: Path, folder: Path) -> bool:
    return file.is_relative_to(folder) and "site-packages" not in file.parts


def _classes(modules: list[ModuleType]) -> list[type[Agent]]:
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Agent) and value.__module__ == module.__name__
    ]
