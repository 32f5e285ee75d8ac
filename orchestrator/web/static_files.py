"""The pages' static files, at addresses that change with their content, so that browsers may keep them."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Final

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.static_files import create_static_files_router

FOLDER: Final = Path(__file__).parent / "static"
YEAR_SECONDS: Final = 365 * 24 * 3600
CLIENT: Final = "/client"
CLIENT_SECONDS: Final = 300
"""How long a browser may go without asking whether the client has changed."""


def digest(folder: Path) -> str:
    """A word that changes when any file of a folder does.

    One for all: modules import each other by relative addresses, so that they have to move together.
    """
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()[:16]


ROOT: Final = f"/static/{digest(FOLDER)}"


def static(name: str) -> str:
    """The address of a file.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if not (FOLDER / name).is_file():
        raise FileNotFoundError(f"There is no {name} in {FOLDER}.")
    return f"{ROOT}/{name}"


def static_router() -> Router:
    """Serves them to everybody: they hold nothing of anybody's."""
    return _router(ROOT, FOLDER, CacheControlHeader(public=True, max_age=YEAR_SECONDS, immutable=True))


def client_router() -> Router:
    """Serves the browser's client once more, at an address that stays, for pages of other applications."""
    return _router(CLIENT, FOLDER / "client", CacheControlHeader(public=True, max_age=CLIENT_SECONDS))


def _router(path: str, folder: Path, cache: CacheControlHeader) -> Router:
    # Modules that are sent as anything but JavaScript are refused, and not every system's table has it.
    mimetypes.add_type("text/javascript", ".js")
    return create_static_files_router(
        path=path,
        directories=[folder],
        cache_control=cache,
        name=path,
        middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig(backend="gzip"))],
        include_in_schema=False,
    )
