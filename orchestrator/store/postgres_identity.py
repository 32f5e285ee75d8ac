"""As whom Postgres runs. It refuses root, so a root process needs another name for it."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from orchestrator.core.errors import StoreUnavailableError
from orchestrator.store import postgres_launcher

PROBE_SECONDS = 10.0


def launcher_command(identity: str, guard: str) -> list[str]:
    """Return the words that start the launcher; the program to run follows them."""
    return [sys.executable, "-I", "-S", postgres_launcher.__file__, identity, guard, str(os.getpid())]


def choose_identity(folder: Path, binaries: Path) -> str:
    """Return the launcher's IDENTITY for a server on a folder, and prepare the folder for it.

    An ordinary user is themselves. Root takes, in this order: the user whom the folder belongs to; a user
    namespace, in which root's files stay root's; and the user nobody, who is given the folder.

    Raises:
        StoreUnavailableError: When only nobody is left, and cannot reach the folder or the programs.
    """
    if os.geteuid() != 0:
        return "same"
    owner = folder.stat()
    if owner.st_uid == 0 and namespaces_work():
        return "namespace"
    user, group = (owner.st_uid, owner.st_gid) if owner.st_uid != 0 else _nobody()
    for path in (folder, binaries / "postgres"):
        _refuse_unreachable(path, user)
    _give(folder, user, group)
    return f"{user}:{group}"


def namespaces_work() -> bool:
    """Whether the kernel lets us make a user namespace; containers often do not."""
    probe = subprocess.run(
        launcher_command("namespace", "signal"), capture_output=True, check=False, timeout=PROBE_SECONDS
    )
    return probe.returncode == 0


def _nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _refuse_unreachable(path: Path, user: int) -> None:
    for folder in reversed(path.parents):
        status = folder.stat()
        if status.st_uid != user and not status.st_mode & stat.S_IXOTH:
            raise StoreUnavailableError(
                f"Postgres refuses to run as root, and user {user} cannot enter {folder} to reach {path}. "
                "Mend: start as an ordinary user, use a folder that others may enter, or set DATABASE_URL."
            )


def _give(folder: Path, user: int, group: int) -> None:
    """Make a user the owner of a folder and of all that is in it."""
    for path in [folder, *folder.rglob("*")]:
        if path.lstat().st_uid != user:
            shutil.chown(path, user, group)
