"""The responses of a session: one active in the conversation, others out of band (sections 6, 8.6 and 9)."""

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
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.response_plan import ResponsePlan, plan_response
from orchestrator.engine.session.response_run import ResponseRun
from orchestrator.engine.session.tokens import Piece, Usage, prompt_pieces, prompt_usage
from orchestrator.engine.session.truncation import fit, window_of
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value
from orchestrator.realtime.serving.validation import require_object

MOST_AT_ONCE: Final = 16
CONTEXT_TOKENS: Final = 128_000
REPLY_RESERVE: Final = 4_096
_REQUEST_LIMIT: Final = 10_000
_TOKEN_LIMIT: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class StartResponse:
    """Ask the brain, and feed what it says with `Session.feed_brain`."""

    response_id: str
    context: BrainContext


@dataclass(frozen=True, slots=True)
class StopResponse:
    """Let go of the brain; the response has ended already."""

    response_id: str


@dataclass(slots=True)
class _Active:
    run: ResponseRun
    limit: int | None
    pieces: tuple[Piece, ...]
    counted: TokensUsed | None = None


class Responses:
    """Creates responses, follows them and ends each exactly once.

    Args:
        conversation_id: The default conversation's id.
        configuration: The session's settings.
        items: The default conversation.
        emitter: Where events go.
        new_id: Makes ids from prefixes.
    """

    def __init__(
        self,
        conversation_id: str,
        configuration: Configuration,
        items: Items,
        emitter: Emitter,
        new_id: NewId,
    ) -> None:
        self._conversation_id = conversation_id
        self._configuration = configuration
        self._items = items
        self._emitter = emitter
        self._new_id = new_id
        self._active: dict[str, _Active] = {}
        self._default: str | None = None
        self._previous_prompt: tuple[Piece, ...] = ()
        self._created = 0
        self.commands: list[StartResponse | StopResponse] = []
        self.audio_was_produced = False

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

    def complete(self, response_id: str) -> None:
        """The brain is done."""
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
        )
        self._created += 1
        crowded = len(self._active) >= MOST_AT_ONCE
        context = _fitted(plan)
        asked = context or plan.context
        pieces = prompt_pieces(asked.instructions, list(asked.tools), asked.items)
        self._active[response_id] = _Active(run, plan.context.max_output_tokens, pieces)
        if plan.in_conversation:
            self._default = response_id
        run.created()
        if crowded:
            self.fail(response_id, _error("rate_limit_exceeded", "rate_limit_exceeded", _TOO_MANY))
        elif context is None:
            self.fail(response_id, _error("invalid_request_error", "invalid_value", _TOO_LONG))
        else:
            self.commands.append(StartResponse(response_id, context))

    def _end(self, response_id: str, status: str, details: JsonObject | None) -> None:
        active = self._active.pop(response_id, None)
        if active is None:
            return
        if self._default == response_id:
            self._default = None
        usage = self._usage(active)
        active.run.finish(status, details, usage.wire())
        self._emitter.emit("rate_limits.updated", rate_limits=self._rate_limits(usage))
        self.commands.append(StopResponse(response_id))

    def _usage(self, active: _Active) -> Usage:
        usage = prompt_usage(active.pieces, self._previous_prompt, active.run.output_tokens)
        if active.run.conversation_id is not None:
            self._previous_prompt = active.pieces
        counted = active.counted
        if counted is None:
            return usage
        return replace(
            usage,
            text_input=counted.input_tokens,
            image_input=0,
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
