"""A folder for what tests throw away: in memory where there is room, since files cost least there."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = Path("/dev/shm")
PREFIX = "orchestrator-tests-"
ENOUGH = 2 << 30
"""Bytes that have to be free; a server takes a tenth of it, and each worker of a run has its own."""
ABANDONED_SECONDS = 3600.0
"""No server needs so long between the making of its lock and the taking of it."""


@contextmanager
def scratch_folder(memory: Path = MEMORY) -> Iterator[Path]:
    """A new folder that is removed in the end, with those that runs left that were killed.

    Args:
        memory: A file system in memory; where it is missing or nearly full, a folder on the disk does.
    """
    home = memory if memory.is_dir() and shutil.disk_usage(memory).free >= ENOUGH else None
    if home is not None:
        remove_abandoned(home)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(home: Path) -> None:
    """Remove old folders of servers whose lock nobody holds."""
    for lock in home.glob(f"{PREFIX}*/lock"):
        with suppress(OSError), lock.open("rb") as file:  # held, or removed by somebody else meanwhile
            if time.time() - lock.stat().st_mtime > ABANDONED_SECONDS:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
