"""Our hearing for engines that find no turns or hear nothing: we decide when the caller starts and stops.

An engine that hears is let hear each turn as it goes on; at its end the sound is committed and a response
asked for. For an engine that only reads, the words are written down here and become an item of the caller's.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orchestrator.core import arbiter, holding, inputs
from orchestrator.core.commands import (
    ClearAudio,
    CommitAudio,
    EndUtterance,
    ForgetSpeech,
    LetHear,
    OwnHearing,
    WriteDown,
)
from orchestrator.core.events import SpeechBegan, SpeechEnded, Understood
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import (
    AudioClearedNotice,
    SpeechNotice,
    TranscriptNotice,
)
from orchestrator.core.projection import share
from orchestrator.core.session import Request, Session

if TYPE_CHECKING:
    from orchestrator.core.context import Context

TURN: Final = "turn"
"""Begins the names of commits that are ours and not the client's."""

UNINTELLIGIBLE: Final = "[unintelligible]"
"""Stands for words that could not be written down, so that the agent can ask again."""


@dataclass(slots=True)
class Utterance:
    """What the caller says in one turn, as our own hearing has it.

    Attributes:
        id: Of the item that it will be.
        began_ms, ended_ms: Where it is in the caller's sound; None while it goes on.
        ended_at: When it was over, in seconds since the Unix epoch.
        by_hand: The client ended it, and will ask for the response itself.
        held: It sounds over a reply, and may be none: nobody is told of it yet.
    """

    id: str
    began_ms: int = 0
    ended_ms: int | None = None
    ended_at: float | None = None
    by_hand: bool = False
    held: bool = False


def of(ctx: "Context") -> OwnHearing | None:
    """How we listen now; None where the engine does."""
    session = listener(ctx)
    return None if session is None else session.config.hearing


def listener(ctx: "Context") -> Session | None:
    """The session that hears the caller: the one on duty, while there is none the one that is to be."""
    if ctx.session is not None:
        return ctx.session
    return None if ctx.switch is None else ctx.sessions[ctx.switch.epoch]


# --- turns ------------------------------------------------------------------------------------------------


def speech_began(ctx: "Context", event: SpeechBegan) -> None:
    """The caller begins to speak."""
    own = of(ctx)
    if own is None or ctx.utterance is not None:
        return
    # What an engine heard the beginning of goes on under its name, after a switch to one that we hear for.
    before = ctx.hearing if ctx.hearing not in ctx.unwritten else None
    utterance = ctx.utterance = Utterance(before or ctx.new_id("item"), event.at_ms)
    ctx.item_ids.add(utterance.id)
    if before is None:
        ctx.sounds.caller_began(ctx.now if event.at is None else event.at)
    ctx.hearing = utterance.id
    ctx.set_timer("speech", ctx.timing.speech)
    over_reply = event.sounding or arbiter.turn_is_taken(ctx)
    if before is None and over_reply and own.holds is not None and _interrupts(own):
        holding.hold(ctx, utterance, own)
        return
    if own.writes:
        ctx.do(WriteDown(utterance.id))
    _take_up(ctx, utterance, own, told=before is not None)


def _take_up(ctx: "Context", utterance: Utterance, own: OwnHearing, *, told: bool = False) -> None:
    """The caller says something: the engine hears it, the reply stops, and the client is told."""
    utterance.held, ctx.awaits_caller = False, False
    if not own.writes:
        ctx.do(LetHear())
    if _interrupts(own):
        _interrupt(ctx)
    if not told:
        ctx.tell(SpeechNotice("started", utterance.id, utterance.began_ms))
    if utterance.ended_ms is not None:
        _tell_end(ctx, utterance, utterance.ended_ms)


def _tell_end(ctx: "Context", utterance: Utterance, ended_ms: int) -> None:
    inputs.new_turn(ctx, utterance.ended_at)
    ctx.tell(SpeechNotice("stopped", utterance.id, ended_ms))


def _interrupts(own: OwnHearing) -> bool:
    return bool(own.detection.get("interrupt_response", True))


def _interrupt(ctx: "Context") -> None:
    """Stop the reply: an engine that finds no turns does not do so by itself."""
    session = ctx.session
    inputs.interrupt(ctx, session)
    holding.release(ctx)
    if session is None:
        return
    if session.response is not None:
        session.response.cut = True
        arbiter.cancel(ctx, session)
    elif session.requested is not None and not session.unwanted:
        session.unwanted = True
        if ctx.reply is not None:
            ctx.reply.status, ctx.reply.details = "cancelled", dict(inputs.TURN_DETECTED)


def speech_ended(ctx: "Context", event: SpeechEnded) -> None:
    """The caller stops."""
    utterance, ctx.utterance = ctx.utterance, None
    if utterance is None:
        return
    own, utterance.ended_ms = of(ctx), event.at_ms
    utterance.ended_at = ctx.now if event.at is None else event.at
    ctx.sounds.caller_stopped(utterance.id, utterance.ended_at)
    if utterance.held and own is not None:
        _await_words(ctx, utterance)
        holding.wait(ctx, own)
        return
    _tell_end(ctx, utterance, event.at_ms)
    _end(ctx, utterance)


def held_long(ctx: "Context") -> None:
    """The reply was held back for long enough: who still speaks interrupts, and words that are late may."""
    own, utterance = of(ctx), ctx.utterance
    if own is not None and utterance is not None and utterance.held:
        _take_up(ctx, utterance, own)
    else:
        holding.release(ctx)


