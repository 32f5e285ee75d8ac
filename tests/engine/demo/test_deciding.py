import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.deciding import MOST_CALLS_IN_A_TURN, decide
from tests.engine.demo.caller import Caller, Pizzeria, called, context_of, first_reply, system_note
from tests.engine.demo.toolsets import ASSISTANT, PIZZERIA, TRIAGE, tool
from tests.engine.session_probe import assistant_message, user_message

pytestmark = pytest.mark.unit

ORDER = "two large margherita pizzas and a coke please"
NOTE = f"[triage handed the caller over to restaurant: The caller said: {ORDER}]"
MARGHERITAS: tuple[str, JsonObject] = ("add_item", {"item": "margherita", "size": "large", "quantity": 2})
COKE: tuple[str, JsonObject] = ("add_item", {"item": "coke", "quantity": 1})


def test_the_same_conversation_is_answered_the_same() -> None:
    context = context_of([user_message(ORDER)], PIZZERIA)
    assert decide(context) == decide(context)


def test_an_empty_session_greets() -> None:
    assert Caller(TRIAGE).listen() == "Hello! How can I help you?"
    assert Caller(PIZZERIA).listen() == "Hello! What would you like?"
    assert Caller(ASSISTANT, agent="Ada's desk").listen() == "Hello, this is Ada's desk. How can I help you?"


def test_the_callers_words_are_taken_up_after_a_handoff() -> None:
    caller = Caller(PIZZERIA, Pizzeria(), [user_message(ORDER), system_note(NOTE)])
    said = caller.listen()
    assert caller.calls == [MARGHERITAS, COKE]
    assert said.startswith("I've added two large margherita pizzas and a coke. That comes to $21.50.")
    assert said.endswith("?")


def test_words_about_the_handoff_do_not_count_as_an_answer() -> None:
    items = [user_message(ORDER), assistant_message("One moment, I'll connect you."), system_note(NOTE)]
    caller = Caller(PIZZERIA, Pizzeria(), items)
    caller.listen()
    assert caller.calls == [MARGHERITAS, COKE]


def test_a_handoff_that_brings_no_history_is_taken_up_from_its_note() -> None:
    caller = Caller(PIZZERIA, Pizzeria(), [system_note(NOTE)])
    caller.listen()
    assert caller.calls == [MARGHERITAS, COKE]


def test_a_handoff_inside_one_session_is_taken_up_with_the_new_tools() -> None:
    """Some clients change the tools of the session in place of opening another."""
    caller = Caller(TRIAGE, lambda _name, _arguments: {"assistant": "restaurant"})
    caller.items.append(user_message(ORDER))
    reply = decide(context_of(caller.items, TRIAGE))
    assert called(reply)[0][0] == "transfer_to_restaurant"
    caller.items += [
        {
            "type": "function_call",
            "name": "transfer_to_restaurant",
            "call_id": "call_t",
            "arguments": "{}",
        },
        {"type": "function_call_output", "call_id": "call_t", "output": '{"assistant": "restaurant"}'},
    ]
    caller.tools, caller.run = PIZZERIA, Pizzeria()
    caller.listen()
    assert caller.calls == [MARGHERITAS, COKE]


def test_a_handoff_that_stays_in_the_session_is_told() -> None:
    caller = Caller(TRIAGE, lambda _name, _arguments: {"handed_off_to": "restaurant"})
    assert caller.say(ORDER) == "I'm connecting you with the restaurant."
    prose = Caller(TRIAGE, lambda _name, _arguments: "Nobody is there, please call again tomorrow.")
    assert prose.say("I want to talk to a person") == "Nobody is there, please call again tomorrow."


def test_a_refused_handoff_is_told_with_its_reason() -> None:
    caller = Caller(TRIAGE, lambda _name, _arguments: {"error": "the restaurant is closed"})
    said = caller.say(ORDER)
    assert said.startswith("Sorry, that didn't work: the restaurant is closed.")


def test_the_caller_is_not_handed_over_again_in_the_same_turn() -> None:
    items = [user_message("I need help with my taxes"), system_note(NOTE.replace(ORDER, "taxes"))]
    assert called(decide(context_of(items, PIZZERIA))) == []
    assert Caller(PIZZERIA, items=items).listen() == "Hello, this is the restaurant. What would you like?"


