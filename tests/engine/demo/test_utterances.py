"""The table: what a caller says first, and the calls that must come of it.

`CALLS` holds wording the matcher was made with; `UNSEEN` toolsets it was not made for.
"""

import pytest

from orchestrator.core.json_value import JsonObject
from tests.engine.demo.caller import called, first_reply
from tests.engine.demo.toolsets import ASSISTANT, BANK, HOME, HOTEL, LIBRARY, PIZZERIA, TRIAGE

pytestmark = pytest.mark.unit


def add(
    item: str, quantity: int | None = None, size: str | None = None, *extras: str
) -> tuple[str, JsonObject]:
    arguments: JsonObject = {"item": item}
    if size is not None:
        arguments["size"] = size
    if quantity is not None:
        arguments["quantity"] = quantity
    if extras:
        arguments["extras"] = list(extras)
    return "add_item", arguments


def remove(item: str) -> tuple[str, JsonObject]:
    return "remove_item", {"item": item}


PIZZERIA_CALLS: list[tuple[str, list[tuple[str, JsonObject]]]] = [
    ("two large margherita pizzas and a coke please", [add("margherita", 2, "large"), add("coke", 1)]),
    ("I'd like a pepperoni", [add("pepperoni", 1)]),
    ("Hi, can I get a margherita?", [add("margherita", 1)]),
    ("hey there, could I please order two small pepperonis", [add("pepperoni", 2, "small")]),
    ("a tiramisu and two sparkling waters, please", [add("tiramisu", 1), add("sparkling_water", 2)]),
    ("give me three cokes", [add("coke", 3)]),
    ("get me a medium quattro formaggi pizza", [add("quattro_formaggi", 1, "medium")]),
    ("could you put a quattro formaggi on my order", [add("quattro_formaggi", 1)]),
    (
        "I'll have a large pepperoni with mushrooms and olives",
        [add("pepperoni", 1, "large", "mushrooms", "olives")],
    ),
    (
        "a large margherita with extra cheese and mushrooms and 3 cokes",
        [add("margherita", 1, "large", "extra_cheese", "mushrooms"), add("coke", 3)],
    ),
    (
        "can I get two large and one small margherita",
        [add("margherita", 2, "large"), add("margherita", 1, "small")],
    ),
    (
        "one large and one small pepperoni, and a coke",
        [add("pepperoni", 1, "large"), add("pepperoni", 1, "small"), add("coke", 1)],
    ),
    ("a large margherita and a small one", [add("margherita", 1, "large"), add("margherita", 1, "small")]),
    (
        "I'd like one large margherita and two small ones",
        [add("margherita", 1, "large"), add("margherita", 2, "small")],
    ),
    (
        "I want 2x pepperoni, 1 tiramisu and sparkling water",
        [add("pepperoni", 2), add("tiramisu", 1), add("sparkling_water")],
    ),
    ("a dozen garlic breads", [add("garlic_bread", 12)]),
    ("half a dozen garlic breads", [add("garlic_bread", 6)]),
    ("could I get a couple of cokes", [add("coke", 2)]),
    ("twenty-five cokes", [add("coke", 25)]),
    ("add another coke", [add("coke", 1)]),
    ("large pepperoni", [add("pepperoni", None, "large")]),
    ("one margarita pizza", [add("margherita", 1)]),
    ("quattro formagi with extra cheese", [add("quattro_formaggi", None, None, "extra_cheese")]),
    ("what's on the menu?", [("show_menu", {})]),
    ("read me the menu", [("show_menu", {})]),
    ("show me the drinks", [("show_menu", {"section": "drinks"})]),
    ("what do you have to drink?", [("show_menu", {"section": "drinks"})]),
    ("what desserts are there", [("show_menu", {"section": "desserts"})]),
    ("how much is a large margherita", [("show_menu", {})]),
    ("what's in my cart", [("show_cart", {})]),
    ("let's see the cart", [("show_cart", {})]),
    ("what have I ordered so far", [("show_cart", {})]),
    ("what's the total?", [("show_cart", {})]),
    ("how much is it", [("show_cart", {})]),
    ("remove the coke", [remove("coke")]),
    ("I don't want the coke", [remove("coke")]),
    ("no coke please", [remove("coke")]),
    ("delete the pepperoni from my order", [remove("pepperoni")]),
    ("can you take the garlic bread off", [remove("garlic_bread")]),
    ("get rid of the tiramisu", [remove("tiramisu")]),
    ("remove the coke and the garlic bread", [remove("coke"), remove("garlic_bread")]),
    ("drop the coke and add a sparkling water", [remove("coke"), add("sparkling_water", 1)]),
    ("swap the coke for a sparkling water", [remove("coke"), add("sparkling_water", 1)]),
    ("change the coke to three", [("change_quantity", {"item": "coke", "quantity": 3})]),
    ("set the coke to five", [("change_quantity", {"item": "coke", "quantity": 5})]),
    (
        "add one coke, remove the tiramisu and show me the cart",
        [add("coke", 1), remove("tiramisu"), ("show_cart", {})],
    ),
]


