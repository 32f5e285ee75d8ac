"""Values in a few words."""

import pytest

from orchestrator.core.json_value import JsonValue
from orchestrator.web.formats import NOTHING
from orchestrator.web.review.wording import LONGEST, brief

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("two\n words", "two words"),
        (None, NOTHING),
        (True, "true"),
        ({"a": 1, "empty": None, "none": []}, '{"a": 1}'),
        (["ü"], '["ü"]'),
    ],
)
def test_a_value_is_said_shortly(value: JsonValue, text: str) -> None:
    assert brief(value) == text


def test_a_long_value_is_cut() -> None:
    assert brief("x" * 500) == "x" * (LONGEST - 1) + "…"
