"""The conversation machine: events in, commands out. It does no I/O, reads no clock and makes no id.

    machine = Conversation(definition, history, abilities=…, new_id=…)
    machine.feed(event, at)          # never awaits
    for command in machine.commands():
        …                            # the driver executes them in order
    machine.deadline                 # feed `TimePassed` then, should nothing happen before

Everything a conversation is can be folded from what its `Persist` commands stored.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from orchestrator.core import (
    callers,
    editing,
    hearing,
    idling,
    inputs,
    joining,
    operators,
    outputs,
    playback,
    progress,
    refusals,
    replies,
    speaking,
    switching,
    timekeeping,
    tool_round,
)
from orchestrator.core import engine_events as engine
from orchestrator.core import events as happened
from orchestrator.core.commands import Command
from orchestrator.core.configuration import EngineAbilities, Wishes, effective_session
from orchestrator.core.context import Context, Timing
from orchestrator.core.definition import AgentSpec, Definition
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import CallRow, History
from orchestrator.core.session import Session
from orchestrator.core.timeline import Durable, Timeline
from orchestrator.core.tool_calls import ToolCall
from orchestrator.core.transitions import Authority, Turn

EventT = TypeVar("EventT")
EngineHandler = Callable[[Context, Session, EventT], None]


class Conversation:
    """One conversation, live.

    Args:
        definition: All agents; may be replaced, then feed `DefinitionChanged`.
        history: What is stored; empty for a new conversation.
        abilities: What the engine of an agent can do.
        new_id: Makes an id that begins with the given word.
        session_id: What clients know their session by.
        wishes: What the client that is about to join wants.
        timing: How long to wait for what.
    """

    def __init__(
        self,
        definition: Definition,
        history: History,
        *,
        abilities: Callable[[AgentSpec], EngineAbilities],
        new_id: Callable[[str], str],
        session_id: str = "",
        wishes: Wishes | None = None,
        timing: Timing | None = None,
    ) -> None:
        timeline = Timeline(history)
        self._context = Context(
            definition=definition,
            timeline=timeline,
            abilities=abilities,
            new_id=new_id,
            timing=timing or Timing(),
            epoch=history.epoch,
            session_id=session_id or history.conversation_id.replace("conv_", "sess_", 1),
            wishes=wishes or Wishes(),
            tool_attempts=dict(history.tool_attempts),
            item_ids={item.id for item in history.items},
            tool_call_ids={item.tool_call_id for item in history.items if item.tool_call_id},
        )

    # --- in and out ---

    def feed(self, event: happened.Event, at: float) -> None:
        """Take an event in.

        Args:
            event: What happened.
            at: When, in seconds since the Unix epoch; never before the time of the event fed last.
        """
        context = self._context
        context.now = max(at, context.now)
        _dispatch(context, event)
        progress.advance(context)
        while (timer := timekeeping.next_due(context)) is not None:
            timekeeping.fire(context, timer)
            progress.advance(context)

    def commands(self) -> list[Command]:
        """Take the commands out, in the order in which they are to be executed."""
        commands, self._context.commands = self._context.commands, []
        return commands

    @property
    def deadline(self) -> float | None:
        """When to feed `TimePassed`, in seconds since the Unix epoch; None when nothing is waited for."""
        return min(self._context.timers.values(), default=None)

    # --- questions ---

    @property
    def durable(self) -> Durable:
        """What folding the stored conversation gives, once everything is stored."""
        return self._context.timeline.durable()

    @property
    def agent(self) -> str:
        """Name of the agent on duty."""
        return self._context.timeline.agent

    @property
    def turn(self) -> Turn:
        """Whose turn it is."""
        return self._context.turn

    @property
    def authority(self) -> Authority:
        """Who may speak for the service."""
        return self._context.authority

    @property
    def definition(self) -> Definition:
        """All agents; settable."""
        return self._context.definition

    @definition.setter
    def definition(self, definition: Definition) -> None:
        self._context.definition = definition

    @property
    def wishes(self) -> Wishes:
        """What the client asked for; settable before it joins."""
        return self._context.wishes

    @wishes.setter
    def wishes(self, wishes: Wishes) -> None:
        self._context.wishes = wishes

    @property
    def finished(self) -> bool:
        """Whether the driver may let go: nobody is connected and nothing is in progress."""
        context = self._context
        calls = context.round.calls.values() if context.round else ()
        waiting = any(call.stage in {"running", "settling"} for call in calls)
        return context.call is None and not context.sessions and not waiting

    @property
    def call(self) -> CallRow | None:
        """The client connection that has the line."""
        return self._context.call

    @property
    def switching(self) -> bool:
        """Whether a session is being opened that is to take over."""
        return self._context.switch is not None

    @property
    def approvals(self) -> tuple[ToolCall, ...]:
        """The tool calls that wait for an operator's approval."""
        calls = self._context.round.calls.values() if self._context.round else ()
        return tuple(call for call in calls if call.stage == "approval")

    def item(self, item_id: str) -> Item | None:
        """A visible item of the conversation."""
        item = self._context.timeline.get(item_id)
        return item if item is not None and self._context.visible(item) else None

    @property
    def session(self) -> JsonObject:
        """The effective session object, as the client is told it."""
        return effective_session(self._context)

    def state(self, name: str) -> JsonObject:
        """Present value of a state."""
        return self._context.state(name)


