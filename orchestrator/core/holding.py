"""A sound that the caller makes over a reply: that is held back until it is known whether it was words.

It takes our own hearing, since an engine that finds the turns stops the reply by itself at the first sound.
"""

import re
from typing import TYPE_CHECKING, Final

from orchestrator.core.commands import OwnHearing, PausePlayback, ResumePlayback, WriteDown
from orchestrator.core.events import Understood
from orchestrator.core.notices import HeldNotice

if TYPE_CHECKING:
    from orchestrator.core.context import Context
    from orchestrator.core.hearing import Utterance

SURE: Final = 0.7
"""Confidence from which on words count; a recogniser makes words of a cough as well, and doubts them."""

_WORD: Final = re.compile(r"\w+(?:[-'\u2019]\w+)*")


def hold(ctx: "Context", utterance: "Utterance", own: OwnHearing) -> None:
    """Hold the reply back, and have what the caller says written down."""
    utterance.held = True
    if not ctx.paused:
        ctx.paused = True
        ctx.do(PausePlayback())
        ctx.tell(HeldNotice("paused"))
    ctx.do(WriteDown(utterance.id))
    wait(ctx, own)


def wait(ctx: "Context", own: OwnHearing) -> None:
    """Hold the reply back for no longer than that from now on."""
    if own.holds is not None:
        ctx.set_timer("held", own.holds)


def let_go_on(ctx: "Context") -> None:
    """The reply goes on where it stopped, unless another sound holds it back."""
    others = [ctx.utterance, *ctx.unwritten.values()]
    if ctx.paused and not any(other is not None and other.held for other in others):
        release(ctx)


def release(ctx: "Context") -> None:
    """Nothing holds the reply back."""
    ctx.clear_timer("held")
    if ctx.paused:
        ctx.paused = False
        ctx.do(ResumePlayback())
        ctx.tell(HeldNotice("resumed"))


def is_long(utterance: "Utterance", own: OwnHearing) -> bool:
    """Whether somebody spoke for too long to mean nothing, padding and the silence at the end left out."""
    around = [own.detection.get(name) for name in ("prefix_padding_ms", "silence_duration_ms")]
    if utterance.ended_ms is None or own.holds is None or not all(isinstance(each, int) for each in around):
        return False
    silent = sum(each for each in around if isinstance(each, int))
    return utterance.ended_ms - utterance.began_ms - silent > own.holds * 1000


def are_words(own: OwnHearing, event: Understood) -> bool:
    """Whether the caller said something; a recogniser that failed leaves that open, so it may well be."""
    if event.error is not None:
        return True
    sure = event.confidence is None or event.confidence >= SURE
    known = {sound.casefold() for sound in own.sounds}
    return sure and any(word.casefold() not in known for word in _WORD.findall(event.text))
