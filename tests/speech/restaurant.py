"""A restaurant's tools, hints and callers, for tests of hearing.

The hints are what an author would write; about half of the sentences are worded like none of them.
"""

from orchestrator.core.json_value import JsonObject
from orchestrator.speech.protocol import Vocabulary
from orchestrator.speech.vocabulary import ToolText, build_vocabulary

MENU = (
    "margherita", "pepperoni", "quattro formaggi", "calzone", "tiramisu", "garlic bread", "caesar salad",
    "coke", "lemonade", "sparkling water",
)  # fmt: skip
SIZES = ("small", "medium", "large")
EXTRAS = ("mushrooms", "olives", "extra cheese", "onions", "jalape\u00f1os", "ham")

ITEM: JsonObject = {
    "type": "object",
    "properties": {
        "item": {"enum": list(MENU)},
        "size": {"enum": list(SIZES)},
        "extras": {"type": "array", "items": {"enum": list(EXTRAS)}},
        "quantity": {"type": "integer"},
    },
}
TOOLS = (
    ToolText("add_item", "Add an item to the order, with size and extras.", ITEM),
    ToolText("remove_item", "Remove an item from the order.", ITEM),
    ToolText("check_out", "Finish the order for pickup, or reserve a table.", {}),
)
HINTS = (
    "i would like a large margherita please",
    "can i get two large margherita pizzas and a coke",
    "add a margherita to my order",
    "i'll have the margherita",
    "one large margherita with olives",
    "one large margherita with olives and ham",
    "remove the margherita",
    "take the margherita off my order",
    "no olives please",
    "make that large",
    "what's in the margherita",
    "how much is the margherita",
    "what do you have on the menu",
    "i want to check out",
    "for pickup at seven",
    "a table for four tonight at eight",
    "my name is anna",
    "cancel my order",
    "what is in my cart",
    "do you have anything vegetarian",
    "can i book a table for two tomorrow at half past six",
)
SENTENCES = (
    "two large margherita pizzas and a coke please",
    "i would like a small pepperoni pizza",
    "can i get a medium calzone with olives",
    "add garlic bread to my order",
    "i'll have the caesar salad",
    "one large quattro formaggi with extra cheese",
    "remove the lemonade",
    "take the tiramisu off my order",
    "no onions please",
    "make that large",
    "what's in the margherita",
    "how much is the calzone",
    "what do you have on the menu",
    "that's all thank you",
    "i want to check out",
    "for pickup at seven",
    "a table for four tonight at eight",
    "my name is anna smith",
    "yes please",
    "no thanks",
    "cancel my order",
    "what is in my cart",
    "do you have anything vegetarian",
    "can i book a table for two tomorrow at six",
    "i would like to speak to a human",
    "three small pepperoni pizzas with mushrooms and olives",
    "and two sparkling waters",
    "could i also have a tiramisu",
    "make it two",
    "actually no jalapenos on that",
    "can you repeat that please",
    "i'd like to order a pizza",
    "give me a large pepperoni and a small margherita",
    "how long will it take",
    "is the garlic bread fresh",
    "that sounds good",
    "i'll pick it up at half past seven",
    "two lemonades and one coke",
    "can i pay with a card",
    "a medium margherita with ham and extra cheese",
)


def vocabulary() -> Vocabulary:
    """What the restaurant's recogniser expects."""
    return build_vocabulary(TOOLS, HINTS)


def word_errors(said: str, heard: str) -> int:
    """Words put in, left out or exchanged (Levenshtein)."""
    wanted, got = said.split(), heard.split()
    row = list(range(len(got) + 1))
    for at, word in enumerate(wanted, 1):
        before, row[0] = row[0], at
        for other, found in enumerate(got, 1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (word != found))
    return row[-1]