def _dispatch(context: Context, event: happened.Event) -> None:
    if (handle := _FROM_ELSEWHERE.get(type(event))) is not None:
        if context.call is not None or type(event) in _WITHOUT_CALL:
            handle(context, event)
        return
    session = context.sessions.get(event.epoch)  # type: ignore[union-attr]
    if session is None:
        return
    session.touched_at = context.now
    handler, heeded = _FROM_ENGINE[type(event)]
    if heeded is ANY or session.epoch == context.on_duty:
        handler(context, session, event)


def _ready(context: Context, session: Session, event: engine.SessionReady) -> None:
    switching.ready(context, session, event.expires_at)


def _updated(context: Context, session: Session, event: engine.SessionUpdated) -> None:
    """The engine confirmed the oldest change of configuration that waits for it."""
    del context, event
    if session.updates:
        del session.updates[next(iter(session.updates))]


def _failed(context: Context, session: Session, event: engine.SessionFailed) -> None:
    switching.session_failed(context, session, event.code, event.message, retryable=event.retryable)


def _nothing(context: Context, *event: object) -> None:
    """What the conversation took for granted came true, or time passed."""


def _progressed(context: Context, event: happened.ToolProgressed) -> None:
    speaking.say_meanwhile(context, event.tool_call_id, event.text)


_WITHOUT_CALL: Final[frozenset[type]] = frozenset(
    {
        happened.CallJoined,
        happened.Played,
        happened.Settled,
        happened.SoundBegan,
        happened.Spoken,
        happened.TimePassed,
        happened.ToolReturned,
    }
)

_FROM_ELSEWHERE: Final[dict[type, Callable[..., None]]] = {
    happened.CallJoined: joining.joined,
    happened.CallMoved: joining.moved,
    happened.CallLeft: callers.left,
    happened.CallerUpdated: callers.updated,
    happened.CallerItem: editing.wrote_item,
    happened.CallerDeletedItem: editing.deleted_item,
    happened.CallerTruncatedItem: playback.truncated_item,
    happened.CallerAskedResponse: callers.asked_response,
    happened.CallerCancelled: callers.cancelled,
    happened.CallerCommittedAudio: callers.committed_audio,
    happened.CallerClearedAudio: callers.cleared_audio,
    happened.KeyPressed: callers.key_pressed,
    happened.SpeechBegan: hearing.speech_began,
    happened.SpeechEnded: hearing.speech_ended,
    happened.Understood: hearing.understood,
    happened.Played: playback.played,
    happened.AllPlayed: idling.all_played,
    happened.ToolReturned: tool_round.returned,
    happened.ToolProgressed: _progressed,
    happened.Settled: tool_round.settled,
    happened.ToolApproved: operators.approved,
    happened.SoundBegan: speaking.sound_began,
    happened.Spoken: speaking.spoken,
    happened.OperatorSaid: operators.said,
    happened.OperatorInjected: operators.injected,
    happened.OperatorHandedOff: operators.handed_off,
    happened.OperatorReconnected: operators.reconnected,
    happened.OperatorEnded: operators.ended,
    happened.DefinitionChanged: operators.definition_changed,
    happened.TimePassed: _nothing,
}

ON_DUTY: Final = "on duty"
ANY: Final = "any"

_FROM_ENGINE: Final[dict[type, tuple[Callable[..., None], str]]] = {
    # Beside each handler: which sessions it heeds, the one on duty or any that is not closed.
    engine.SessionReady: (_ready, ANY),
    engine.SessionUpdated: (_updated, ANY),
    engine.SessionFailed: (_failed, ANY),
    engine.EngineRefused: (refusals.engine_refused, ANY),
    engine.SpeechStarted: (inputs.speech_started, ON_DUTY),
    engine.SpeechStopped: (inputs.speech_stopped, ON_DUTY),
    engine.AudioCommitted: (inputs.audio_committed, ON_DUTY),
    engine.AudioCleared: (inputs.audio_cleared, ON_DUTY),
    engine.IdleTimeout: (inputs.idle_timeout, ON_DUTY),
    engine.EngineItemAdded: (inputs.item_added, ANY),
    engine.EngineItemDone: (inputs.item_done, ANY),
    engine.EngineItemDeleted: (_nothing, ANY),
    engine.EngineItemTruncated: (_nothing, ANY),
    engine.TranscriptDelta: (inputs.transcript_delta, ANY),
    engine.TranscriptDone: (inputs.transcript_done, ANY),
    engine.TranscriptFailed: (inputs.transcript_failed, ANY),
    # A session that drains may still answer out of band; the handlers see to it.
    engine.ResponseStarted: (replies.response_started, ANY),
    engine.OutputItemAdded: (outputs.item_added, ANY),
    engine.PartAdded: (outputs.part_added, ANY),
    engine.OutputDelta: (outputs.delta, ANY),
    engine.AudioStarted: (outputs.audio_started, ANY),
    engine.PartDone: (outputs.part_done, ANY),
    engine.OutputItemDone: (outputs.item_done, ANY),
    engine.ResponseDone: (replies.response_done, ANY),
}
