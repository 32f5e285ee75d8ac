"""What leaves the service: no secret, no instruction, and no word of a caller where it does not belong."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog
from websockets.asyncio.client import connect

from orchestrator.logs import QUIET, configure_logs
from tests.end_to_end.baker import baker
from tests.end_to_end.conftest import NodeMaker
from tests.end_to_end.sdk_talk import as_text, say

pytestmark = pytest.mark.db

SPOKEN = "my card number is four two four two"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that a service logs which was told to log as much as it can."""
    written = io.StringIO()
    root = logging.getLogger()
    before, level, handlers = structlog.get_config(), root.level, list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in QUIET}
    configure_logs("debug", "json", stream=written)
    yield written
    structlog.configure(**before)
    root.setLevel(level)
    root.handlers[:] = handlers
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


async def test_no_word_of_a_caller_and_no_secret_is_logged(node: NodeMaker, log: io.StringIO) -> None:
    async with node(baker) as running:
        async with running.openai.realtime.connect(model="counter") as connection:
            await as_text(connection)
            for text in (SPOKEN, "a loaf", "break it", "burn it", "a cake"):
                await say(connection, text)
        async with connect(
            f"{running.url}/v1/realtime?model=counter",
            additional_headers={"Authorization": "Bearer ok_not-a-real-key"},
        ) as socket:
            await socket.recv()
    logged = log.getvalue()
    assert "call joined" in logged
    assert "tool break_down failed" in logged
    for secret in (SPOKEN, "hunter2", "ok_not-a-real-key", "SECRET-INSTRUCTIONS", "sk-none", "postgresql://"):
        assert secret not in logged
