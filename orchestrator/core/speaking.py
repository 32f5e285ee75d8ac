"""Words that no engine speaks: they go to the text-to-speech, piece by piece, in the agent's voice."""

from typing import TYPE_CHECKING

from orchestrator.core.commands import SpeakText
from orchestrator.core.configuration import speaks_text
from orchestrator.core.items import Item

if TYPE_CHECKING:
    from orchestrator.core.context import Context
    from orchestrator.core.session import Session


def speak(ctx: "Context", session: "Session", item_id: str, text: str) -> None:
    """Speak a piece of what an engine wrote, unless the caller speaks by now."""
    if text and not (session.response is not None and session.response.hushed):
        session.voiced.add(item_id)
        ctx.do(SpeakText(item_id, text, session.config.voice, final=False))


def finish(ctx: "Context", session: "Session", item_id: str) -> None:
    """No further text of an item will come."""
    if item_id in session.voiced:
        session.voiced.discard(item_id)
        ctx.do(SpeakText(item_id, "", session.config.voice, final=True))


def speak_whole(ctx: "Context", item: Item) -> None:
    """Speak a message that no model made."""
    if speaks_text(ctx, ctx.agent):
        ctx.do(SpeakText(item.id, item.text, ctx.agent.voice, final=True))
