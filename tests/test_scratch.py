import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.scratch import ABANDONED_SECONDS, ENOUGH, PREFIX, remove_abandoned, scratch_folder

pytestmark = pytest.mark.unit


def left_folder(home: Path, name: str, *, age: float = 2 * ABANDONED_SECONDS) -> Path:
    """What a run leaves that is killed."""
    folder = home / f"{PREFIX}{name}"
    folder.mkdir()
    lock = folder / "lock"
    lock.touch()
    made = lock.stat().st_mtime - age
    os.utime(lock, (made, made))
    return folder


def test_a_folder_is_made_in_memory_and_gone_in_the_end(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        (folder / "file").touch()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("free", [None, ENOUGH - 1])
def test_where_there_is_no_room_in_memory_the_disk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int | None
) -> None:
    memory = tmp_path / "memory"
    if free is not None:
        memory.mkdir()
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch_folder(memory) as folder:
        assert folder.parent == tmp_path


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    left_folder(tmp_path, "left")
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_use_or_was_just_made_stays(tmp_path: Path) -> None:
    used, young = left_folder(tmp_path, "used"), left_folder(tmp_path, "young", age=60)
    with (used / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_abandoned(tmp_path)
    assert {*tmp_path.iterdir()} == {used, young}
