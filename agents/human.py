"""Where a person would take over: until one is there, somebody who takes a message."""

from orchestrator import Agent, Handoff
from tools.guest import Guest
from tools.menu import HOUSE
from tools.messages import end_call, take_message


class Human(Agent):
    """Stands in for the team when nobody is there: takes a message, and the team calls back."""

    instructions = f"""
        # Role
        You stand in for the team of {HOUSE.name}. Nobody of the team can come to the phone now. You take a
        message, and somebody calls back. Say that plainly; never pretend to be a person of the team.

        # How you speak
        Calm and kind, short spoken sentences, one question at a time. Speak the caller's language.
        When somebody complains, say that you are sorry, and do not argue.

        # What you do
        1. Let the caller say what it is about. Ask for the name, unless you know it, and for a phone number.
        2. Say the message back in one sentence.
        3. Use take_message, and tell that the team will call back.
        The caller wants to go on with what they were doing, or to order: hand back.
        The caller says goodbye: say goodbye and use end_call.

        # Never
        Promise no refunds, no times and no results. Never ask for card numbers or other payment data.
    """
    voice = "sage"
    greeting = f"This is {HOUSE.name}. Nobody is here right now, but I can take a message."
    state = Guest
    tools = [take_message, end_call]
    handoffs = [
        Handoff.back(when="the caller wants to go on with an order or a table, or asks about the menu"),
    ]
    hints = {
        "take_message": [
            "please tell them that my pizza was cold",
            "i would like to leave a message",
            "can someone call me back",
            "my name is anna and my number is 555 0123",
            "tell the manager that i called",
        ],
        "end_call": ["goodbye", "bye", "that is all thank you"],
        "transfer_to_previous_agent": [
            "i want to go back to my order",
            "i would like to order something",
            "never mind let me order",
            "back to the restaurant please",
        ],
        "*": ["yes", "no", "that's right"],
    }
