import pytest

from orchestrator.speech.questions import answer_wanted

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "reply",
    [
        "What name should I put it under?",
        "That is noted. Whom is the order for?",
        "May I have your name, please?",
        "Which name is the table under?",
        "Who is calling?",
    ],
)
def test_a_question_for_a_name_wants_one(reply: str) -> None:
    assert answer_wanted(reply) == "name"


@pytest.mark.parametrize(
    "reply",
    [
        "Shall I check out under the name Laura?",
        "Sorry, did you say: two cokes?",
        "Two cokes. Is that right?",
        "All right, so should I empty the order?",
    ],
)
def test_a_question_that_begins_with_its_verb_wants_a_yes_or_a_no(reply: str) -> None:
    assert answer_wanted(reply) == "yes or no"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Your name is noted.",
        "Is that right? I put it under Laura.",
        "What would you like?",
        "Anything else?",
        "Would you like a small or a large one?",
        "Can I get you anything else?",
    ],
)
def test_everything_else_wants_anything(reply: str) -> None:
    assert answer_wanted(reply) == "anything"
