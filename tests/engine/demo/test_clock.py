import pytest

from orchestrator.engine.demo.clock import clock_time

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "evening", "written"),
    [
        ("seven", True, "19:00"),
        ("seven", False, "07:00"),
        ("7:30 pm", False, "19:30"),
        ("7 am", True, "07:00"),
        ("12 am", False, "00:00"),
        ("12 pm", False, "12:00"),
        ("half past six", True, "18:30"),
        ("quarter to eight", True, "19:45"),
        ("quarter past eight in the morning", True, "08:15"),
        ("seven thirty", True, "19:30"),
        ("eight o clock", True, "20:00"),
        ("19:45", False, "19:45"),
        ("noon", True, "12:00"),
        ("midnight", False, "00:00"),
        ("soon", True, None),
    ],
)
def test_a_time_is_written_with_hours_and_minutes(said: str, evening: bool, written: str | None) -> None:
    assert clock_time(said, evening=evening) == written
