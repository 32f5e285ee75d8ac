"""Words that no engine speaks: said in replies of our own, or piece by piece by the text-to-speech."""

from typing import TYPE_CHECKING

from orchestrator.core import reply, tool_round
from orchestrator.core.commands import SpeakText
from orchestrator.core.configuration import speaks_text
from orchestrator.core.items import Item, Origin, Part
from orchestrator.core.projection import share
from orchestrator.core.records import Modality
from orchestrator.core.reply import OpenReply

if TYPE_CHECKING:
    from orchestrator.core.context import Context
    from orchestrator.core.session import Session

# --- for an engine that writes ----------------------------------------------------------------------------


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


# --- of our own -------------------------------------------------------------------------------------------


def say(ctx: "Context", text: str, origin: Origin) -> None:
    """Have the agent say words that no model made, in a reply of their own."""
    modality: Modality = "audio" if speaks_text(ctx, ctx.agent) else "text"
    open_reply = reply.begin(ctx, OpenReply(ctx.new_id("resp"), modality))
    share(ctx, add_words(ctx, open_reply, text, origin))
    reply.end(ctx, open_reply, "completed")


def add_words(
    ctx: "Context", open_reply: OpenReply, text: str, origin: Origin, *, filler: bool = False
) -> Item:
    """Put a message of our own into a reply; a filler is heard, and no part of what engines are told."""
    spoken = speaks_text(ctx, ctx.agent)
    item = Item(
        id=ctx.new_id("item"),
        kind="message",
        role="assistant",
        content=(Part(kind="audio" if spoken else "text", text=text),),
        origin=origin,
        data={"filler": True} if filler else {},
    )
    item = ctx.put(ctx.stamp(item))
    if spoken:
        ctx.do(SpeakText(item.id, item.text, ctx.agent.voice, final=True))
    reply.end_item(ctx, open_reply, item)
    return item


def say_meanwhile(ctx: "Context", tool_call_id: str, words: str) -> None:
    """Have something said while a tool keeps the caller waiting."""
    call = tool_round.find(ctx, tool_call_id)
    waiting = call is not None and call.stage in {"running", "settling"}
    if waiting and ctx.reply is not None and ctx.hearing is None:
        add_words(ctx, ctx.reply, words, "service", filler=True)
