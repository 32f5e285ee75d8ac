import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.answering import MORE_QUESTIONS, answer, question
from orchestrator.engine.demo.dialogue import Done
from orchestrator.engine.demo.scene import MORE, Outcome, Pending, Scene
from orchestrator.engine.demo.schemas import read_tool
from tests.engine.demo.toolsets import ASSISTANT, PIZZERIA, TRIAGE, tool

pytestmark = pytest.mark.unit


def scene(declared: tuple[JsonObject, ...] = PIZZERIA, memory: tuple[Done, ...] = ()) -> Scene:
    tools = [read_tool(one) for one in declared]
    return Scene(
        tools=tuple(one for one in tools if not one.is_transfer),
        transfers=tuple(one for one in tools if one.is_transfer),
        memory=memory,
    )


def pending(text: str, at: Scene) -> Pending:
    asked = answer(text, None, at).pending
    assert asked is not None
    return asked


def calls(outcome: Outcome) -> list[tuple[str, object]]:
    return [(step.tool.name, step.arguments) for step in outcome.calls]


ADDED = (Done("add_item", {"item": "coke"}, "c1", "{}"),)


def test_a_yes_makes_the_call_that_was_asked_about() -> None:
    at = scene()
    assert calls(answer("yes", pending("clear the cart", at), at)) == [("clear_cart", {})]


def test_a_yes_may_bring_more() -> None:
    at = scene()
    asked = pending("check out, my name is Ada", at)
    assert calls(answer("yes, at 7 pm", asked, at)) == [("checkout", {"name": "Ada", "pickup_time": "7 pm"})]


def test_the_same_wish_again_is_a_yes_unless_it_brings_something_new() -> None:
    at = scene()
    asked = pending("check out, my name is Ada", at)
    assert calls(answer("just check out", asked, at)) == [("checkout", {"name": "Ada"})]
    changed = answer("check out for Bob", asked, at)
    assert calls(changed) == []
    assert question(changed.pending, at) == "Shall I check out under the name Bob?"


def test_a_no_may_bring_another_wish() -> None:
    at = scene()
    outcome = answer("no, add a coke", pending("clear the cart", at), at)
    assert calls(outcome) == [("add_item", {"item": "coke", "quantity": 1})]
    assert outcome.remarks == ("All right.",)


def test_a_bare_name_is_taken_for_a_name_that_is_missing() -> None:
    optional = tool("checkout", "Places the order.", {"name": {"type": "string"}})
    at = scene((optional,))
    asked = answer("Ada", pending("check out", at), at)
    assert question(asked.pending, at) == "Shall I check out under the name Ada?"


def test_a_name_that_a_description_wants_asked_is_asked_for_once() -> None:
    who: JsonObject = {"type": "string", "description": "Who it is for; ask when it is not known."}
    at = scene((tool("take_order", "Takes an order.", {"name": who}),))
    assert question(answer("take an order", None, at).pending, at) == "What name should I put it under?"
    known = Scene(tools=at.tools, knows_caller=True)
    assert calls(answer("take an order", None, known)) == [("take_order", {})]


def test_a_question_may_be_left() -> None:
    at = scene(ASSISTANT)
    outcome = answer("never mind", pending("book a table", at), at)
    assert outcome.remarks == ("All right, I'll leave that.",)
    assert outcome.pending is MORE


def test_an_answer_that_fits_nothing_is_asked_for_again() -> None:
    at = scene(ASSISTANT)
    asked = pending("book a table", at)
    outcome = answer("the purple one", asked, at)
    assert outcome.remarks == ("Sorry, I didn't get that.",)
    assert outcome.pending == asked


@pytest.mark.parametrize(
    ("wish", "answered", "ordered"),
    [
        (
            "two pizzas",
            "margherita and two cokes",
            [{"item": "margherita", "quantity": 2}, {"item": "coke", "quantity": 2}],
        ),
        (
            "two large pizzas",
            "margherita and pepperoni",
            [{"item": "margherita", "size": "large"}, {"item": "pepperoni", "size": "large"}],
        ),
    ],
)
def test_an_answer_may_name_more_than_was_asked_for(
    wish: str, answered: str, ordered: list[JsonObject]
) -> None:
    at = scene()
    outcome = answer(answered, pending(wish, at), at)
    assert calls(outcome) == [("add_item", arguments) for arguments in ordered]
    assert outcome.pending is MORE


def test_the_end_of_an_order_is_asked_about() -> None:
    at = scene(memory=ADDED)
    assert question(answer("no, that's all", MORE, at).pending, at) == "What name should I put it under?"
    assert question(answer("no", MORE, at).pending, at) == "What name should I put it under?"
    nothing = answer("no", MORE, scene())
    assert nothing.remarks == ("All right. Thank you, and goodbye!",)


