import pytest

from orchestrator.speech.energy import FLOOR, EnergyGate

pytestmark = pytest.mark.unit


def feed(gate: EnergyGate, level: float, frames: int) -> list[bool]:
    return [gate.feed(level) for _ in range(frames)]


def test_silence_never_opens_the_gate() -> None:
    assert not any(feed(EnergyGate(), FLOOR - 1, 1000))


def test_a_loud_frame_opens_it_at_once() -> None:
    gate = EnergyGate()
    feed(gate, 10, 100)
    assert gate.feed(400)
    assert gate.is_open


def test_it_stays_open_for_the_soft_end_of_a_word() -> None:
    gate = EnergyGate()
    gate.feed(2000)
    after = feed(gate, 20, 12)
    assert after[:9] == [True] * 9
    assert not after[-1]


def test_a_steady_hum_closes_it_within_some_seconds() -> None:
    gate = EnergyGate()
    opened = feed(gate, 400, 300)
    assert opened[0]
    assert not opened[-1]


def test_speech_over_a_hum_opens_it_again() -> None:
    gate = EnergyGate()
    feed(gate, 400, 300)
    assert gate.feed(1200)


def test_speech_does_not_become_the_background() -> None:
    gate = EnergyGate()
    assert all(gate.feed(800, speech=True) for _ in range(1000))
    assert gate.feed(800)


def test_the_background_never_rises_past_somebody_who_speaks_up() -> None:
    gate = EnergyGate()
    feed(gate, 30_000, 2000)
    feed(gate, 20, 20)
    assert gate.feed(3000)
