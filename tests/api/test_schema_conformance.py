"""The service does what its own description says, whatever is sent: schemathesis against a node that runs.

Bounded and without chance: the same requests every time.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.api.node import ADMIN_KEY, Node, calling
from tests.patience import PATIENCE

pytestmark = [pytest.mark.db, pytest.mark.scale]

SECONDS = 10 * PATIENCE
# Not `allow_header_conformance`: Litestar's own answers to OPTIONS name the methods of one handler alone.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,"
    "missing_required_header,ignored_auth"
)
ARGUMENTS = (
    "--max-examples=10",
    "--seed=1",
    "--generation-deterministic",
    "--phases=examples,coverage,fuzzing",
    f"--checks={CHECKS}",
    "--suppress-health-check=all",
    "--continue-on-failure",
    "--no-color",
    "--warnings=off",
    f"--request-timeout={PATIENCE:g}",
)


async def test_schemathesis_finds_nothing(closed_node: Node, tmp_path: Path) -> None:
    async with calling(closed_node, key=closed_node.keys["caller"]) as caller:
        await caller.say('use add_item {"item": "pizza"}')
        outcome, report = await run_schemathesis(closed_node, tmp_path)
    assert outcome == 0, report


async def run_schemathesis(node: Node, folder: Path) -> tuple[int | None, str]:
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "schemathesis"),
        "run",
        f"{node.url}/schema/openapi.json",
        *ARGUMENTS,
        f"--header=Authorization: Bearer {ADMIN_KEY}",
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            told, _ = await program.communicate()
    finally:
        with suppress(ProcessLookupError):
            program.kill()
    return program.returncode, told.decode()
