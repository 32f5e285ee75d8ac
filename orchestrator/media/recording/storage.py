"""Where recordings are kept: a local folder, or object storage by its URL (extra `storage`)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

from orchestrator.core.errors import NotFoundError, OrchestratorError, SettingsError

CHUNK: Final = 256 * 1024
SECONDS: Final = 60.0
"""How long one request to object storage may take."""


class RecordingStoreError(OrchestratorError):
    """Recordings cannot be stored or read now."""

    code: ClassVar[str] = "recording_store_unavailable"
    retryable: ClassVar[bool] = True
    status: ClassVar[int] = 503


class RecordingStorage(Protocol):
    """Keeps recordings under names such as `2026/11/27/rec_….ogg`."""

    async def keep(self, file: Path, name: str) -> int:
        """Take a file in, and remove it where it was; its size in bytes. Raises `RecordingStoreError`."""

    async def size(self, name: str) -> int:
        """How many bytes it has. Raises `NotFoundError`, `RecordingStoreError`."""

    def read(self, name: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included, in pieces. Raises as `size` does."""

    async def forget(self, names: Sequence[str]) -> None:
        """Erase; what is not there is no fault. Raises `RecordingStoreError`."""


class FolderStorage:
    """Recordings in a folder of this machine.

    Args:
        folder: Made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def keep(self, file: Path, name: str) -> int:
        """Move a file in.

        Raises:
            RecordingStoreError: The disk refuses it.
        """
        target = self._path(name)

        def move() -> int:
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
            return target.stat().st_size

        try:
            return await asyncio.to_thread(move)
        except OSError as error:
            raise RecordingStoreError(f"A recording cannot be kept ({error.strerror}).") from error

    async def size(self, name: str) -> int:
        """How many bytes it has.

        Raises:
            NotFoundError: It is not there.
        """
        path = self._path(name)
        try:
            return (await asyncio.to_thread(path.stat)).st_size
        except OSError:
            raise _gone(name) from None

    async def read(self, name: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes of a range, both ends included.

        Raises:
            NotFoundError: It is not there.
        """
        path, at = self._path(name), first

        # Opened for each piece, in its thread: nothing stays open when a reader leaves in between.
        def piece() -> bytes:
            with path.open("rb") as file:
                file.seek(at)
                return file.read(min(CHUNK, last + 1 - at))

        while at <= last:
            try:
                chunk = await asyncio.to_thread(piece)
            except OSError:
                raise _gone(name) from None
            if not chunk:
                return
            at += len(chunk)
            yield chunk

    async def forget(self, names: Sequence[str]) -> None:
        """Erase files.

        Raises:
            RecordingStoreError: The disk refuses it.
        """
        for name in names:
            try:
                await asyncio.to_thread(self._path(name).unlink, missing_ok=True)
            except OSError as error:
                raise RecordingStoreError(f"{name} cannot be erased ({error.strerror}).") from error

    def _path(self, name: str) -> Path:
        """Where a name leads; never out of the folder, whatever a row says."""
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder):
            raise NotFoundError("This recording is not kept here.", param="recording_id")
        return path


class ObjectStorage:
    """Recordings in S3, Google Cloud Storage, Azure, or what speaks like one of them.

    Credentials and region come from the environment, under the names that the provider's own tools use.

    Args:
        url: Such as `s3://bucket/prefix`.

    Raises:
        SettingsError: It cannot be used.
    """

    def __init__(self, url: str) -> None:
        try:
            import obstore  # noqa: PLC0415 - an extra
            from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra
        except ImportError:
            raise SettingsError(
                "ORCHESTRATOR_RECORDINGS: the package for object storage is not installed. "
                "Mend: pip install 'orchestrator[storage]', or name a folder.",
                param="ORCHESTRATOR_RECORDINGS",
            ) from None
        self._obstore: Any = obstore
        self._errors: type[Exception] = BaseError
        try:
            self._store: Any = obstore.store.from_url(url)
        except (BaseError, ValueError) as error:
            raise SettingsError(
                f"ORCHESTRATOR_RECORDINGS={url}: cannot be used ({type(error).__name__}). "
                "Mend: write s3://bucket/prefix, gs://…, az://… or a folder.",
                param="ORCHESTRATOR_RECORDINGS",
            ) from error

    async def keep(self, file: Path, name: str) -> int:
        """Upload a file, then remove it here.

        Raises:
            RecordingStoreError: It was not taken; the file is still here.
        """
        size = (await asyncio.to_thread(file.stat)).st_size
        await self._asked(self._obstore.put_async(self._store, name, file), name)
        await asyncio.to_thread(file.unlink)
        return size

    async def size(self, name: str) -> int:
        """How many bytes it has.

        Raises:
            NotFoundError: It is not there.
            RecordingStoreError: Nobody answers.
        """
        return int((await self._asked(self._obstore.head_async(self._store, name), name))["size"])

    async def read(self, name: str, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes of a range, both ends included.

        Raises:
            NotFoundError: It is not there.
            RecordingStoreError: Nobody answers.
        """
        for start in range(first, last + 1, CHUNK):
            end = min(start + CHUNK, last + 1)
            request = self._obstore.get_range_async(self._store, name, start=start, end=end)
            yield bytes(await self._asked(request, name))

    async def forget(self, names: Sequence[str]) -> None:
        """Erase objects.

        Raises:
            RecordingStoreError: Nobody answers.
        """
        for name in names:
            try:
                await self._asked(self._obstore.delete_async(self._store, name), name)
            except NotFoundError:
                continue

    async def _asked(self, request: Any, name: str) -> Any:
        try:
            async with asyncio.timeout(SECONDS):
                return await request
        except (FileNotFoundError, self._obstore.exceptions.NotFoundError):
            raise _gone(name) from None
        except (self._errors, OSError, TimeoutError) as error:
            raise RecordingStoreError(f"Object storage refuses {name} ({type(error).__name__}).") from error


def open_storage(place: str) -> RecordingStorage:
    """The storage that a setting names: a folder, or a URL of object storage.

    Raises:
        SettingsError: It cannot be used.
    """
    return ObjectStorage(place) if "://" in place else FolderStorage(Path(place))


def _gone(name: str) -> NotFoundError:
    return NotFoundError(f"The recording {name} is not there any more.", param="recording_id")
