"""A media server on loopback, for tests that place real calls."""

from collections.abc import AsyncIterator

import hypothesis
import pytest

from orchestrator.media.server import MediaServer

# Machines that test are shared: how long an example takes says nothing.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    async with MediaServer() as opened:
        yield opened
        for call in opened.calls:
            call.end()
