import hashlib
import tomllib
from pathlib import Path

import pytest

from orchestrator.web.static_files import FOLDER, digest, static

pytestmark = pytest.mark.unit

VENDOR = FOLDER / "vendor"


def test_every_file_of_others_is_listed_and_as_their_package_has_it() -> None:
    listed = tomllib.loads((VENDOR / "VENDORED.toml").read_text())["file"]
    for entry in listed:
        found = hashlib.sha256((VENDOR / entry["name"]).read_bytes()).hexdigest()
        assert found == entry["sha256"], (
            f"{entry['name']} is not that of {entry['package']} {entry['version']}"
        )
        assert (VENDOR / entry["licence_file"]).read_text().strip()
        assert entry["licence"]
        assert entry["member"]
    known = {name for entry in listed for name in (entry["name"], entry["licence_file"])}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present == known | {"VENDORED.toml"}


def test_an_address_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    first = digest(tmp_path)
    (tmp_path / "b.js").write_text("1")
    second = digest(tmp_path)
    (tmp_path / "b.js").write_text("2")
    assert len({first, second, digest(tmp_path)}) == 3
    assert digest(tmp_path) == digest(tmp_path)


def test_a_file_that_is_missing_is_told_at_once() -> None:
    assert static("app.css").startswith("/static/")
    with pytest.raises(FileNotFoundError, match=r"missing\.css"):
        static("missing.css")
