"""Scripts: what a client is expected to send, in order, and what the engine does in between.

```python
Script(
    expect("session.update", {"session": {"instructions": contains("pizza")}}),
    expect("conversation.item.create"),
    expect("response.create"),
    reply(calls=[("add_item", {"name": "margherita"})]),
    expect("conversation.item.create", {"item": {"type": "function_call_output"}}),
    expect("response.create"),
    reply("One margherita. Anything else?"),
)
```

An expected event is answered as the protocol says (`session.updated`, `conversation.item.added` …), unless
`refuse` follows. `response.create` is answered by the next `reply`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import Transcript, Turn
from orchestrator.testing.wire_conversation import RefusedError
from orchestrator.testing.wire_session import WireSession

Where = Mapping[str, Any] | Callable[[JsonObject], bool]
"""What an event must be like: a part of it, with values or predicates; or one predicate for all of it."""

ALWAYS_PASSING: Final = frozenset({"input_audio_buffer.append"})


@dataclass(frozen=True, slots=True)
class Expect:
    """The next event of the client."""

    type: str
    where: Where


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the engine does; `name` is for messages."""

    name: str
    do: Callable[[WireSession], None]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer the event before with an error."""

    error: RefusedError


@dataclass(frozen=True, slots=True)
class Hold:
    """Go on when the test says so; what the client sends meanwhile waits."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Let a fault strike on its next occasion."""

    fault: Fault


Step = Expect | Act | Refuse | Hold | Arm


def expect(name: str, where: Where | None = None) -> Step:
    """Expect one event of the client.

    Args:
        name: Its type.
        where: What it must be like.
    """
    return Expect(name, {} if where is None else where)


def send(event: JsonObject) -> Step:
    """Send an event as it is; its `event_id` is made."""
    fields = {key: value for key, value in event.items() if key not in {"type", "event_id"}}
    return Act(f"send {event['type']}", lambda session: session.send(str(event["type"]), **fields))


def reply(
    text: str | None = None, *, calls: Sequence[tuple[str, JsonObject | str]] = (), **options: Any
) -> Step:
    """Answer `response.create` with a whole response; unasked, make one as voice activity does.

    Args:
        text: What is said.
        calls: Functions that are called after it, with their arguments.
        options: The other fields of `Turn`.
    """
    turn = Turn(text=text, calls=tuple(calls), **options)
    return Act(f"reply {text!r}", lambda session: session.responses.reply(turn))


def refuse(code: str, message: str = "Scripted refusal.", *, param: str | None = None) -> Step:
    """Answer the event expected just before with an error, instead of what the protocol says."""
    return Refuse(RefusedError(code, message, param=param, excused=True))


def speak(text: str, transcript: Transcript | None = None) -> Step:
    """Let voice activity hear the caller; the next `reply` is the response to it."""
    return Act(f"speak {text!r}", lambda session: _discard(session.audio.user_speaks(text, transcript)))


def go_on() -> Step:
    """Let responses go on that were held by `hold_after`, and late transcripts come."""
    return Act("go on", lambda session: session.release())


def hold() -> Step:
    """Wait until the test calls `release` of the engine."""
    return Hold()


def close(code: int = 1000, reason: str = "") -> Step:
    """Close the connection in an orderly way."""
    return Act(f"close {code}", lambda session: session.hang_up(code, reason))


def drop() -> Step:
    """Break the connection."""
    return Act("drop", lambda session: session.lose_connection())


def expire() -> Step:
    """End the session as its time limit would."""
    return Act("expire", lambda session: session.expire())


def fault(kind: Fault) -> Step:
    """Let a fault strike on its next occasion."""
    return Arm(kind)


def contains(text: str) -> Callable[[object], bool]:
    """A predicate for `where`: a string with this in it."""

    def holds(value: object) -> bool:
        return isinstance(value, str) and text in value

    holds.__qualname__ = f"contains({text!r})"
    return holds


class Script:
    """The steps of one connection.

    Args:
        steps: In order.
        model: Plays only for connections that ask for this model.
        instructions: Plays only for sessions whose first instructions contain this.
        passing: Types of events that may come unexpected too, and are answered; appended audio always may.

    Raises:
        TypeError: A `refuse` does not follow an `expect`.
    """

    def __init__(
        self,
        *steps: Step,
        model: str | None = None,
        instructions: str | None = None,
        passing: Sequence[str] = (),
    ) -> None:
        for before, step in zip((None, *steps), steps, strict=False):
            if isinstance(step, Refuse) and not isinstance(before, Expect):
                raise TypeError("`refuse` answers an event: put it right after the `expect` of that event.")
        self.steps = steps
        self.model = model
        self.instructions = instructions
        self.passing = ALWAYS_PASSING | set(passing)