@pytest.mark.parametrize(("text", "calls"), PIZZERIA_CALLS, ids=[text for text, _ in PIZZERIA_CALLS])
def test_the_pizzeria_is_called(text: str, calls: list[tuple[str, JsonObject]]) -> None:
    assert called(first_reply(text, PIZZERIA)) == calls


ASSISTANT_CALLS: list[tuple[str, str, JsonObject]] = [
    ("what's the weather in Paris?", "get_weather", {"city": "Paris"}),
    ("how's the weather in New York", "get_weather", {"city": "New York"}),
    ("weather London", "get_weather", {"city": "London"}),
    ("is it raining in London?", "get_weather", {"city": "London"}),
    ("will it rain in Oslo tomorrow?", "get_weather", {"city": "Oslo"}),
    ("do I need an umbrella in Berlin today", "get_weather", {"city": "Berlin"}),
    ("set a timer for ten minutes", "set_timer", {"minutes": 10}),
    ("set a 5 minute timer for the pasta", "set_timer", {"minutes": 5}),
    ("set a timer for an hour and a half", "set_timer", {"minutes": 90}),
    ("timer half an hour", "set_timer", {"minutes": 30}),
    ("a timer for a quarter of an hour", "set_timer", {"minutes": 15}),
    ("look up the opening hours", "lookup", {"query": "opening hours"}),
    ("search for cheap flights", "lookup", {"query": "cheap flights"}),
    ("who invented the telephone?", "lookup", {"query": "who invented the telephone"}),
    ("what is the capital of France", "lookup", {"query": "capital of France"}),
    ("text Ada that I'm on my way", "send_message", {"recipient": "Ada", "message": "I'm on my way"}),
    ("message Bob: see you at five", "send_message", {"recipient": "Bob", "message": "see you at five"}),
    ("send Carol a message saying hi", "send_message", {"recipient": "Carol", "message": "hi"}),
    ("turn on the kitchen light", "set_light", {"room": "kitchen", "on": True}),
    ("turn the living room light off", "set_light", {"room": "living_room", "on": False}),
    ("switch the bedroom lamp off", "set_light", {"room": "bedroom", "on": False}),
    ("table for two at half past six", "book_table", {"party_size": 2, "time": "half past six"}),
    (
        "reserve a table for 2 people on Friday at 8 pm, name Turing",
        "book_table",
        {"party_size": 2, "date": "Friday", "time": "8 pm", "name": "Turing"},
    ),
]


@pytest.mark.parametrize(
    ("text", "name", "arguments"), ASSISTANT_CALLS, ids=[text for text, _, _ in ASSISTANT_CALLS]
)
def test_an_assistants_tools_are_called(text: str, name: str, arguments: JsonObject) -> None:
    assert called(first_reply(text, ASSISTANT)) == [(name, arguments)]


def test_a_message_of_two_halves_is_one_message() -> None:
    reply = first_reply("tell Bob I'll be late and that I am sorry", ASSISTANT)
    assert called(reply) == [
        ("send_message", {"recipient": "Bob", "message": "I'll be late and that I am sorry"})
    ]


def test_two_wishes_are_two_calls() -> None:
    reply = first_reply("set a timer for ten minutes and turn on the kitchen light", ASSISTANT)
    assert called(reply) == [
        ("set_timer", {"minutes": 10}),
        ("set_light", {"room": "kitchen", "on": True}),
    ]


UNSEEN: list[tuple[str, tuple[JsonObject, ...], str, JsonObject]] = [
    (
        "do you have a double room for tomorrow for three nights",
        HOTEL,
        "find_rooms",
        {"room_type": "double", "check_in": "tomorrow", "nights": 3},
    ),
    (
        "I'd like to book a suite for two nights from Friday, my name is Grace Hopper",
        HOTEL,
        "book_room",
        {"room_type": "suite", "check_in": "Friday", "nights": 2, "guest_name": "Grace Hopper"},
    ),
    ("I need towels in room 12", HOTEL, "request_service", {"service": "towels", "room_number": 12}),
    (
        "can you send housekeeping to room 305 please",
        HOTEL,
        "request_service",
        {"service": "housekeeping", "room_number": 305},
    ),
    ("wake up call for room 7", HOTEL, "request_service", {"service": "wake_up_call", "room_number": 7}),
    ("show the bill for room 22", HOTEL, "show_bill", {"room_number": 22}),
    ("how much money is in my savings account", BANK, "get_balance", {"account": "savings"}),
    ("show my last five transactions", BANK, "list_transactions", {"count": 5}),
    ("list transactions", BANK, "list_transactions", {}),
    ("play some jazz", HOME, "play_music", {"query": "jazz"}),
    ("play Bohemian Rhapsody please", HOME, "play_music", {"query": "Bohemian Rhapsody"}),
    ("set the volume to forty", HOME, "set_volume", {"level": 40}),
    ("turn the volume down to 10", HOME, "set_volume", {"level": 10}),
    ("remind me to call mum tomorrow", HOME, "add_reminder", {"text": "call mum tomorrow"}),
    ("open the garage", HOME, "open_garage", {}),
    ("find recipes with chicken", HOME, "search_recipes", {"ingredient": "chicken"}),
    ("do you have books about dinosaurs", LIBRARY, "search_catalog", {"query": "dinosaurs"}),
    ("search for Moby Dick", LIBRARY, "search_catalog", {"query": "Moby Dick"}),
    ("reserve the book Dune", LIBRARY, "reserve_book", {"title": "Dune"}),
    ("I'd like to renew my loans", LIBRARY, "renew_loans", {}),
    ("when does the north branch open", LIBRARY, "opening_hours", {"branch": "north"}),
    ("what are your opening hours?", LIBRARY, "opening_hours", {}),
]


