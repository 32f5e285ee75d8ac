import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.server.pace import Pace, words

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there, Ada.", ["Hello", " there,", " Ada."]),
        ("", []),
        (" ", [" "]),
        ("end \n", ["end \n"]),
        (" to", [" to"]),
    ],
)
def test_a_text_is_cut_word_by_word(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text())
def test_the_words_joined_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


async def test_each_delta_takes_as_long_as_its_tokens() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await Pace(10.0, sleep).before(" there,")
    await Pace(None, sleep).before(" there,")
    assert slept == [0.2, 0]