def test_a_whole_order() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say(ORDER)
    assert caller.take_calls() == [MARGHERITAS, COKE]
    assert caller.say("make it three").startswith("It's three cokes now. That comes to $26.50.")
    assert caller.take_calls() == [("change_quantity", {"item": "coke", "quantity": 3})]
    assert caller.say("remove the coke").startswith("I've removed the coke.")
    caller.take_calls()
    assert caller.say("no thanks, that's all") == "What name should I put it under?"
    assert caller.say("it's Ada") == "Shall I check out under the name Ada?"
    assert caller.calls == []
    assert caller.say("yes please") == (
        "Thank you, Ada. Your order is placed. The total is $19.00. Your order number is A-17. "
        "It will be ready in 20 minutes."
    )
    assert caller.calls == [("checkout", {"name": "Ada"})]
    assert caller.say("thanks, bye") == "Goodbye, and thank you for calling."


def test_an_order_and_its_end_in_one_breath() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    said = caller.say("one coke, and that's all, check out, the name is Ada")
    assert said == "I've added a coke. That comes to $2.50. Shall I check out under the name Ada?"
    assert caller.take_calls() == [COKE]
    caller.say("yes")
    assert caller.calls == [("checkout", {"name": "Ada"})]


def test_an_order_ends_with_that_is_everything_too() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say(ORDER)
    assert caller.say("that's everything, thank you") == "What name should I put it under?"
    assert caller.say("lisa for") == "Shall I check out under the name Lisa?"


def test_a_no_keeps_a_destructive_tool_from_being_called() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    assert caller.say("clear the cart") == "Shall I clear the cart?"
    assert caller.say("no").startswith("All right, I'll leave that.")
    assert caller.say("yes") == "What would you like?"
    assert caller.calls == []


def test_a_yes_to_a_question_that_was_never_heard_permits_nothing() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say("clear the cart")
    caller.items[-1] = assistant_message("Shall I")
    caller.say("yes")
    assert caller.calls == []


def test_a_yes_to_somebody_elses_question_permits_nothing() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say("clear the cart")
    caller.items[-1] = assistant_message("Do you want extra napkins?")
    caller.say("yes")
    assert caller.calls == []


def test_a_later_yes_permits_nothing() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say("clear the cart")
    caller.say("add a coke")
    caller.take_calls()
    caller.say("yes")
    assert caller.calls == []


def test_words_that_came_in_pieces_are_one_request() -> None:
    caller = Caller(PIZZERIA, Pizzeria(), [user_message("two large margherita pizzas")])
    caller.say("and a coke")
    assert caller.calls == [MARGHERITAS, COKE]


def test_calls_are_made_one_by_one_where_several_are_not_allowed() -> None:
    caller = Caller(PIZZERIA, Pizzeria(), parallel_tool_calls=False)
    said = caller.say(ORDER)
    assert caller.calls == [MARGHERITAS, COKE]
    assert said.startswith("I've added two large margherita pizzas and a coke.")


def test_an_error_is_told_and_mended() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    said = caller.say("a tiramisu and two cokes")
    assert said.startswith(
        "I've added two cokes. That comes to $5.00. Sorry, that didn't work: tiramisu is sold out."
    )
    assert said.endswith("instead?")
    caller.take_calls()
    assert caller.say("garlic bread").startswith("I've added a garlic bread.")
    assert caller.calls == [("add_item", {"item": "garlic_bread", "quantity": 1})]


def test_an_unknown_thing_is_asked_about_and_keeps_its_number() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    assert caller.say("two hawaiian pizzas").startswith(
        "Sorry, I don't have hawaiian pizzas. There is, for example,"
    )
    caller.say("pepperoni then")
    assert caller.calls == [("add_item", {"item": "pepperoni", "quantity": 2})]


def test_a_kind_of_thing_is_asked_about() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    assert caller.say("two pizzas").endswith("Which pizza would you like?")
    caller.say("margherita")
    assert caller.calls == [("add_item", {"item": "margherita", "quantity": 2})]


def test_missing_arguments_are_asked_for_one_by_one() -> None:
    caller = Caller(ASSISTANT, lambda _name, _arguments: {"booking_id": "B12"})
    assert caller.say("book a table") == "For how many people?"
    assert caller.say("four") == "At what time?"
    assert caller.say("tomorrow at seven pm").startswith(
        "I've booked a table for four tomorrow at seven pm. Your reference is B12."
    )
    assert caller.calls == [("book_table", {"party_size": 4, "date": "tomorrow", "time": "seven pm"})]


def test_another_wish_may_come_in_place_of_an_answer() -> None:
    caller = Caller(ASSISTANT)
    caller.say("book a table")
    caller.say("what's the weather in Paris?")
    assert caller.calls == [("get_weather", {"city": "Paris"})]