@pytest.mark.parametrize(("text", "tools", "name", "arguments"), UNSEEN, ids=[text for text, *_ in UNSEEN])
def test_tools_it_was_not_made_for_are_called(
    text: str, tools: tuple[JsonObject, ...], name: str, arguments: JsonObject
) -> None:
    assert called(first_reply(text, tools)) == [(name, arguments)]


ASKS: list[tuple[str, tuple[JsonObject, ...], str]] = [
    ("I'd like to order", PIZZERIA, "What would you like?"),
    ("checkout please", PIZZERIA, "What name should I put it under?"),
    ("check out for Ada at 7 pm", PIZZERIA, "Shall I check out under the name Ada at 7 pm?"),
    (
        "that's all, check out, the name is Ada",
        PIZZERIA,
        "Shall I check out under the name Ada?",
    ),
    ("clear the cart", PIZZERIA, "Shall I clear the cart?"),
    ("start over please", PIZZERIA, "Shall I clear the cart?"),
    ("don't check out yet", PIZZERIA, "All right, I won't place the order for pickup."),
    ("weather", ASSISTANT, "For which place?"),
    ("set a timer", ASSISTANT, "For how many minutes?"),
    ("wake me in 20 minutes", ASSISTANT, "Would you like me to set a timer for twenty minutes?"),
    ("cancel the timer", ASSISTANT, "Shall I cancel the timer?"),
    ("cancel booking 4711", HOTEL, "Shall I cancel the booking with the booking number 4711?"),
    ("book me a single room on monday", HOTEL, "For how many nights?"),
    ("what's my balance", BANK, "Which account: checking or savings?"),
    ("block my card", BANK, "Which card: debit or credit?"),
    ("I lost my credit card, block it", BANK, "Shall I block the credit card?"),
    ("send fifty dollars to Ada", BANK, "to Ada?"),
]


@pytest.mark.parametrize(("text", "tools", "question"), ASKS, ids=[text for text, _, _ in ASKS])
def test_it_asks_before_it_acts(text: str, tools: tuple[JsonObject, ...], question: str) -> None:
    reply = first_reply(text, tools)
    assert reply.calls == ()
    assert question in reply.text


TRANSFERS: list[tuple[str, tuple[JsonObject, ...], str]] = [
    ("two large margherita pizzas and a coke please", TRIAGE, "transfer_to_restaurant"),
    ("I'm hungry", TRIAGE, "transfer_to_restaurant"),
    ("I'd like to order some food", TRIAGE, "transfer_to_restaurant"),
    ("what's on the menu", TRIAGE, "transfer_to_restaurant"),
    ("the restaurant please", TRIAGE, "transfer_to_restaurant"),
    ("I want to talk to a person", TRIAGE, "transfer_to_human"),
    ("speak to a human please", PIZZERIA, "transfer_to_human"),
    ("get me your manager", PIZZERIA, "transfer_to_human"),
    ("can you help me with my tax return?", PIZZERIA, "transfer_to_triage"),
]


@pytest.mark.parametrize(("text", "tools", "name"), TRANSFERS, ids=[text for text, _, _ in TRANSFERS])
def test_callers_are_handed_over(text: str, tools: tuple[JsonObject, ...], name: str) -> None:
    assert called(first_reply(text, tools)) == [(name, {"reason": f"The caller said: {text.rstrip('?')}"})]


NO_CALLS = [
    ("hello", PIZZERIA),
    ("purple monkey dishwasher", ASSISTANT),
    ("the weather is nice today", PIZZERIA),
    ("I changed my mind about the coke", PIZZERIA),
    ("tell me a joke", ASSISTANT),
    ("I have a strange rash", TRIAGE),
    ("thanks a lot", PIZZERIA),
    ("what is your name?", ASSISTANT),
]


@pytest.mark.parametrize(("text", "tools"), NO_CALLS, ids=[text for text, _ in NO_CALLS])
def test_nothing_is_called_where_nothing_was_wanted(text: str, tools: tuple[JsonObject, ...]) -> None:
    reply = first_reply(text, tools)
    assert reply.calls == ()
    assert reply.text
