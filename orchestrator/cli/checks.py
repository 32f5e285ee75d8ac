"""What `doctor` looks at, one function each."""

import asyncio
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final, Literal
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from orchestrator.call.loading import survey
from orchestrator.cli.engines import engine_hint, engine_words
from orchestrator.core.errors import OrchestratorError
from orchestrator.core.problems import errors_of
from orchestrator.settings import Settings
from orchestrator.speech_setup import speech_hint, speech_words
from orchestrator.store.database import Database
from orchestrator.store.embedded_postgres import EmbeddedPostgres
from orchestrator.store.postgres_folder import find_binaries, major_version

Verdict = Literal["ok", "warn", "fail"]

REACH_SECONDS: Final = 5.0
OLDEST_PYTHON: Final = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: In a word.
        told: What was found.
        mend: What to do, empty where nothing is to be done.
    """

    what: str
    verdict: Verdict
    told: str
    mend: str = ""


def look_at_everything(settings: Settings) -> Iterator[Finding]:
    """Look at one thing after another; what breaks while it is looked at has failed."""
    for look in CHECKS:
        name = look.__name__.removeprefix("look_at_")
        try:
            yield look(settings)
        except OrchestratorError as error:
            yield Finding(name, "fail", error.message)
        except OSError as error:
            yield Finding(name, "fail", f"{error.strerror or error}")


def look_at_python(_settings: Settings) -> Finding:
    """Whether this Python is new enough."""
    told = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < OLDEST_PYTHON:
        return Finding("python", "fail", told, "Use Python 3.11 or later: `make run PYTHON=python3.12`.")
    return Finding("python", "ok", told)


def look_at_packages(_settings: Settings) -> Finding:
    """Whether everything that the project asks for is installed, in a fitting version."""
    wrong = [problem for problem in map(_problem_of, requires("orchestrator") or []) if problem]
    if wrong:
        return Finding("packages", "fail", "; ".join(wrong), "Install the locked ones: `make run` does.")
    return Finding("packages", "ok", f"orchestrator {version('orchestrator')}, and all that it needs")


def _problem_of(line: str) -> str | None:
    needed = Requirement(line)
    if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
        return None
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    return None if needed.specifier.contains(found) else f"{needed.name} is {found}, not {needed.specifier}"


def look_at_speech(settings: Settings) -> Finding:
    """What speaks and hears, and whether it is there; no key is spent."""
    hint = speech_hint(settings)
    return Finding("speech", "warn" if hint else "ok", speech_words(settings), hint or "")


def look_at_data(settings: Settings) -> Finding:
    """Whether the data folder can be used, by nobody else."""
    folder = settings.data_dir
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        mend = f"Make {nearest} writable, or choose a folder in ORCHESTRATOR_DATA_DIR."
        return Finding("data", "fail", f"{nearest} cannot be written to", mend)
    key = folder / "admin-key"
    if key.exists() and key.stat().st_mode & 0o077:
        return Finding("data", "warn", f"others can read {key}", f"Close it: chmod 600 {key}")
    return Finding("data", "ok", f"{folder}{'' if folder.exists() else ', made at the first start'}")


def look_at_postgres(settings: Settings) -> Finding:
    """Whether the database is there, or can be made."""
    if settings.database_url is not None:
        return asyncio.run(_ping(settings.database_url.get_secret_value()))
    binaries = find_binaries(settings.postgres_binaries)
    told = f"embedded, {major_version(binaries)}, from {binaries}"
    if not (settings.data_dir / "postgres" / "data").exists():
        return Finding("postgres", "ok", f"{told}; its database is made at the first start")
    with EmbeddedPostgres(settings.data_dir / "postgres", binaries=settings.postgres_binaries) as server:
        running = "" if server.owned else "; it runs now"
        found = asyncio.run(_ping(server.start()))
    return found if found.verdict != "ok" else Finding("postgres", "ok", f"{told}{running}")


async def _ping(url: str) -> Finding:
    database = Database(url, pool_size=1)
    try:
        await database.ping()
    finally:
        await database.close()
    parts = urlsplit(url)
    return Finding("postgres", "ok", f"yours, at {parts.hostname}:{parts.port or 5432}")


def look_at_port(settings: Settings) -> Finding:
    """Whether the TCP port is free."""
    if _is_free(settings.host, settings.port, socket.SOCK_STREAM):
        return Finding("port", "ok", f"TCP {settings.port} on {settings.host} is free")
    mend = "That is well if it is this service; else choose another in ORCHESTRATOR_PORT."
    return Finding("port", "warn", f"TCP {settings.port} on {settings.host} is in use", mend)


def look_at_media(settings: Settings) -> Finding:
    """Whether the UDP port for media is free."""
    if _is_free(settings.host, settings.media_port, socket.SOCK_DGRAM):
        return Finding("media", "ok", f"UDP {settings.media_port} on {settings.host} is free")
    mend = "Choose another in ORCHESTRATOR_UDP_PORT, unless it is this service that has it."
    return Finding("media", "warn", f"UDP {settings.media_port} on {settings.host} is in use", mend)


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    family, _, protocol, _, address = socket.getaddrinfo(host, port, type=kind)[0]
    with socket.socket(family, kind, protocol) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def look_at_agents(settings: Settings) -> Finding:
    """Whether the agents are declared soundly."""
    definition, problems = survey(settings.agents, settings.default_agent)
    wrong = errors_of(problems)
    if definition is None or wrong:
        mend = "All of it: `orchestrator agents check`."
        return Finding("agents", "fail", f"{len(wrong)} wrong in {settings.agents}: {wrong[0]}", mend)
    told = f"{', '.join(definition.agents)}; {definition.entry} takes calls"
    if problems:
        return Finding("agents", "warn", f"{told}; {problems[0]}", "All of it: `orchestrator agents check`.")
    return Finding("agents", "ok", told)


def look_at_engine(settings: Settings) -> Finding:
    """Whether what answers can be reached; no key is spent."""
    where = _engine_address(settings)
    if where is None:
        return Finding("engine", "ok", engine_words(settings), engine_hint(settings) or "")
    parts = urlsplit(where)
    port = parts.port or (443 if parts.scheme in {"https", "wss"} else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=REACH_SECONDS).close()
    except OSError as error:
        told = (
            f"{engine_words(settings)}: no connection to {parts.hostname}:{port}, {error.strerror or error}"
        )
        return Finding("engine", "fail", told, "Start that server, or mend its address or the network.")
    return Finding("engine", "ok", f"{engine_words(settings)}; it takes connections")


def _engine_address(settings: Settings) -> str | None:
    addresses = {
        "openai": settings.openai_base_url,
        "azure": settings.azure_openai_endpoint,
        "url": settings.engine,
        "embedded": settings.chat_base_url,
    }
    return addresses[settings.engine_kind]


CHECKS: Final[tuple[Callable[[Settings], Finding], ...]] = (
    look_at_python,
    look_at_packages,
    look_at_speech,
    look_at_data,
    look_at_postgres,
    look_at_port,
    look_at_media,
    look_at_agents,
    look_at_engine,
)
"""In the order in which a start needs them."""
