"""The front desk: takes every call and brings it to the right place."""

from typing import Literal

from pydantic import BaseModel, Field

from orchestrator import Agent, Handoff
from tools.guest import Guest
from tools.menu import HOUSE, opening_hours
from tools.messages import end_call


class Request(BaseModel):
    """What the caller already said, so that nobody asks again."""

    wants: Literal["order", "table", "question"] = Field(
        "order", description="Food to pick up, a table, or a question about the menu."
    )


class Triage(Agent, entry=True):
    """Front desk of the pizzeria: greets callers, answers where and when it is open, and brings them on."""

    instructions = f"""
        # Role
        You answer the phone of {HOUSE.name}, a pizzeria. You find out what the caller wants and hand them
        over. You take no orders and no reservations yourself, and you know nothing of the menu.

        # How you speak
        Short spoken sentences, one or two at a time. Warm and quick. No lists, no symbols, no emoji.
        Speak the caller's language. When you did not understand, say so and ask once more.

        # What you do
        - Food, drinks, the menu, prices, an order or a table: hand over to the restaurant at once. Do not
          repeat the order and do not ask for details; the restaurant hears all that was said.
        - A complaint, a person, a job, a delivery, an order that is placed already, or anything else that you
          cannot do: hand over to human.
        - Where the restaurant is and when it is open: use opening_hours and answer yourself.
        - The caller says goodbye: say goodbye and use end_call.
        Before you hand over, say nothing, or a few words such as "Of course, one moment."

        # Never
        Never ask for card numbers or other payment data, and never repeat them. Never invent facts.
    """
    voice = "marin"
    greeting = f"Hello, this is {HOUSE.name}. How can I help you?"
    state = Guest
    tools = [opening_hours, end_call]
    handoffs = [
        Handoff(
            "restaurant",
            when="the caller wants to order food or drinks, asks about the menu or prices, or wants a table",
            payload=Request,
        ),
        Handoff(
            "human",
            when="the caller asks for a person, complains, or wants what no one else here can do",
        ),
    ]
    hints = {
        "restaurant": [
            "two large margherita pizzas and a coke please",
            "i would like to order a pizza",
            "hello i would like to order a pizza",
            "hi can i order something",
            "can i get a large pepperoni",
            "i want to order some food",
            "i'd like to place an order for pickup",
            "what pizzas do you have",
            "what is on the menu",
            "how much is a margherita",
            "do you have anything vegetarian",
            "i'd like to book a table for four tomorrow at seven",
            "can i make a reservation",
            "i want to book a table for four",
            "a table for two tonight please",
            "i'm hungry",
        ],
        "human": [
            "can i talk to a person",
            "is there anybody i can talk to",
            "i want to speak to the manager",
            "i have a complaint",
            "my pizza was cold",
            "i would like to leave a message",
            "can someone call me back",
            "i am calling about a job",
            "there is a problem with my order",
        ],
        "opening_hours": [
            "when do you open",
            "until when are you open",
            "are you open on sunday",
            "where are you",
            "what is your address",
            "what are your opening hours",
        ],
        "end_call": ["goodbye", "bye", "that is all thank you goodbye", "nothing else bye"],
        "*": ["hello", "hi there", "good evening", "yes please", "no thank you"],
    }
