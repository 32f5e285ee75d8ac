"""The page that shows how agents are tested is run as it is written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.testing.faults import Fault
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "test-your-agents.md").read_text()
BLOCK = re.compile(r"```python\n# (?P<file>\S+?\.py)\n(?P<code>.*?)```", re.DOTALL)
OPTIONS = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",
    "-p",
    "no:faker",
    "-o",
    "asyncio_mode=auto",
    "-o",
    "pythonpath=.",
]


def test_every_block_of_the_page_passes(tmp_path: Path) -> None:
    blocks = list(BLOCK.finditer(PAGE))
    assert len(blocks) == PAGE.count("```python") == 4
    for block in blocks:
        path = tmp_path / block["file"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(block["code"])
    command = [sys.executable, "-m", "pytest", *OPTIONS, "--rootdir", str(tmp_path), "tests"]
    finished = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=3 * PATIENCE, check=False
    )
    assert "6 passed" in finished.stdout, finished.stdout + finished.stderr


def test_the_page_names_every_fault() -> None:
    for fault in Fault:
        assert f"`{fault.name}`" in PAGE, fault
