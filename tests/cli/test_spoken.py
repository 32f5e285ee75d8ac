"""The caller's voice, for real."""

import pytest

from orchestrator.cli.spoken import speaking

pytest.importorskip("espeakng_loader")
pytestmark = pytest.mark.edge


async def test_what_is_written_is_spoken() -> None:
    async with speaking() as speak:
        short, long = await speak("Hello."), await speak("Hello, I would like two large pizzas, please.")
    assert 48 * 200 < len(short) < len(long)
    assert len(long) % 2 == 0
