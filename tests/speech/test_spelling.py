import pytest

from orchestrator.speech.spelling import spell_out
from orchestrator.speech.spoken import Spoken

pytestmark = pytest.mark.unit

TABLE = [
    ("$12.50", "12 dollars and 50 cents"),
    ("$1", "1 dollar"),
    ("$1.01", "1 dollar and 1 cent"),
    ("$0.75", "75 cents"),
    ("$0", "0 dollars"),
    ("$1,250.05 in all", "1250 dollars and 5 cents in all"),
    ("£3.99 or €4", "3 pounds and 99 pence or 4 euros"),
    ("£0.01", "1 penny"),
    ("$5.", "5 dollars."),
    ("$3.5 million", "$3.5 million"),
    ("call 555-123-4567 now", "call 5 5 5 1 2 3 4 5 6 7 now"),
    ("+1 (555) 123-4567", "1 5 5 5 1 2 3 4 5 6 7"),
    ("7\u20138 minutes, 7 - 8", "7 to 8 minutes, 7 to 8"),
    ("a 4x6 box", "a 4 by 6 box"),
    ("salt & pepper, R&B", "salt and pepper, R&B"),
    ("12.50 and 1,000", "12.50 and 1,000"),
    ("2024-05-06", "2024-05-06"),
]


@pytest.mark.parametrize(("written", "said"), TABLE)
def test_figures_are_said_as_people_say_them(written: str, said: str) -> None:
    assert spell_out(Spoken.of(written)).text == said


def test_words_of_an_amount_stand_for_the_whole_amount() -> None:
    spoken = spell_out(Spoken.of("pay $12.50 now"))
    at = spoken.text.index("cents")
    assert spoken.span(at, at + 5) == (4, 10)
