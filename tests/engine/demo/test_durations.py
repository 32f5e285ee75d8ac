import pytest

from orchestrator.engine.demo.durations import duration
from orchestrator.engine.demo.words import tokens

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("ten minutes", 600),
        ("an hour", 3600),
        ("half an hour", 1800),
        ("an hour and a half", 5400),
        ("a quarter of an hour", 900),
        ("an hour and twenty minutes", 4800),
        ("two days", 172_800),
        ("90 seconds please", 90),
        ("in 1.5 hours", 5400),
    ],
)
def test_lengths_of_time_are_found(text: str, seconds: float) -> None:
    found = duration(tokens(text))
    assert found is not None
    assert found.seconds == seconds


def test_lengths_that_are_apart_are_not_added() -> None:
    found = duration(tokens("ten minutes for the pasta, five minutes for the egg"))
    assert found is not None
    assert found.seconds == 600


def test_no_length_is_none() -> None:
    assert duration(tokens("ten pizzas")) is None