def test_who_it_is_is_told_honestly_and_the_question_stays_open() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say("check out, the name is Ada")
    said = caller.say("are you a real AI?")
    assert "offline demo brain" in said
    assert said.endswith("Shall I check out under the name Ada?")
    caller.say("yes")
    assert caller.calls == [("checkout", {"name": "Ada"})]


def test_audio_that_nobody_wrote_down_is_said_to_be_unheard() -> None:
    audio: JsonObject = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }
    assert "type" in decide(context_of([audio], PIZZERIA)).text


def test_somebody_who_comes_back_is_asked_the_open_question_again() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say("check out, the name is Ada")
    caller.items.append(system_note("[The call was interrupted here. The caller has come back.]"))
    assert caller.listen() == "Welcome back. Shall I check out under the name Ada?"
    caller.say("yes")
    assert caller.calls == [("checkout", {"name": "Ada"})]
    caller.items.append(system_note("[The call was interrupted here. The caller has come back.]"))
    assert caller.listen().startswith("Welcome back. ")


def test_a_response_without_anything_new_asks_for_more() -> None:
    caller = Caller(PIZZERIA, Pizzeria())
    caller.say("a coke")
    caller.take_calls()
    assert caller.listen() in {"Anything else?", "What else would you like?"}
    assert caller.calls == []


def test_a_quoted_sentence_is_said_word_for_word() -> None:
    context = context_of([], PIZZERIA, overridden_instructions=True)
    told = decide(
        context.__class__(
            model="demo", instructions='Say: "One moment, please."', items=(), overridden_instructions=True
        )
    )
    assert told.text == "One moment, please."


def test_a_summary_is_the_callers_words() -> None:
    items = [user_message("two cokes"), user_message("and a pizza")]
    context = context_of(items, (), overridden_instructions=True)
    summary = decide(
        context.__class__(
            model="demo",
            instructions="Summarise the conversation.",
            items=tuple(items),
            overridden_instructions=True,
        )
    )
    assert summary.text == "The caller said: Two cokes. And a pizza."
    empty = decide(
        context.__class__(model="demo", instructions="Summarise it.", items=(), overridden_instructions=True)
    )
    assert empty.text == "Nothing was said yet."


def test_a_forced_function_is_called() -> None:
    choice: JsonObject = {"type": "function", "name": "get_weather"}
    reply = decide(context_of([user_message("Paris")], ASSISTANT, tool_choice=choice))
    assert called(reply) == [("get_weather", {"city": "Paris"})]
    some = decide(context_of([user_message("blah")], ASSISTANT, tool_choice="required"))
    assert len(some.calls) == 1
    right = decide(context_of([user_message("timer for ten minutes")], ASSISTANT, tool_choice="required"))
    assert called(right) == [("set_timer", {"minutes": 10})]
    silent = decide(context_of([], ASSISTANT, tool_choice=choice))
    assert called(silent) == [("get_weather", {})]


def test_nothing_is_called_where_calling_is_forbidden() -> None:
    reply = decide(context_of([user_message(ORDER)], PIZZERIA, tool_choice="none"))
    assert reply.calls == ()
    assert reply.text


def test_without_tools_it_can_only_chat() -> None:
    assert "no tools" in first_reply("what can you do", ()).text
    assert first_reply("two cokes", ()).text.startswith("Sorry, I didn't get that.")


def test_a_list_of_things_goes_into_one_call() -> None:
    line: JsonObject = {
        "type": "object",
        "properties": {
            "item": {"type": "string", "enum": ["tea", "scone"]},
            "quantity": {"type": "integer"},
        },
        "required": ["item"],
    }
    tools = [tool("add_items", "Adds items.", {"lines": {"type": "array", "items": line}}, ("lines",))]
    caller = Caller(tools)
    said = caller.say("two teas and a scone")
    assert caller.calls == [
        ("add_items", {"lines": [{"item": "tea", "quantity": 2}, {"item": "scone", "quantity": 1}]})
    ]
    assert said.startswith("I've added two teas and a scone.")


def test_the_calls_of_one_turn_are_bounded() -> None:
    wish = ", ".join(["a coke"] * 30)
    assert len(first_reply(wish, PIZZERIA).calls) == MOST_CALLS_IN_A_TURN


def test_a_call_whose_output_is_missing_is_not_made_again() -> None:
    items: list[JsonObject] = [
        user_message("a coke"),
        {"type": "function_call", "name": "add_item", "call_id": "c1", "arguments": '{"item":"coke"}'},
    ]
    reply = decide(context_of(items, PIZZERIA))
    assert reply.calls == ()
    assert reply.text.startswith("I've added a coke.")
