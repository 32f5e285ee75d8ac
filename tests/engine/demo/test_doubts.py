import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.deciding import decide
from orchestrator.engine.demo.dialogue import Turn
from orchestrator.engine.demo.doubts import DENIED, UNSURE, asks_back, is_doubtful, without_doubts
from tests.engine.demo.caller import called, context_of
from tests.engine.demo.toolsets import PIZZERIA
from tests.engine.session_probe import assistant_message, user_message

pytestmark = pytest.mark.unit

ORDER = "a large margherita please"
ASKED = "Sorry, did you say: a large margherita please?"
MARGHERITA: tuple[str, JsonObject] = ("add_item", {"item": "margherita", "size": "large", "quantity": 1})
COKE: tuple[str, JsonObject] = ("add_item", {"item": "coke", "quantity": 1})
LITTLE = UNSURE - 0.1
ENOUGH = UNSURE + 0.1


def heard(*texts: str) -> list[JsonObject]:
    """A conversation in which the caller said the first, third, … and the agent answered the others."""
    return [
        user_message(text, id=f"u{at}") if at % 2 == 0 else assistant_message(text, id=f"a{at}")
        for at, text in enumerate(texts)
    ]


def reply_to(*texts: str, sure: dict[str, float]) -> tuple[str, list[tuple[str, JsonObject]]]:
    reply = decide(context_of(heard(*texts), PIZZERIA, confidence=sure))
    return reply.text, called(reply)


def test_words_that_are_sure_or_typed_are_acted_upon() -> None:
    assert reply_to(ORDER, sure={"u0": ENOUGH}) == ("", [MARGHERITA])
    assert reply_to(ORDER, sure={}) == ("", [MARGHERITA])


def test_doubtful_words_are_asked_about_before_anything_is_done() -> None:
    assert reply_to(ORDER, sure={"u0": LITTLE}) == (ASKED, [])


def test_doubtful_words_that_lead_to_nothing_are_answered_as_ever() -> None:
    said, calls = reply_to("how are you", sure={"u0": LITTLE})
    assert not said.startswith("Sorry, did you say")
    assert calls == []


def test_a_yes_stands_for_the_words_that_were_asked_about() -> None:
    assert reply_to(ORDER, ASKED, "yes please", sure={"u0": LITTLE, "u2": ENOUGH}) == ("", [MARGHERITA])


def test_a_yes_is_understood_in_a_session_that_was_loaded_with_the_question() -> None:
    assert reply_to(ORDER, ASKED, "yes", sure={}) == ("", [MARGHERITA])


def test_a_no_is_taken_at_its_word_and_what_comes_next_is_heard_afresh() -> None:
    assert reply_to(ORDER, ASKED, "no", sure={"u0": LITTLE}) == (DENIED, [])
    assert reply_to(ORDER, ASKED, "no", DENIED, "a coke", sure={"u0": LITTLE, "u4": ENOUGH}) == ("", [COKE])


def test_something_else_is_answered_as_such() -> None:
    assert reply_to(ORDER, ASKED, "a coke", sure={"u0": LITTLE, "u2": ENOUGH}) == ("", [COKE])


def test_the_same_words_again_are_believed() -> None:
    assert reply_to(ORDER, ASKED, ORDER, sure={"u0": LITTLE, "u2": LITTLE}) == ("", [MARGHERITA])


def test_a_question_that_was_open_before_stays_open() -> None:
    clear = ("empty my cart", "Shall I clear the cart?")
    assert reply_to(clear[0], sure={}) == (clear[1], [])
    assert reply_to(*clear, "yes", sure={"u2": LITTLE})[0] == "Sorry, did you say: yes?"
    assert reply_to(*clear, "yes", "Sorry, did you say: yes?", "yes", sure={"u2": LITTLE}) == (
        "",
        [("clear_cart", {})],
    )


def test_turns_without_doubts_are_left_alone() -> None:
    turns = [Turn(texts=["hello"], replies=["Hello!"]), Turn(texts=["bye"], confidence=0.9)]
    assert without_doubts(turns) == turns
    assert not is_doubtful(turns[1])
    assert asks_back(turns[1]) == "Sorry, did you say: bye?"
