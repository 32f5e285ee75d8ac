"""Words that no engine speaks: said in replies of our own, or piece by piece by the text-to-speech.

A reply is not over, to the client, before the last of its sound is made: `Spoken` says when that is.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.core import playback, reply, tool_round
from orchestrator.core.commands import SpeakText, StopSpeaking
from orchestrator.core.configuration import pace, speaks_text
from orchestrator.core.events import SoundBegan, Spoken
from orchestrator.core.items import Item, Origin, Part
from orchestrator.core.notices import OWN_VOICE, AudioRouteNotice
from orchestrator.core.projection import share
from orchestrator.core.records import Modality
from orchestrator.core.reply import OpenReply

if TYPE_CHECKING:
    from orchestrator.core.context import Context
    from orchestrator.core.definition import AgentSpec
    from orchestrator.core.session import Session

# --- for an engine that writes ----------------------------------------------------------------------------


def speak(ctx: "Context", session: "Session", open_reply: OpenReply, item_id: str, text: str) -> None:
    """Speak a piece of what an engine wrote, unless the caller speaks by now."""
    if not text or (session.response is not None and session.response.hushed):
        return
    if item_id not in session.voiced:
        session.voiced.add(item_id)
        if session.response is not None and session.response.voiced is None:
            session.response.voiced = item_id
        _give_voice(ctx, open_reply, item_id)
    _say(ctx, _speaker(ctx, session), item_id, text)


def finish(ctx: "Context", session: "Session", item_id: str) -> None:
    """No further text of an item will come."""
    if item_id in session.voiced:
        session.voiced.discard(item_id)
        _say(ctx, _speaker(ctx, session), item_id, "", final=True)


def _speaker(ctx: "Context", session: "Session") -> "AgentSpec":
    return ctx.definition.agent(session.config.agent)


def _say(ctx: "Context", speaker: "AgentSpec", item_id: str, text: str, *, final: bool = False) -> None:
    ctx.do(SpeakText(item_id, text, speaker.voice, final, speaker.tts, pace(ctx.wishes)))
    if final and ctx.reply is not None and item_id in ctx.reply.voicing:
        ctx.set_timer(f"voice:{item_id}", ctx.timing.voice)


def _give_voice(ctx: "Context", open_reply: OpenReply, item_id: str) -> None:
    """Let an item's end wait for its sound, and tell the driver under which names to forward that."""
    open_reply.voicing.add(item_id)
    index = open_reply.places[item_id]
    ctx.tell(AudioRouteNotice(OWN_VOICE, item_id, open_reply.id, item_id, index))


# --- the sound of it --------------------------------------------------------------------------------------


def sound_began(ctx: "Context", event: SoundBegan) -> None:
    """The caller begins to hear an item: of what is spoken for an engine, that is the first audio."""
    for session in ctx.sessions.values():
        inference = session.response
        if inference is not None and inference.voiced == event.item_id:
            inference.row = replace(inference.row, first_audio_at=ctx.now)
    if ctx.reply is not None and (row := ctx.reply.unsounded.pop(event.item_id, None)) is not None:
        ctx.keep(replace(row, first_audio_at=ctx.now))


def spoken(ctx: "Context", event: Spoken) -> None:
    """All the sound of an item is made that will be; what there is none of is not remembered as heard."""
    playback.spoken(ctx, event)
    _sound_is_made(ctx, event.item_id)


def _sound_is_made(ctx: "Context", item_id: str) -> None:
    ctx.clear_timer(f"voice:{item_id}")
    if ctx.reply is not None:
        reply.release(ctx, ctx.reply, item_id)


def give_up(ctx: "Context", item_id: str) -> None:
    """The sound of an item does not come: its text was told, and the reply goes on."""
    ctx.do(StopSpeaking())
    _sound_is_made(ctx, item_id)


def stop(ctx: "Context") -> None:
    """Nobody wants to hear the rest of the reply."""
    if ctx.reply is None or not ctx.reply.voicing:
        return
    ctx.do(StopSpeaking())
    for item_id in ctx.reply.voicing:
        ctx.clear_timer(f"voice:{item_id}")


# --- of our own -------------------------------------------------------------------------------------------


def say(ctx: "Context", text: str, origin: Origin) -> None:
    """Have the agent say words that no model made, in a reply of their own."""
    modality: Modality = "audio" if speaks_text(ctx, ctx.agent) else "text"
    ctx.reply = reply.begin(ctx, OpenReply(ctx.new_id("resp"), modality, own_words=True))
    share(ctx, add_words(ctx, ctx.reply, text, origin))


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
    reply.start_item(ctx, open_reply, item)
    if spoken:
        reply.start_part(ctx, open_reply, item.id, 0, "audio")
        _give_voice(ctx, open_reply, item.id)
        _say(ctx, ctx.agent, item.id, item.text, final=True)
    reply.end_item(ctx, open_reply, item)
    return item


def say_meanwhile(ctx: "Context", tool_call_id: str, words: str) -> None:
    """Have something said while a tool keeps the caller waiting."""
    call = tool_round.find(ctx, tool_call_id)
    waiting = call is not None and call.stage in {"running", "settling"}
    if waiting and ctx.reply is not None and ctx.hearing is None:
        add_words(ctx, ctx.reply, words, "service", filler=True)
