"""Who is calling: kept from agent to agent, so that nobody is asked twice."""

import re
from typing import Annotated

from pydantic import Field

from orchestrator import State, ToolError

Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ()/-]{4,18}$", description="With the area code.")]
Name = Annotated[str, Field(min_length=1, max_length=80)]

_CARD_NUMBER = re.compile(r"(?:\d[ -]?){12,18}\d")


class Guest(State):
    """What the caller told of themselves."""

    name: str | None = None
    phone: str | None = None

    def learn(self, name: str | None, phone: str | None) -> None:
        """Keep what is new."""
        refuse_card_numbers(name)
        self.name = name or self.name
        self.phone = phone or self.phone

    def require_name(self, question: str) -> str:
        """The name; when it is not known, the model is told to ask."""
        if self.name is None:
            raise ToolError(question)
        return self.name


def refuse_card_numbers(*texts: str | None) -> None:
    """Keep payment data out of everything that is stored."""
    if any(text and _CARD_NUMBER.search(text) for text in texts):
        raise ToolError("That holds a card number. Never take one: payment is at the counter or by a link.")
