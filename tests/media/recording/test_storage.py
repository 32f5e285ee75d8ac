"""Recordings are kept in a folder or in object storage, read in parts, and erased."""

import sys
from pathlib import Path

import pytest

from orchestrator.core.errors import NotFoundError, SettingsError
from orchestrator.media.recording.storage import (
    FolderStorage,
    ObjectStorage,
    RecordingStorage,
    RecordingStoreError,
    open_storage,
)

pytestmark = pytest.mark.unit

NAME = "2026/11/rec_1.ogg"


@pytest.fixture(params=["folder", "object storage"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> RecordingStorage:
    place = tmp_path / "kept"
    place.mkdir()
    return open_storage(str(place) if request.param == "folder" else f"file://{place}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made.ogg"
    path.write_bytes(bytes(range(200)))
    return path


def is_there(file: Path) -> bool:
    return file.exists()


async def read(storage: RecordingStorage, first: int, last: int) -> bytes:
    return b"".join([piece async for piece in storage.read(NAME, first, last)])


async def test_a_recording_is_taken_in_read_in_parts_and_erased(
    storage: RecordingStorage, file: Path
) -> None:
    assert await storage.keep(file, NAME) == 200
    assert not is_there(file)
    assert await storage.size(NAME) == 200
    assert await read(storage, 0, 199) == bytes(range(200))
    assert await read(storage, 10, 12) == bytes([10, 11, 12])
    await storage.forget([NAME])
    with pytest.raises(NotFoundError):
        await storage.size(NAME)


async def test_long_ones_are_read_in_pieces(
    storage: RecordingStorage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.media.recording.storage.CHUNK", 64)
    await storage.keep(file, NAME)
    pieces = [piece async for piece in storage.read(NAME, 1, 150)]
    assert [len(piece) for piece in pieces] == [64, 64, 22]


async def test_what_is_not_there_is_told_and_erasing_it_is_no_fault(storage: RecordingStorage) -> None:
    await storage.forget([NAME])
    with pytest.raises(NotFoundError, match="not there any more"):
        await read(storage, 0, 1)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret"])
async def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFoundError):
        await FolderStorage(tmp_path / "kept").size(name)


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, file: Path) -> None:
    (tmp_path / "kept").write_text("in the way")
    with pytest.raises(RecordingStoreError, match="cannot be kept"):
        await FolderStorage(tmp_path / "kept").keep(file, NAME)
    assert is_there(file)
    with pytest.raises(RecordingStoreError, match="cannot be erased"):
        await FolderStorage(tmp_path / "kept").forget([NAME])


def test_an_address_that_cannot_be_used_is_told() -> None:
    with pytest.raises(SettingsError, match="ORCHESTRATOR_RECORDINGS=nonsense://x"):
        ObjectStorage("nonsense://x")


def test_the_missing_extra_is_told_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SettingsError, match=r"orchestrator\[storage\]"):
        open_storage("s3://bucket")
