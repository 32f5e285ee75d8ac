"""Messages for people who are not there, and the end of a call."""

from typing import Annotated

from pydantic import Field

from orchestrator import ToolContext, tool
from tools.guest import Guest, Name, Phone, refuse_card_numbers


@tool
async def take_message(
    ctx: ToolContext,
    guest: Guest,
    message: Annotated[str, Field(min_length=1, max_length=1000)],
    name: Name | None = None,
    phone: Phone | None = None,
) -> dict[str, object]:
    """Write down a message for the team, who call back.

    Args:
        message: What the caller wants the team to know, in their words.
        name: Who is calling; ask when it is not known.
        phone: Where to call back; ask for it, a caller may leave it out.
    """
    refuse_card_numbers(message)
    guest.learn(name, phone)
    caller = guest.require_name("Who is calling?")
    ctx.record("message", {"name": caller, "phone": guest.phone, "message": message})
    back = f" The team will call {guest.phone} back." if guest.phone else ""
    return {"said": f"The message of {caller} is written down.{back}"}


@tool
async def end_call(
    ctx: ToolContext, reason: Annotated[str, Field(max_length=200)] = "the caller said goodbye"
) -> dict[str, object]:
    """Hang up after a last short sentence. Only when the caller said goodbye or wants nothing more.

    Args:
        reason: Why the call ends, in a few words.
    """
    ctx.end(reason)
    return {"said": "Goodbye."}
