"""A conversation with the agents that ship is written as a test, and that test passes."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from orchestrator.testing.local_service import local_service
from tests.api.node import ADMIN_KEY
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

ROOT = Path(__file__).parents[3]
SAYS = (
    "hello",
    "two large margherita pizzas and a coke please",
    "make it three cokes",
    "that's all",
    "the name is anna",
    "yes please",
)
OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:faker"),
    *("-o", "asyncio_mode=auto"),
)


async def held(url: str) -> tuple[str, str]:
    """Order pizzas on the embedded engine; the conversation as a test, and its id."""
    settings = {"database_url": url, "admin_key": ADMIN_KEY}
    async with local_service("agents", **settings) as service:  # type: ignore[arg-type]
        async with service.call("triage", seconds=PATIENCE) as caller:
            replies = [await caller.say(text) for text in SAYS]
        conversation = replies[-1].conversation_id
        base = service.url.replace("ws://", "http://")
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE) as admin:
            made = await admin.get(f"/admin/conversations/{conversation}/test")
    assert made.status_code == 200
    assert made.headers["content-type"].startswith("text/x-python")
    assert conversation is not None
    return made.text, conversation


def passes(source: str, folder: Path) -> None:
    (folder / "test_generated.py").write_text(source)
    command = [sys.executable, "-m", "pytest", *OPTIONS, "-o", f"pythonpath={ROOT}", "--rootdir", str(folder)]
    finished = subprocess.run(
        [*command, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    assert "1 passed" in finished.stdout, source + finished.stdout + finished.stderr


def is_formatted(source: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.ruff]\n")
    for words in (["format", "--diff"], ["check"]):
        finished = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "-"],
            input=source,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_a_stored_conversation_becomes_a_test_that_passes(database_url: str, tmp_path: Path) -> None:
    source, conversation = asyncio.run(held(database_url))
    is_formatted(source, tmp_path)
    passes(source, tmp_path)
    assert conversation not in source
    assert '("handoff", "restaurant")' in source
    assert '"order_number": ANY' in source
