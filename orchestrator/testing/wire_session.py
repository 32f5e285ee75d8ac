"""One session of the scripted engine: client events in, server events out. No input or output of its own.

What goes wrong is decided by the fault plan; what is said, by a responder or, without one, by a script. A
client event that breaks the protocol is answered as OpenAI would, and noted as a violation.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final, Literal

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.codec import encode
from orchestrator.testing.caller_audio import CallerAudio
from orchestrator.testing.conformity import check_event, check_session
from orchestrator.testing.faults import NEAR_SECONDS, Fault, FaultPlan
from orchestrator.testing.item_desk import ItemDesk
from orchestrator.testing.response_desk import ResponseDesk
from orchestrator.testing.turns import Responder, SessionView
from orchestrator.testing.wire_conversation import RefusedError, WireConversation

PCM: Final[JsonObject] = {"type": "audio/pcm", "rate": 24000}
DEFAULT_VOICE: Final = "marin"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event as it crossed the wire; `received` is from the client."""

    direction: Literal["received", "sent"]
    event: JsonObject


@dataclass(frozen=True, slots=True)
class HangUpFrame:
    """Instead of a frame: close with this code, or break the connection where there is none."""

    code: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What the sessions of one engine share.

    Attributes:
        clock: Seconds since the Unix epoch.
        responder: Decides responses; None: a script does.
        faults: What goes wrong.
        session_seconds: How long a session lives.
        accepts_hints: Whether `session.hints` is understood, as by the embedded engine.
    """

    clock: Callable[[], float]
    responder: Responder | None = None
    faults: FaultPlan = field(default_factory=FaultPlan)
    session_seconds: float = 3600.0
    accepts_hints: bool = False


class WireSession:
    """The engine's side of one connection.

    Args:
        number: 1 for the engine's first connection; part of every id.
        model: That the client asked for.
        options: Of the engine.
        notify: Called whenever something was logged or is to be sent.
    """

    def __init__(
        self, number: int, model: str, options: EngineOptions, notify: Callable[[], None] = lambda: None
    ) -> None:
        self.number = number
        self.model = model
        self.options = options
        self.log: list[LogEntry] = []
        self.violations: list[str] = []
        self.is_open = True
        self.voice_used = False
        self._notify = notify
        self._outgoing: deque[str | HangUpFrame] = deque()
        self._filled = asyncio.Event()
        self._ids: Counter[str] = Counter()
        self._held: list[Callable[[], None]] = []
        self.conversation = WireConversation()
        self.session = self._default_session()
        self.items = ItemDesk(self)
        self.responses = ResponseDesk(self)
        self.audio = CallerAudio(self)
        self._handlers: dict[str, Callable[[JsonObject], None]] = {
            "session.update": self._update,
            **self.items.handlers(),
            **self.responses.handlers(),
            **self.audio.handlers(),
        }

    # -- what happened -----------------------------------------------------------------------------------

    @property
    def received(self) -> list[JsonObject]:
        """Everything that the client sent."""
        return [entry.event for entry in self.log if entry.direction == "received"]

    @property
    def sent(self) -> list[JsonObject]:
        """Everything that the client was sent."""
        return [entry.event for entry in self.log if entry.direction == "sent"]

    def received_of(self, name: str) -> list[JsonObject]:
        """The client's events of one type."""
        return [event for event in self.received if event.get("type") == name]

    def sent_of(self, name: str) -> list[JsonObject]:
        """The engine's events of one type."""
        return [event for event in self.sent if event.get("type") == name]

    def view(self, options: JsonObject | None = None) -> SessionView:
        """What a responder is shown."""
        return SessionView(
            number=self.number,
            model=self.model,
            session=self.session,
            items=[self.audio.as_said(item) for item in self.conversation.items],
            options=options or {},
        )

    # -- what scripts and tests do -----------------------------------------------------------------------

    def open(self) -> None:
        """Greet the client (section 2.1)."""
        if self.options.faults.strikes(Fault.DROP_BEFORE_CREATED):
            self.lose_connection()
        else:
            if self.options.faults.strikes(Fault.SESSION_LIMIT):
                self.session["expires_at"] = int(self.options.clock() + NEAR_SECONDS)
            self.send("session.created", session=deepcopy(self.session))

    def send(self, name: str, /, **fields: JsonValue) -> None:
        """Send an event; nothing is sent any more once the connection is over."""
        if not self.is_open:
            return
        event: JsonObject = {"type": name, "event_id": self.new_id("event"), **fields}
        self.log.append(LogEntry("sent", event))
        self._put(encode(event))

    def hang_up(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection in an orderly way, after what was sent."""
        self._end(HangUpFrame(code, reason))

    def lose_connection(self) -> None:
        """Break the connection, after what was sent."""
        self._end(HangUpFrame(None))

    def expire(self) -> None:
        """End the session as its time limit would (section 2.1)."""
        message = "Your session hit the maximum duration of 60 minutes."
        self.send("error", error=_error_body("session_expired", message, None, None))
        self.hang_up(1001)

    def release(self) -> None:
        """Let everything that is held go on: acknowledgements, responses, transcripts."""
        self._acknowledge()
        self.responses.release()
        self.audio.tell_late_transcripts()

    def new_id(self, prefix: str) -> str:
        """Make an id that tells the connection, and counts."""
        self._ids[prefix] += 1
        return f"{prefix}_{self.number}_{self._ids[prefix]}"

    # -- what the connection does ------------------------------------------------------------------------

    async def next_outgoing(self) -> str | HangUpFrame:
        """Wait for the next thing to be sent."""
        while not self._outgoing:
            self._filled.clear()
            await self._filled.wait()
        return self._outgoing.popleft()

    def client_left(self) -> None:
        """Note that the client closed the connection, or that it broke."""
        self.is_open = False
        self._notify()

    def receive(self, event: JsonObject) -> None:
        """Take one event of the client, and answer it."""
        self.note_received(event)
        self.answer(event)

    def note_received(self, event: JsonObject) -> None:
        """Log an event of the client without answering it."""
        self.log.append(LogEntry("received", event))
        self._notify()

    def answer(self, event: JsonObject) -> None:
        """Answer an event as the protocol says."""
        if not self.is_open:
            return
        self._acknowledge()
        try:
            check_event(event)
            self._handlers[str(event["type"])](event)
        except RefusedError as refused:
            self.refuse(refused, event)

    def refuse(self, refused: RefusedError, event: JsonObject) -> None:
        """Answer an event with `error`; a breach that nothing excuses is a violation."""
        if not refused.excused:
            self.violations.append(f"{event.get('type')}: {refused.wire_code}: {refused.message}")
        error = _error_body(refused.wire_code, refused.message, refused.param, event.get("event_id"))
        self.send("error", error=error)

    def acknowledge_later(self, acknowledge: Callable[[], None]) -> None:
        """Hold an acknowledgement until the client's next event."""
        self._held.append(acknowledge)

    def _acknowledge(self) -> None:
        held, self._held = self._held, []
        for acknowledge in held:
            acknowledge()

    def _end(self, frame: HangUpFrame) -> None:
        if self.is_open:
            self.is_open = False
            self._put(frame)

    def _put(self, frame: str | HangUpFrame) -> None:
        self._outgoing.append(frame)
        self._filled.set()
        self._notify()

    # -- the session object ------------------------------------------------------------------------------

    def _update(self, event: JsonObject) -> None:
        update = _object(event, "session")
        check_session(update, accepts_hints=self.options.accepts_hints)
        voice = _voice(update)
        if self.options.faults.strikes(Fault.REFUSED_SESSION):
            raise RefusedError("invalid_value", "Scripted refusal of the session.", excused=True)
        if voice is not None and self.options.faults.strikes(Fault.REFUSED_VOICE):
            raise RefusedError("cannot_update_voice", "Scripted refusal of the voice.", excused=True)
        if voice is not None and self.voice_used and voice != _voice(self.session):
            raise RefusedError("cannot_update_voice", "Cannot update a conversation's voice.")
        self.session = _merged(self.session, update)
        self.send("session.updated", session=deepcopy(self.session))

    def _default_session(self) -> JsonObject:
        return {
            "type": "realtime",
            "object": "realtime.session",
            "id": self.new_id("sess"),
            "model": self.model,
            "expires_at": int(self.options.clock() + self.options.session_seconds),
            "instructions": "Be helpful.",
            "output_modalities": ["audio"],
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "truncation": "auto",
            "tracing": None,
            "prompt": None,
            "include": None,
            "audio": {
                "input": {
                    "format": PCM,
                    "noise_reduction": None,
                    "transcription": None,
                    "turn_detection": {
                        "type": "server_vad",
                        "threshold": 0.5,
                        "prefix_padding_ms": 300,
                        "silence_duration_ms": 500,
                        "idle_timeout_ms": None,
                        "create_response": True,
                        "interrupt_response": True,
                    },
                },
                "output": {"format": PCM, "voice": DEFAULT_VOICE, "speed": 1.0},
            },
        }


def _error_body(code: str, message: str, param: str | None, event_id: JsonValue) -> JsonObject:
    kind = "server_error" if code == "server_error" else "invalid_request_error"
    return {"type": kind, "code": code, "message": message, "param": param, "event_id": event_id}


def _object(source: JsonObject, key: str) -> JsonObject:
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def _voice(session: JsonObject) -> str | None:
    voice = _object(_object(session, "audio"), "output").get("voice")
    return voice if isinstance(voice, str) else None


def _merged(session: JsonObject, update: JsonObject) -> JsonObject:
    """Change only the fields that are present, down to those of `audio.input` and `audio.output`."""
    audio = dict(_object(session, "audio"))
    for side, changes in _object(update, "audio").items():
        if isinstance(changes, dict):
            audio[side] = _object(audio, side) | changes
    kept = {"id": session["id"], "object": session["object"], "expires_at": session["expires_at"]}
    return session | update | {"audio": audio, "model": session["model"]} | kept