def _await_words(ctx: "Context", utterance: Utterance) -> None:
    ctx.unwritten[utterance.id] = utterance
    ctx.set_timer(f"words:{utterance.id}", ctx.timing.words)
    ctx.do(EndUtterance(utterance.id))


def _end(ctx: "Context", utterance: Utterance, event_id: str = "") -> None:
    """Make an item of a turn that is over: at the engine, or of its words."""
    own = of(ctx)
    if own is not None and own.writes:
        _await_words(ctx, utterance)
        return
    _fall_silent(ctx, utterance)
    ctx.committing.append(utterance.id)
    _commit(ctx, event_id or f"{TURN}:{utterance.id}")
    _answer(ctx, utterance)


def _commit(ctx: "Context", event_id: str) -> None:
    """Have the engine make an item of what it heard; where there is none now, the next one does."""
    session = listener(ctx)
    if session is None:
        ctx.commit_waits = True
    else:
        ctx.do(CommitAudio(session.epoch, event_id))


def _answer(ctx: "Context", utterance: Utterance) -> None:
    own = of(ctx)
    wanted = own is None or own.detection.get("create_response", True)
    if wanted and not utterance.by_hand:
        arbiter.want(ctx, Request(asked_at=ctx.now))


def _fall_silent(ctx: "Context", utterance: Utterance) -> None:
    if ctx.hearing == utterance.id:
        inputs.silent(ctx)


def reconfigured(ctx: "Context") -> None:
    """The session is set up anew: where nobody listens here any more, the end of a turn will not come."""
    if ctx.utterance is not None and of(ctx) is None:
        ctx.utterance = None
        inputs.silent(ctx)
        holding.release(ctx)


# --- words ------------------------------------------------------------------------------------------------


def understood(ctx: "Context", event: Understood) -> None:
    """What the caller said is written down: it becomes an item, and is answered."""
    utterance = ctx.unwritten.get(event.item_id)
    if utterance is None or not event.final:
        return
    del ctx.unwritten[utterance.id]
    ctx.clear_timer(f"words:{utterance.id}")
    own = of(ctx)
    if utterance.held:
        if own is None or not (holding.is_long(utterance, own) or holding.are_words(own, event)):
            _dismiss(ctx, utterance)
            return
        _take_up(ctx, utterance, own)
        if not own.writes:
            _end(ctx, utterance)
            return
    _fall_silent(ctx, utterance)
    text = event.text.strip() or (UNINTELLIGIBLE if event.error else "")
    if not text and not utterance.by_hand:
        # A sound that was none of a voice's: nobody said anything.
        ctx.sounds.spoken.pop(utterance.id, None)
        ctx.tell(AudioClearedNotice())
        return
    _write(ctx, utterance, text, event.error)
    _answer(ctx, utterance)


def _dismiss(ctx: "Context", utterance: Utterance) -> None:
    """It was no words: nobody is told, and the reply goes on."""
    _fall_silent(ctx, utterance)
    ctx.sounds.spoken.pop(utterance.id, None)
    if ctx.utterance is None:
        ctx.do(ForgetSpeech())
    holding.let_go_on(ctx)


def _write(ctx: "Context", utterance: Utterance, text: str, error: str | None) -> None:
    data: JsonObject = {"transcript_error": error} if error else {}
    part = Part(kind="audio", text=text)
    spoken = Item(id=utterance.id, kind="message", role="user", content=(part,), origin="caller", data=data)
    item = ctx.put(ctx.sounds.of_caller(ctx.stamp(spoken)))
    inputs.tell_made(ctx, item)
    if error:
        ctx.tell(TranscriptNotice("failed", item.id, 0, "What was said could not be written down.", error))
    else:
        ctx.tell(TranscriptNotice("done", item.id, 0, text))
    share(ctx, item)


def give_up_words(ctx: "Context", item_id: str) -> None:
    """Nobody says what the caller said."""
    understood(ctx, Understood(item_id, "", error="timed_out"))


# --- by hand ----------------------------------------------------------------------------------------------


def committed(ctx: "Context", event_id: str | None) -> None:
    """The client ends the turn by hand."""
    own, name = of(ctx), f"commit:{event_id or ''}"
    if own is None:
        _commit(ctx, name)
        return
    utterance, ctx.utterance = ctx.utterance, None
    if utterance is None:
        utterance = Utterance(ctx.new_id("item"))
        if own.writes:
            ctx.do(WriteDown(utterance.id))
        else:
            ctx.do(LetHear())
    utterance.by_hand = True
    if utterance.held:
        _take_up(ctx, utterance, own)
    inputs.new_turn(ctx)
    ctx.sounds.caller_stopped(utterance.id, ctx.now)
    ctx.hearing = utterance.id
    _end(ctx, utterance, name)


def cleared(ctx: "Context", event_id: str | None) -> None:
    """The client discards what the caller said."""
    ctx.commit_waits = False
    own = of(ctx)
    if own is not None:
        ctx.utterance = None
        inputs.silent(ctx)
        ctx.do(ForgetSpeech())
        holding.let_go_on(ctx)
        if own.writes:
            ctx.tell(AudioClearedNotice())
            return
    session = listener(ctx)
    if session is not None:
        ctx.do(ClearAudio(session.epoch, f"clear:{event_id or ''}"))
