import pytest

from orchestrator.engine.demo.answering import answer, question
from orchestrator.engine.demo.renaming import asks_name_again, renamed
from orchestrator.engine.demo.scene import Pending, Scene
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import PIZZERIA

pytestmark = pytest.mark.unit

AT = Scene(tools=tuple(read_tool(one) for one in PIZZERIA))


def asked(text: str) -> Pending:
    pending = answer(text, None, AT).pending
    assert pending is not None
    return pending


def under(text: str) -> object:
    """The name that the step goes on under; None where the words are no name."""
    step = asked("check out, my name is Adam").step
    assert step is not None
    found = renamed(step, tokens(text), AT)
    return found.filled.values["name"] if found is not None else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna", "Anna"),
        ("it's anna", "Anna"),
        ("my name is anna smith", "Anna Smith"),
        ("anna please", "Anna"),
    ],
)
def test_a_name_alone_takes_the_place_of_the_one_that_was_heard(text: str, name: str) -> None:
    assert under(text) == name


@pytest.mark.parametrize(
    "text", ["maybe", "a large one", "coke", "add a beer", "what is the total", "", "42"]
)
def test_other_words_are_no_name(text: str) -> None:
    assert under(text) is None


def test_the_question_is_asked_once_more_with_the_right_name() -> None:
    outcome = answer("no, Anna", asked("check out, my name is Adam"), AT)
    assert outcome.calls == ()
    assert outcome.remarks == ("Sorry.",)
    assert question(outcome.pending, AT) == "Shall I check out under the name Anna?"


def test_after_a_mere_no_the_name_is_asked_for_and_after_another_it_is_left() -> None:
    outcome = answer("no, that's wrong", asked("check out, my name is Adam"), AT)
    assert question(outcome.pending, AT) == "What name should I put it under?"
    assert answer("no", outcome.pending, AT).remarks == ("All right, I'll leave that.",)


def test_where_no_name_was_asked_about_there_is_none_to_ask_for() -> None:
    pending = asked("clear the cart")
    assert pending.step is not None
    assert asks_name_again(pending.step, pending) is None
    assert renamed(pending.step, tokens("anna"), AT) is None
