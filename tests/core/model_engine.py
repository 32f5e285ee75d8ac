"""A model of an engine at the level of events: one object a session, with latency in both directions.

Commands wait in `inbox` until the engine takes them, events in `outbox` until they arrive. It keeps the rules
of sections 8 and 9 of the protocol reference, and counts items, responses and calls from one.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonObject

WORDS = ("alpha ", "beta ", "gamma ", "delta ")


@dataclass
class Response:
    """A response in progress: what it still has to do, and the item that it is about to end."""

    id: str
    metadata: dict[str, str]
    plan: deque[str]
    side: bool = False
    item: EngineItem | None = None
    output: list[EngineItem] = field(default_factory=list)


@dataclass
class ModelSession:
    epoch: int
    config: c.SessionConfig
    random: Random
    tags: bool = True
    acknowledges: bool = True
    faulty: bool = True
    expires_at: float | None = None
    state: str = "opening"
    inbox: deque[c.Command] = field(default_factory=deque)
    outbox: deque[e.EngineEvent] = field(default_factory=deque)
    items: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    audio: dict[str, int] = field(default_factory=dict)
    calls: dict[str, bool] = field(default_factory=dict)
    active: Response | None = None
    sides: list[Response] = field(default_factory=list)
    speaking: str | None = None
    heard_anything: bool = False
    untranscribed: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    # --- what may happen next ---

    @property
    def alive(self) -> bool:
        return self.state in {"opening", "live"}

    def steps(self) -> list[Callable[[], None]]:
        """Everything that this engine could do now by itself, but for hearing the caller."""
        found: list[Callable[[], None]] = []
        if not self.alive:
            return found
        if self.inbox:
            found.append(self.take)
        if self.active is not None:
            found.append(lambda: self.go_on(self.active))
        found += [lambda side=side: self.go_on(side) for side in self.sides]  # type: ignore[misc]
        if self.untranscribed:
            found.append(self.transcribe)
        return found

    def name(self, kind: str) -> str:
        while True:
            self.numbers[kind] = self.numbers.get(kind, 0) + 1
            name = f"{kind}_{self.numbers[kind]}"
            if name not in self.items | self.gone and name not in self.calls:
                return name

    def emit(self, *events: e.EngineEvent) -> None:
        self.outbox.extend(events)

    def refuse(self, code: str, event_id: str | None) -> None:
        self.emit(e.EngineRefused(self.epoch, code, f"{code}.", event_id))

    # --- commands ---

    def take(self) -> None:
        command = self.inbox.popleft()
        match command:
            case c.OpenSession():
                self.state = "live"
                self.emit(e.SessionReady(self.epoch, self.expires_at))
            case c.SendItem():
                self._create_item(command)
            case c.DeleteItem():
                self._delete_item(command)
            case c.TruncateItem():
                self._truncate(command)
            case c.CreateResponse():
                self._create_response(command)
            case c.CancelResponse():
                self._cancel(command)
            case c.UpdateSession():
                self.config = command.config
                self.emit(e.SessionUpdated(self.epoch))
            case c.CommitAudio():
                self._commit(command)
            case c.ClearAudio():
                self.speaking, self.heard_anything = None, False
                self.emit(e.AudioCleared(self.epoch))
            case _:
                raise AssertionError(command)

    def _create_item(self, command: c.SendItem) -> None:
        previous, item = command.previous_item_id, command.item
        if previous not in {None, "root"} and previous not in self.items:
            if previous not in self.gone:
                self.problems.append(f"epoch {self.epoch}: told to insert behind {previous}, never heard of")
            self._turn_away(command)
        elif item.id in self.items:
            self.refuse("item_create_duplicate_item_id", command.event_id)
        elif self.faulty and self.random.random() < 0.05:
            self._turn_away(command)
        else:
            self._add(command)

    def _turn_away(self, command: c.SendItem) -> None:
        self.gone.add(command.item.id)
        if command.item.kind == "function_call_output":
            self.calls[command.item.tool_call_id or ""] = True
        self.refuse("invalid_value", command.event_id)

    def _add(self, command: c.SendItem) -> None:
        item = command.item
        if item.kind == "function_call":
            self.calls.setdefault(item.tool_call_id or "", False)
        if item.kind == "function_call_output":
            self.calls[item.tool_call_id or ""] = True
        self.items.add(item.id)
        told = EngineItem(item.id, item.kind, item.role)
        if self.acknowledges:
            self.emit(e.EngineItemAdded(self.epoch, told), e.EngineItemDone(self.epoch, told))

    def _delete_item(self, command: c.DeleteItem) -> None:
        if command.item_id not in self.items:
            self.refuse("item_delete_invalid_item_id", command.event_id)
            return
        self.items.discard(command.item_id)
        self.gone.add(command.item_id)
        self.emit(e.EngineItemDeleted(self.epoch, command.item_id))

    def _truncate(self, command: c.TruncateItem) -> None:
        made = self.audio.get(command.item_id)
        if made is None:
            if command.item_id not in self.gone:
                self.problems.append(f"truncated {command.item_id}, which has no audio")
            self.refuse("item_truncate_invalid_item_id", command.event_id)
        elif command.audio_end_ms > made:
            self.problems.append(f"truncated {command.item_id} at {command.audio_end_ms} of {made} ms")
        else:
            self.emit(e.EngineItemTruncated(self.epoch, command.item_id, command.audio_end_ms))

    def _create_response(self, command: c.CreateResponse) -> None:
        side = command.options.get("conversation") == "none"
        if self.active is not None and not side:
            self.refuse("conversation_already_has_active_response", command.event_id)
        elif self.faulty and self.random.random() < 0.03:
            self.refuse("server_error", command.event_id)
        else:
            free = command.options.get("tool_choice") != "none" or self.random.random() < 0.2
            self._start(dict(command.metadata), side=side, tools=free and not side)

    def _cancel(self, command: c.CancelResponse) -> None:
        running = [response for response in (self.active, *self.sides) if response is not None]
        meant = [response for response in running if response.id == command.response_id]
        if meant:
            self._finish(meant[0], "cancelled")
        else:
            self.refuse("response_cancel_not_active", command.event_id)

    # --- the caller's audio ---

    def hear(self) -> None:
        """The caller goes on to speak, or stops, as this engine hears it."""
        detects = bool(self.config.turn_detection)
        if not detects:
            self.heard_anything = True
        elif self.speaking is None:
            self.speaking = self.name("item")
            if self.active is not None and (self.config.turn_detection or {}).get("interrupt_response", True):
                self.emit(e.SpeechStarted(self.epoch, self.speaking))
                self._finish(self.active, "cancelled")
            else:
                self.emit(e.SpeechStarted(self.epoch, self.speaking))
        else:
            item, self.speaking = self.speaking, None
            self.emit(e.SpeechStopped(self.epoch, item))
            self._take_up(item)
            if self.active is None and (self.config.turn_detection or {}).get("create_response", True):
                self._start({}, side=False, tools=True)

    def _commit(self, command: c.CommitAudio) -> None:
        if not self.heard_anything:
            self.refuse("input_audio_buffer_commit_empty", command.event_id)
            return
        self.heard_anything = False
        self._take_up(self.name("item"))

    def _take_up(self, item: str) -> None:
        self.items.add(item)
        self.untranscribed.append(item)
        told = EngineItem(item, "message", "user", "completed", (Part(kind="audio"),))
        self.emit(e.AudioCommitted(self.epoch, item))
        self.emit(e.EngineItemAdded(self.epoch, told), e.EngineItemDone(self.epoch, told))

    def transcribe(self) -> None:
        item = self.untranscribed.pop(0)
        if self.faulty and self.random.random() < 0.2:
            self.emit(e.TranscriptFailed(self.epoch, item, "audio_unintelligible", "What?"))
        else:
            said = f"caller {self.epoch} {item}"
            self.emit(e.TranscriptDelta(self.epoch, item, said), e.TranscriptDone(self.epoch, item, said))

    # --- responses ---

    def _start(self, metadata: dict[str, str], *, side: bool, tools: bool) -> None:
        response = Response(self.name("resp"), metadata if self.tags or side else {}, self._plan(tools), side)
        if side:
            self.sides.append(response)
        else:
            self.active = response
        self.emit(e.ResponseStarted(self.epoch, response.id, response.metadata))

    def _plan(self, tools: bool) -> deque[str]:
        plan: deque[str] = deque()
        if self.random.random() < 0.7 or not tools:
            plan += ["message", *["delta"] * self.random.randint(0, 3), "end"]
        offered = [str(tool["name"]) for tool in self.config.tools]
        while tools and offered and self.random.random() < 0.45:
            plan += [f"call {self.random.choice([*offered, *offered, 'nonsense'])}", "end"]
        plan.append("done")
        return plan

    def go_on(self, response: Response | None) -> None:
        if response is None:
            return
        what, _, name = response.plan.popleft().partition(" ")
        if what == "message":
            item = EngineItem(self.name("item"), "message", "assistant", "in_progress")
            self._open(response, item)
            audio = self.config.modality == "audio" and not response.side
            self.emit(e.PartAdded(self.epoch, response.id, item.id, 0, "audio" if audio else "text"))
            if audio:
                self.audio[item.id] = 0
        elif what == "call":
            call, item_id = self.name("call"), self.name("item")
            self._open(
                response,
                EngineItem(item_id, "function_call", None, "in_progress", name=name, tool_call_id=call),
            )
        elif what == "delta":
            self._delta(response)
        elif what == "end":
            self._end_item(response)
        else:
            self._finish(response, "failed" if self.faulty and self.random.random() < 0.03 else "completed")

    def _open(self, response: Response, item: EngineItem) -> None:
        response.item = item
        if not response.side:
            self.items.add(item.id)
        self.emit(e.OutputItemAdded(self.epoch, response.id, item))
        if not response.side:
            self.emit(e.EngineItemAdded(self.epoch, item))

    def _delta(self, response: Response) -> None:
        item, word = response.item, self.random.choice(WORDS)
        assert item is not None
        text = "".join(part.text for part in item.content) + word
        response.item = EngineItem(item.id, item.kind, item.role, item.status, (Part(text=text),))
        if item.id in self.audio:
            if self.audio[item.id] == 0:
                self.emit(e.AudioStarted(self.epoch, response.id, item.id))
            self.audio[item.id] += 400
        kind = "transcript" if item.id in self.audio else "text"
        self.emit(e.OutputDelta(self.epoch, response.id, item.id, kind, word))  # type: ignore[arg-type]

    def _end_item(self, response: Response, status: str = "completed") -> None:
        item = response.item
        assert item is not None
        response.item = None
        content, arguments = item.content, None
        if item.kind == "message":
            kind = "audio" if item.id in self.audio else "text"
            text = "".join(part.text for part in content)
            content = (Part(kind=kind, text=text),)  # type: ignore[arg-type]
            self.emit(e.PartDone(self.epoch, response.id, item.id, 0, kind, text))  # type: ignore[arg-type]
        elif status == "completed":
            arguments = self._arguments()
            self.calls[item.tool_call_id or ""] = False
        done = EngineItem(
            item.id, item.kind, item.role, status, content, item.name, arguments, item.tool_call_id
        )
        response.output.append(done)
        self.emit(e.OutputItemDone(self.epoch, response.id, done))

    def _arguments(self) -> str:
        lot = self.random.random()
        if lot < 0.1:
            return '{"bad": 1}'
        number = self.random.randint(1, 9)
        return "not json" if lot < 0.13 else json.dumps({"reason": "because", "number": number})

    def _finish(self, response: Response, status: str) -> None:
        if response.item is not None:
            self._end_item(response, "incomplete")
        if response.side:
            self.sides.remove(response)
        else:
            self.active = None
        usage: JsonObject = {"total_tokens": 10, "input_token_details": {"text_tokens": 7}}
        output = tuple(response.output)
        self.emit(e.ResponseDone(self.epoch, response.id, status, None, usage, output, response.metadata))
