"""Time as exact as the store keeps it."""

import time

import pytest

from orchestrator.call.clock import wall_clock

pytestmark = pytest.mark.unit


def test_the_clock_tells_the_time_to_the_microsecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.123_456_789)
    assert wall_clock() == 1_800_000_000.123457
