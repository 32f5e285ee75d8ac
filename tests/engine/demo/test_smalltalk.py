import pytest

from orchestrator.engine.demo.smalltalk import IDENTITY, Talk, small_talk
from orchestrator.engine.demo.words import tokens

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("hello", Talk.GREETING),
        ("Hi there!", Talk.GREETING),
        ("good morning", Talk.GREETING),
        ("thanks a lot", Talk.THANKS),
        ("ok great, thank you so much", Talk.THANKS),
        ("bye", Talk.GOODBYE),
        ("thanks, bye", Talk.GOODBYE),
        ("nothing else, goodbye", Talk.GOODBYE),
        ("good night", Talk.GOODBYE),
        ("see you later", Talk.GOODBYE),
        ("who are you?", Talk.WHO),
        ("are you a real AI?", Talk.WHO),
        ("am I talking to a human", Talk.WHO),
        ("is this a robot", Talk.WHO),
        ("what's your name", Talk.WHO),
        ("what can you do?", Talk.HELP),
        ("help", Talk.HELP),
        ("how does this work", Talk.HELP),
        ("how are you", Talk.HOW),
        ("pardon?", Talk.REPEAT),
        ("can you repeat that please", Talk.REPEAT),
        ("what did you say", Talk.REPEAT),
        ("hello, two cokes please", None),
        ("help me book a table", None),
        ("thanks, and a coke", None),
        ("", None),
    ],
)
def test_small_talk_is_known_from_wishes(text: str, talk: Talk | None) -> None:
    assert small_talk(tokens(text)) is talk


def test_it_says_honestly_what_it_is() -> None:
    assert "offline demo brain" in IDENTITY
    assert "without a language model" in IDENTITY
