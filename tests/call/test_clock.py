"""Time as exact as the store keeps it."""

import time

import pytest

from orchestrator.call.clock import wall_clock

pytestmark = pytest.mark.unit


def test_the_clock_tells_the_time_to_the_microsecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_123_456_789)
    assert wall_clock() == 1_800_000_000.123456


def test_what_it_tells_is_written_with_six_digits_and_read_back_the_same() -> None:
    told = wall_clock()
    assert float(f"{told:.6f}") == told
