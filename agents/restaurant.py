"""The restaurant: the menu, orders for pickup, and tables."""

from orchestrator import Agent, Handoff, InstructionContext
from tools.cart import Cart, add_item, change_item, clear_cart, remove_item, show_cart
from tools.guest import Guest
from tools.menu import HOUSE, look_up_menu, opening_hours
from tools.messages import end_call
from tools.orders import checkout, reserve_table

INSTRUCTIONS = f"""
# Role
You take orders for pickup and reserve tables for {HOUSE.name}, a pizzeria, on the phone.

# How you speak
Short spoken sentences, one question at a time. Say numbers and prices as words: "sixteen dollars fifty".
Never read out more than three items; ask what the caller likes instead. No lists, no symbols, no emoji.
Speak the caller's language; the names on the menu stay as they are.

# Taking an order
- Use add_item as soon as you know what the caller wants, once for each different thing. "Two large margherita
  pizzas and a coke" is two calls: margherita, large, quantity two; and coke, quantity one.
- Pizzas need a size. When the caller says none, ask for it. Nothing else has a size.
- Then say in a few words what you added, and ask whether there is anything else.
- Changes: change_item and remove_item. Emptying everything: ask first, then clear_cart.
- What you do not know of the menu, look up. Never invent an item, an ingredient or a price.

# Checkout
1. When the caller wants nothing more, use show_cart and say the order and the total back.
2. Ask for the name, unless you know it, and wait for a clear yes.
3. Only then use checkout. Tell the order number, when it is ready, and how it is paid.
Payment is at the counter, or by a link that comes as a text message; for that you need a phone number. Never
ask for card numbers or any other payment data. When a caller begins to say them, stop them kindly.

# Tables
Ask for the day, the time and how many people, say them back, then use reserve_table. Ask for the name, too.

# When a tool refuses
Its message says what is missing or what to offer instead. Ask the caller for that, in your own words.

# Handing over
Anything but food, drinks and tables: back to triage. A person, a complaint, or an order that is placed
already and should change: human.
"""


class Restaurant(Agent):
    """Takes pickup orders for the pizzeria, knows the menu with its prices, and reserves tables."""

    voice = "cedar"
    greeting = f"{HOUSE.name}, good to hear you. What would you like?"
    state = [Cart, Guest]
    tools = [
        look_up_menu,
        add_item,
        change_item,
        remove_item,
        show_cart,
        clear_cart,
        checkout,
        reserve_table,
        opening_hours,
        end_call,
    ]
    handoffs = [
        Handoff("triage", when="the caller wants anything but food, drinks, the menu or a table"),
        Handoff(
            "human",
            when="the caller asks for a person, complains, or wants to change a placed order",
        ),
    ]
    hints = {
        "add_item": [
            "two large margherita pizzas and a coke please",
            "i would like a large pepperoni",
            "can i get a small hawaiian",
            "a medium funghi please",
            "i'll have one four cheese pizza large",
            "add a garlic bread",
            "and a diet coke",
            "three bottles of sparkling water",
            "one more tiramisu",
            "also two orders of chicken wings",
            "give me a medium margherita with olives and extra cheese",
            "i'll take the caesar salad",
            "make that a large one please",
            "and a beer",
        ],
        "change_item": [
            "make the margherita a small one",
            "change the pepperoni to large",
            "make it three cokes",
            "make the coke two",
            "i want two of those instead of one",
            "put mushrooms on the margherita",
            "no olives on the pizza please",
            "change the coke to two",
        ],
        "remove_item": [
            "take off the coke",
            "remove the garlic bread",
            "no tiramisu after all",
            "i don't want the pepperoni any more",
            "take one margherita away",
            "cancel the salad",
        ],
        "show_cart": [
            "what do i have so far",
            "can you repeat my order",
            "what is in my order",
            "how much is it",
            "what is the total",
        ],
        "clear_cart": ["start over", "cancel everything", "empty my order", "forget the whole order"],
        "checkout": [
            "that's all",
            "that is everything thank you",
            "i'm done",
            "place the order",
            "check out please",
            "i would like to pay at the counter",
            "send me a payment link",
            "the name is anna",
            "my name is anna smith",
            "it's for anna",
            "my phone number is 555 0123",
            "that's everything thank you",
            "yes place it under the name smith",
        ],
        "look_up_menu": [
            "what pizzas do you have",
            "what is on the menu",
            "what desserts do you have",
            "do you have anything to drink",
            "anything vegetarian",
            "what is on the capricciosa",
            "how much is a large diavola",
            "how much is the tiramisu",
            "which extras are there",
        ],
        "reserve_table": [
            "i'd like to book a table",
            "a table for two tonight at eight",
            "can i reserve for four people tomorrow at seven thirty",
            "do you have a table on friday at six",
            "book a table for saturday at 8 pm for five",
        ],
        "opening_hours": ["when do you open", "until when are you open", "where are you"],
        "end_call": ["goodbye", "bye bye", "thanks that was all goodbye"],
        "triage": ["something else", "i have another question", "back to the front desk", "not about food"],
        "human": [
            "can i talk to a person",
            "i want to talk to a person",
            "i have a complaint",
            "i want to speak to the manager",
            "i need to change an order i placed",
        ],
        "*": [
            "yes please",
            "yes that's right",
            "no thank you",
            "no thanks",
            "no",
            "small",
            "medium",
            "large",
            "one moment",
        ],
    }

    def instructions(self, context: InstructionContext) -> str:
        """The text above, and what is known already when the caller comes back or is handed over."""
        known = [INSTRUCTIONS]
        guest, cart = context.states.get("guest"), context.states.get("cart")
        if isinstance(guest, Guest) and guest.name:
            known.append(f"The caller's name is {guest.name}; do not ask for it again.")
        if isinstance(cart, Cart) and cart.order_number:
            known.append(f"The order is placed already, as {cart.order_number}: {cart.said()}.")
        elif isinstance(cart, Cart) and cart.lines:
            known.append(f"In the order so far: {cart.said()}.")
        if context.payload.get("wants") == "table":
            known.append("The caller wants a table.")
        return "\n".join(known)