class ScriptPlayer:
    """Plays a script in one session.

    Args:
        script: What to play.
        session: Where.
    """

    def __init__(self, script: Script, session: WireSession) -> None:
        self._script = script
        self._session = session
        self._place = 0
        self._held: list[JsonObject] = []
        self.problem: str | None = None

    def open(self) -> None:
        """Greet the client, with the faults that the script begins with."""
        while isinstance(step := self._step, Arm):
            self._place += 1
            self._session.options.faults.soon(step.fault)
        self._session.open()
        self.begin()

    def begin(self) -> None:
        """Do what comes before the first event of the client."""
        self._advance()

    def receive(self, event: JsonObject) -> None:
        """Take one event of the client."""
        if self.problem is not None or self._passes(event):
            self._session.receive(event)
        elif isinstance(self._step, Hold):
            self._held.append(event)
        else:
            self._session.note_received(event)
            self._match(event)

    def _passes(self, event: JsonObject) -> bool:
        """Whether the event needs no expectation; one that is expected now is matched all the same."""
        name = event.get("type")
        expected = isinstance(self._step, Expect) and self._step.type == name
        return name in self._script.passing and not expected

    def release(self) -> None:
        """Go on after `hold`; elsewhere, let held responses go on."""
        self._session.release()
        if not isinstance(self._step, Hold):
            return
        self._place += 1
        self._advance()
        held, self._held = self._held, []
        for event in held:
            self.receive(event)

    def leftover(self) -> str | None:
        """What was still to come, None when the script was played to its end."""
        if self.problem is not None or self._step is None:
            return self.problem
        number, total = self._place + 1, len(self._script.steps)
        return (
            f"connection {self._session.number} ended before step {number} of {total}: {_shown(self._step)}"
        )

    @property
    def _step(self) -> Step | None:
        steps = self._script.steps
        return steps[self._place] if self._place < len(steps) else None

    def _advance(self) -> None:
        while (step := self._step) is not None and not isinstance(step, Expect | Hold):
            self._place += 1
            if isinstance(step, Act):
                step.do(self._session)
            if isinstance(step, Arm):
                self._session.options.faults.soon(step.fault)

    def _match(self, event: JsonObject) -> None:
        step = self._step
        found = _differences(step, event)
        if found:
            self._fail(step, event, found)
            return
        self._place += 1
        following = self._step
        if isinstance(following, Refuse):
            self._place += 1
            self._refuse(following.error, event)
        else:
            self._session.answer(event)
        self._advance()

    def _refuse(self, error: RefusedError, event: JsonObject) -> None:
        item = event.get("item")
        if isinstance(item, dict) and "id" in item:
            self._session.conversation.forgive(str(item["id"]))
        self._session.refuse(error, event)

    def _fail(self, step: Step | None, event: JsonObject, found: list[str]) -> None:
        expected = "nothing more" if step is None else _shown(step)
        place = f"connection {self._session.number}, step {self._place + 1} of {len(self._script.steps)}"
        lines = [f"{place}: expected {expected}, received {event.get('type')}", *found]
        self.problem = "\n    ".join(lines)
        self._session.hang_up(1008, "unexpected event")


def _shown(step: Step) -> str:
    if isinstance(step, Expect):
        return step.type
    return step.name if isinstance(step, Act) else type(step).__name__.lower()


def _differences(step: Step | None, event: JsonObject) -> list[str]:
    if not isinstance(step, Expect) or step.type != event.get("type"):
        return [f"event: {event}"]
    if callable(step.where):
        return [] if step.where(event) else [f"event does not satisfy {_name(step.where)}: {event}"]
    return list(_compare(step.where, event, ""))


def _compare(wanted: Any, found: JsonValue, path: str) -> list[str]:
    if isinstance(wanted, Mapping):
        if not isinstance(found, dict):
            return [f"{path}: expected an object, got {found!r}"]
        lines: list[str] = []
        for key, value in wanted.items():
            inner = f"{path}.{key}" if path else key
            lines += _compare(value, found[key], inner) if key in found else [f"{inner}: missing"]
        return lines
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return [f"{path}: expected {len(wanted)} entries, got {found!r}"]
        pairs = enumerate(zip(wanted, found, strict=True))
        return [line for index, (one, other) in pairs for line in _compare(one, other, f"{path}[{index}]")]
    if wanted is ... or (callable(wanted) and wanted(found)) or (not callable(wanted) and wanted == found):
        return []
    return [f"{path}: expected {_name(wanted)}, got {found!r}"]


def _name(wanted: Any) -> str:
    return getattr(wanted, "__qualname__", None) or repr(wanted)


def _discard(_value: object) -> None:
    return None