def test_yes_to_anything_else_asks_what() -> None:
    assert answer("yes", MORE, scene()).remarks == ("What would you like?",)
    assert answer("no", None, scene()).remarks == ("All right.",)


def test_a_goodbye_hangs_up_where_that_can_be_done() -> None:
    ending = tool("end_call", "Hangs up.")
    outcome = answer("goodbye", None, scene((ending,)))
    assert calls(outcome) == [("end_call", {})]
    assert calls(answer("goodbye", None, scene())) == []


def test_small_talk_is_answered() -> None:
    at = scene()
    assert answer("how are you", None, at).remarks[0] == "I'm doing fine, thank you."
    assert answer("thanks", None, at).remarks == ("You're welcome!",)
    assert answer("hello", None, at).greets
    assert answer("", None, at).greets
    assert answer("pardon?", pending("clear the cart", at), at).remarks == ("Of course.",)


def test_what_is_not_understood_is_said_with_what_can_be_done() -> None:
    (told,) = answer("blue is a colour", None, scene(ASSISTANT)).remarks
    assert told.startswith("Sorry, I didn't get that. I can get the weather")
    (told,) = answer("blue is a colour", None, scene(TRIAGE)).remarks
    assert told.endswith("Shall I connect you with the restaurant or a person?")


def test_what_may_be_meant_is_offered_and_taken() -> None:
    at = scene(ASSISTANT)
    asked = pending("wake me in 20 minutes", at)
    assert asked.kind == "offer"
    assert calls(answer("yes please", asked, at)) == [("set_timer", {"minutes": 20})]


def test_anything_else_is_asked_in_turns() -> None:
    at = scene()
    assert question(MORE, at, 0) == "What else would you like?"
    assert question(MORE, at, 1) == "Anything else?"
    assert question(MORE, scene(ASSISTANT), 0) == "What else can I do for you?"
    assert question(None, at) == ""
    assert all(one.endswith("?") for one in MORE_QUESTIONS)


SIZED = tool(
    "add_tea",
    "Adds a tea.",
    {"tea": {"enum": ["green", "black"]}, "size": {"enum": ["small", "large"]}},
    ("tea", "size"),
)


def test_an_answer_that_is_no_choice_is_asked_for_again_or_taken_for_another_wish() -> None:
    at = scene((SIZED, *PIZZERIA))
    asked = pending("a green tea", at)
    assert question(asked, at) == "Which size for the green tea: small or large?"
    again = answer("purple", asked, at)
    assert again.remarks == ("Sorry, I didn't get that.",)
    assert again.pending == asked
    assert calls(answer("what's on the menu?", asked, at)) == [("show_menu", {})]
    assert calls(answer("large please", asked, at)) == [("add_tea", {"tea": "green", "size": "large"})]


def test_another_unknown_thing_is_told_to_be_unknown_too() -> None:
    at = scene()
    asked = answer("a funghi", pending("a hawaiian", at), at)
    assert question(asked.pending, at).startswith("Sorry, I don't have funghi.")


def test_more_words_before_the_yes_are_read_into_the_question() -> None:
    at = scene()
    asked = answer("my name is Bob", pending("check out for Ada", at), at)
    assert question(asked.pending, at) == "Shall I check out under the name Bob?"


def test_what_was_wanted_beside_a_question_is_not_forgotten() -> None:
    at = scene()
    asked = pending("clear the cart and add a coke", at)
    assert calls(answer("yes", asked, at)) == [
        ("clear_cart", {}),
        ("add_item", {"item": "coke", "quantity": 1}),
    ]


def test_a_flag_is_asked_and_answered() -> None:
    at = scene((tool("wrap_gift", "Wraps a gift.", {"ribbon": {"type": "boolean"}}, ("ribbon",)),))
    asked = pending("wrap the gift", at)
    assert question(asked, at) == "Ribbon, yes or no?"
    assert calls(answer("no", asked, at)) == [("wrap_gift", {"ribbon": False})]
    assert calls(answer("yes", asked, at)) == [("wrap_gift", {"ribbon": True})]


def test_an_offer_may_be_declined() -> None:
    at = scene(ASSISTANT)
    declined = answer("no", pending("wake me in 20 minutes", at), at)
    assert declined.remarks == ("All right, I'll leave that.",)


def test_a_number_outside_the_bounds_is_no_answer() -> None:
    volume = tool("set_volume", "Sets the volume.", {"level": {"type": "integer", "maximum": 10}}, ("level",))
    at = scene((volume,))
    asked = pending("set the volume", at)
    assert answer("ninety", asked, at).pending == asked
    assert calls(answer("seven", asked, at)) == [("set_volume", {"level": 7})]
