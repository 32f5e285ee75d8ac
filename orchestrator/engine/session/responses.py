"""The responses of a session: one active in the conversation, others out of band (sections 6, 8.6 and 9)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import (
    BrainContext,
    BrainEvent,
    StoppedEarly,
    TextDelta,
    TokensUsed,
    ToolCallArguments,
    ToolCallStarted,
)
from orchestrator.engine.session.commands import Command, StartResponse, StopResponse
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.response_plan import ResponsePlan, plan_response
from orchestrator.engine.session.response_run import ResponseRun
from orchestrator.engine.session.tokens import Piece, Usage, prompt_pieces, prompt_usage
from orchestrator.engine.session.transcripts import Transcripts
from orchestrator.engine.session.truncation import fit, window_of
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value
from orchestrator.realtime.serving.validation import require_object
from orchestrator.speech.protocol import Speech

MOST_AT_ONCE: Final = 16
CONTEXT_TOKENS: Final = 128_000
REPLY_RESERVE: Final = 4_096
_REQUEST_LIMIT: Final = 10_000
_TOKEN_LIMIT: Final = 2_000_000


@dataclass(slots=True)
class _Active:
    """A response under way.

    Args:
        run: What is told of it.
        limit: Tokens that it may have.
        pieces: Its prompt.
        held: What starts it once the words of its prompt are known; None when it has started.
        counted: What the model says it used.
    """

    run: ResponseRun
    limit: int | None
    pieces: tuple[Piece, ...]
    held: StartResponse | None = None
    counted: TokensUsed | None = None


class Responses:
    """Creates responses, follows them and ends each exactly once.

    Args:
        conversation_id: The default conversation's id.
        configuration: The session's settings.
        items: The default conversation.
        transcripts: Words of the caller that are still to come.
        commands: What the connection must do, in order.
        emitter: Where events go.
        new_id: Makes ids from prefixes.

    Attributes:
        audio_was_produced: The session has spoken, so its voice is locked.
        ended: Called with the milliseconds of sound of each reply of the conversation that ended.
    """

    def __init__(
        self,
        conversation_id: str,
        configuration: Configuration,
        items: Items,
        transcripts: Transcripts,
        commands: list[Command],
        emitter: Emitter,
        new_id: NewId,
    ) -> None:
        self._conversation_id = conversation_id
        self._configuration = configuration
        self._items = items
        self._transcripts = transcripts
        self._commands = commands
        self._emitter = emitter
        self._new_id = new_id
        self._active: dict[str, _Active] = {}
        self._default: str | None = None
        self._previous_prompt: tuple[Piece, ...] = ()
        self._created = 0
        self.audio_was_produced = False
        self.ended: Callable[[float], None] = lambda _sound_ms: None
        transcripts.settled = self._start_held

    def create(self, event: JsonObject) -> None:
        """`response.create`."""
        request = require_object(event, "response") if event.get("response") is not None else {}
        plan = plan_response(
            request, self._configuration, self._items, audio_was_produced=self.audio_was_produced
        )
        if plan.in_conversation and self._default is not None:
            raise RefusedError(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {self._default}. "
                "Wait until the response is finished before creating a new one.",
            )
        self._start(plan)

    def create_by_turn(self) -> None:
        """Answer a turn of the caller's; a refusal is told as `error`, as the client's own would be."""
        try:
            self.create({})
        except RefusedError as refusal:
            self._emitter.emit("error", error=refusal.as_error(None))

    def interrupt(self) -> None:
        """The caller speaks: the active response of the conversation ends (section 8.5)."""
        if self._default is not None:
            self._end(self._default, "cancelled", {"type": "cancelled", "reason": "turn_detected"})

    @property
    def is_active(self) -> bool:
        """Whether a response of the conversation is under way."""
        return self._default is not None

    def cancel(self, event: JsonObject) -> None:
        """`response.cancel`: the named response, or the active one of the default conversation."""
        named = event.get("response_id")
        if named is not None and not isinstance(named, str):
            raise invalid_value("Invalid type for 'response_id': expected a string.", "response_id")
        target = named or self._default
        if target is None or target not in self._active:
            raise RefusedError("response_cancel_not_active", "Cancellation failed: no active response found.")
        self._end(target, "cancelled", {"type": "cancelled", "reason": "client_cancelled"})

    def feed(self, response_id: str, event: BrainEvent) -> None:
        """Apply what the brain said; ignored once the response has ended."""
        active = self._active.get(response_id)
        if active is None:
            return
        if isinstance(event, TextDelta):
            active.run.text(event.text)
        elif isinstance(event, ToolCallStarted):
            active.run.call_started(event.name, event.tool_call_id)
        elif isinstance(event, ToolCallArguments):
            active.run.call_arguments(event.text)
        elif isinstance(event, TokensUsed):
            active.counted = event
        elif isinstance(event, StoppedEarly):
            self._end(response_id, "incomplete", {"type": "incomplete", "reason": event.reason})
        if active.limit is not None and active.run.output_tokens > active.limit:
            self._end(response_id, "incomplete", {"type": "incomplete", "reason": "max_output_tokens"})

    def feed_speech(self, response_id: str, speech: Speech) -> None:
        """Apply what the voice made of a response's words; ignored once the response has ended."""
        active = self._active.get(response_id)
        if active is not None:
            active.run.sound(speech)
            self.audio_was_produced = self.audio_was_produced or active.run.sound_ms > 0

    def complete(self, response_id: str) -> None:
        """The brain is done, and the voice as well."""
        self._end(response_id, "completed", None)

    def fail(self, response_id: str, error: JsonObject) -> None:
        """The brain could not answer.

        Args:
            response_id: Which response.
            error: `type`, `code` and `message`.
        """
        self._end(response_id, "failed", {"type": "failed", "error": error})

    def fail_all(self, error: JsonObject) -> None:
        """The session ends: every response gets its `response.done` (section 14, rule 14)."""
        for response_id in list(self._active):
            self.fail(response_id, error)

    def _start(self, plan: ResponsePlan) -> None:
        response_id = self._new_id("resp")
        run = ResponseRun(
            response_id,
            self._conversation_id if plan.in_conversation else None,
            plan.shown,
            emitter=self._emitter,
            items=self._items,
            new_id=self._new_id,
            audio_format=plan.audio_format,
        )
        self._created += 1
        crowded = len(self._active) >= MOST_AT_ONCE
        context = _fitted(plan)
        asked = context or plan.context
        self._active[response_id] = _Active(run, plan.context.max_output_tokens, self._pieces(asked))
        if plan.in_conversation:
            self._default = response_id
        run.created()
        if crowded:
            self.fail(response_id, _error("rate_limit_exceeded", "rate_limit_exceeded", _TOO_MANY))
        elif context is None:
            self.fail(response_id, _error("invalid_request_error", "invalid_value", _TOO_LONG))
        else:
            self._active[response_id].held = StartResponse(response_id, context, plan.voice)
            self._start_held()

    def _start_held(self) -> None:
        """Start what waits no longer: the brain reads words, so those of the caller have to be known."""
        for active in self._active.values():
            held = active.held
            if held is None or any(
                self._transcripts.is_waiting(str(item.get("id"))) for item in held.context.items
            ):
                continue
            active.held = None
            items = tuple(self._items.newest(item) for item in held.context.items)
            context = replace(held.context, items=items, confidence=dict(self._transcripts.confidence))
            active.pieces = self._pieces(context)
            self._commands.append(replace(held, context=context))

    def _pieces(self, context: BrainContext) -> tuple[Piece, ...]:
        return prompt_pieces(
            context.instructions, list(context.tools), context.items, self._items.audio_tokens()
        )

    def _end(self, response_id: str, status: str, details: JsonObject | None) -> None:
        active = self._active.pop(response_id, None)
        if active is None:
            return
        if self._default == response_id:
            self._default = None
            self.ended(active.run.sound_ms)
        usage = self._usage(active)
        active.run.finish(status, details, usage.wire())
        self._emitter.emit("rate_limits.updated", rate_limits=self._rate_limits(usage))
        self._commands.append(StopResponse(response_id))

    def _usage(self, active: _Active) -> Usage:
        run = active.run
        usage = prompt_usage(active.pieces, self._previous_prompt, run.output_tokens, run.audio_tokens)
        if active.run.conversation_id is not None:
            self._previous_prompt = active.pieces
        counted = active.counted
        if counted is None:
            return usage
        return replace(
            usage,
            text_input=counted.input_tokens,
            image_input=0,
            audio_input=0,
            cached_audio=0,
            text_output=counted.output_tokens,
            cached_text=counted.cached_tokens,
        )

    def _rate_limits(self, usage: Usage) -> list[JsonValue]:
        """The engine limits nobody: the figures only move, as a provider's do."""
        requests = max(0, _REQUEST_LIMIT - self._created)
        return [
            {
                "name": "requests",
                "limit": _REQUEST_LIMIT,
                "remaining": requests,
                "reset_seconds": 60.0,
            },
            {
                "name": "tokens",
                "limit": _TOKEN_LIMIT,
                "remaining": max(0, _TOKEN_LIMIT - usage.total),
                "reset_seconds": 60.0,
            },
        ]


_TOO_MANY: Final = f"This session runs {MOST_AT_ONCE} responses at once already; wait for one to end."
_TOO_LONG: Final = "The conversation does not fit the context, and the session's truncation is 'disabled'."


def _error(kind: str, code: str, message: str) -> JsonObject:
    return {"type": kind, "code": code, "message": message}


def _fitted(plan: ResponsePlan) -> BrainContext | None:
    """Cut the prompt's items to the context; None when they do not fit and may not be cut."""
    context = plan.context
    head = sum(piece.text_tokens for piece in prompt_pieces(context.instructions, list(context.tools), ()))
    available = max(0, CONTEXT_TOKENS - head - REPLY_RESERVE)
    kept = fit(context.items, window_of(plan.truncation, available))
    return None if kept is None else replace(context, items=kept)
