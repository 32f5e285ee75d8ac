"""A media server on loopback, for tests that place real calls."""

from collections.abc import AsyncIterator

import pytest

from orchestrator.media.server import MediaServer


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    async with MediaServer() as opened:
        yield opened
        for call in opened.calls:
            call.end()
