"""Drives a conversation machine by hand: feeds events, gathers commands, plays a model of the store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import records as r
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.context import Timing
from orchestrator.core.conversation import Conversation
from orchestrator.core.definition import (
    AgentSpec,
    Definition,
    HandoffSpec,
    HistoryPolicy,
    Limits,
    StateSpec,
    ToolResult,
    ToolSpec,
    Violation,
)
from orchestrator.core.items import Item, Part
from orchestrator.core.notices import LinkNotice, Notice, ReplyNotice
from orchestrator.core.timeline import fold
from orchestrator.core.transitions import Authority, Turn

CommandT = TypeVar("CommandT")
RecordT = TypeVar("RecordT")
NoticeT = TypeVar("NoticeT")


async def _never_run(_context: object, _arguments: object) -> ToolResult:
    raise AssertionError("the pure core runs no tool")


def tool(name: str, **options: object) -> ToolSpec:
    def check(arguments: dict[str, object]) -> tuple[Violation, ...]:
        return (Violation("bad", "is not allowed; leave it out"),) if "bad" in arguments else ()

    run: Callable[..., Awaitable[ToolResult]] | None = _never_run
    fields: dict[str, object] = {
        "name": name,
        "description": f"Does {name}.",
        "parameters": {"type": "object", "properties": {}},
        "run": run,
        "check": check,
    }
    return ToolSpec(**(fields | options))  # type: ignore[arg-type]


def handoff(target: str, **options: object) -> HandoffSpec:
    fields: dict[str, object] = {
        "target": target,
        "when": f"for {target}",
        "function": f"transfer_to_{target.strip('<>')}",
        "description": f"Hands over to {target}.",
        "parameters": {"type": "object", "properties": {"reason": {"type": "string"}}},
        "check": lambda arguments: (Violation("bad", "no"),) if "bad" in arguments else (),
        "history": HistoryPolicy(),
    }
    return HandoffSpec(**(fields | options))  # type: ignore[arg-type]


def agent(name: str, **options: object) -> AgentSpec:
    fields: dict[str, object] = {
        "name": name,
        "description": f"The {name}.",
        "instructions": f"You are {name}.",
    }
    return AgentSpec(**(fields | options))  # type: ignore[arg-type]


CART = StateSpec("cart", None, {"lines": []})  # type: ignore[arg-type]


def definition() -> Definition:
    triage = agent(
        "triage",
        tools=(tool("lookup"), tool("pick", run=None)),
        handoffs=(handoff("restaurant"), handoff("human", history=HistoryPolicy(kind="summary"))),
        voice="marin",
        greeting="Hello, what can I do for you?",
        limits=Limits(tool_steps=3, handoffs=2),
    )
    restaurant = agent(
        "restaurant",
        states=(CART,),
        tools=(
            tool("add", states=("cart",)),
            tool("lookup"),
            tool("slow", cancel_on_interrupt=True, filler="Let me look."),
            tool("pay", needs_approval=True, rerun=False),
        ),
        handoffs=(handoff("triage"), handoff("<back>")),
        voice="cedar",
    )
    return Definition({spec.name: spec for spec in (triage, restaurant, agent("human"))}, "triage")


@dataclass
class Shelf:
    """A model of the store: keeps what `Persist` commands say, as the real one does."""

    conversation_id: str = "conv_1"
    agent: str = "triage"
    items: dict[str, object] = field(default_factory=dict)
    states: dict[str, object] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    rows: list[r.Record] = field(default_factory=list)
    epoch: int = 0
    status: str = "idle"

    def keep(self, record: r.Record) -> h.Settled | None:
        self.rows.append(record)
        match record:
            case r.ItemRow(item):
                self.items[item.id] = item
            case r.ConversationRow(agent=name, status=status):
                self.agent, self.status = name, status
            case r.SessionRow(epoch=epoch):
                self.epoch = max(self.epoch, epoch)
            case r.ToolRunRow(tool_call_id=name, attempt=attempt):
                self.runs[name] = attempt
            case r.SettlementRow():
                return self._settle(record)
            case _:
                pass
        return None

    def _settle(self, record: r.SettlementRow) -> h.Settled:
        if record.tool_call_id in self.settled:
            return h.Settled(record.tool_call_id, output=self.settled[record.tool_call_id])
        self.settled[record.tool_call_id] = record.output.output or ""
        self.items[record.output.id] = record.output
        for revision in record.revisions:
            self.states[revision.state] = revision.value
            self.revisions[revision.state] = revision.revision
        return h.Settled(record.tool_call_id)

    def history(self) -> r.History:
        return r.History(
            conversation_id=self.conversation_id,
            agent=self.agent,
            items=tuple(self.items.values()),  # type: ignore[arg-type]
            states=dict(self.states),  # type: ignore[arg-type]
            revisions=dict(self.revisions),
            epoch=self.epoch,
            tool_attempts=dict(self.runs),
        )


class Drive:
    """One machine with its shelf; commands of every feed are gathered in `log`."""

    def __init__(
        self,
        shelf: Shelf | None = None,
        *,
        definition_: Definition | None = None,
        abilities: EngineAbilities | None = None,
        timing: Timing | None = None,
        ids: "count[int] | None" = None,
        now: float = 1000.0,
    ) -> None:
        self.shelf = shelf or Shelf()
        self.ids = ids or count(1)
        self.now = now
        self.log: list[c.Command] = []
        self.fresh: list[c.Command] = []
        self.hold_settlements = False
        self.held: list[r.SettlementRow] = []
        able = abilities or EngineAbilities()
        self.machine = Conversation(
            definition_ or definition(),
            self.shelf.history(),
            abilities=lambda _: able,
            new_id=lambda prefix: f"{prefix}_{next(self.ids)}",
            timing=timing,
        )

    def feed(self, *events: h.Event, after: float = 0.0) -> list[c.Command]:
        """Feed events and keep what they persist; answers settlements at once unless they are held."""
        self.fresh = []
        waiting = list(events)
        self.now += after
        while waiting:
            self.machine.feed(waiting.pop(0), self.now)
            for command in self.machine.commands():
                self.fresh.append(command)
                if isinstance(command, c.Persist):
                    if self.hold_settlements and isinstance(command.record, r.SettlementRow):
                        self.held.append(command.record)
                    elif settled := self.shelf.keep(command.record):
                        waiting.append(settled)
        self.log += self.fresh
        return self.fresh

    def pass_time(self, seconds: float) -> list[c.Command]:
        return self.feed(h.TimePassed(), after=seconds)

    # --- reading ---

    def commands(self, kind: type[CommandT], *, everything: bool = False) -> list[CommandT]:
        return [command for command in (self.log if everything else self.fresh) if isinstance(command, kind)]

    def notices(self, kind: type[NoticeT], *, everything: bool = False) -> list[NoticeT]:
        told: list[Notice] = [command.notice for command in self.commands(c.Announce, everything=everything)]
        return [notice for notice in told if isinstance(notice, kind)]

    def only(self, kind: type[CommandT]) -> CommandT:
        found = self.commands(kind)
        assert len(found) == 1, f"expected one {kind.__name__}, got {found}"
        return found[0]

    def sent(self, epoch: int | None = None, *, everything: bool = False) -> list[Item]:
        """Items that engines were sent."""
        commands = self.commands(c.SendItem, everything=everything)
        return [command.item for command in commands if epoch in {None, command.epoch}]

    def rows(self, kind: type[RecordT]) -> list[RecordT]:
        """Records of a kind, as they were kept, in order."""
        return [record for record in self.shelf.rows if isinstance(record, kind)]

    @property
    def epoch(self) -> int:
        """Of the session that was opened last."""
        return self.commands(c.OpenSession, everything=True)[-1].epoch

    @property
    def items(self) -> list[Item]:
        """What the conversation holds, as it is written."""
        return list(self.machine.durable.items)

    def kept(self) -> bool:
        """Whether what is stored is what is live."""
        return fold(self.shelf.history()) == self.machine.durable

    def whose(self) -> Turn:
        """Whose turn it is."""
        return self.machine.turn

    def authority(self) -> Authority:
        """Who may speak for the service."""
        return self.machine.authority

    # --- common stretches ---

    def join(self, *, greet: bool = False, ready: bool = True, call_id: str = "call_a") -> list[c.Command]:
        commands = self.feed(h.CallJoined(call_id, "websocket", greet))
        if ready:
            commands = commands + self.ready()
            self.fresh = commands
        return commands

    def ready(self, epoch: int | None = None, expires_at: float | None = None) -> list[c.Command]:
        return self.feed(e.SessionReady(epoch or self.epoch, expires_at))

    def type(self, text: str, *, respond: bool = True) -> list[c.Command]:
        item = e.EngineItem("", "message", "user", "completed", (Part(text=text),))
        events: list[h.Event] = [h.CallerItem(item)]
        return self.feed(*events, *([h.CallerAskedResponse()] if respond else []))

    def hear(
        self, item: str = "item_heard", text: str | None = None, epoch: int | None = None
    ) -> list[c.Command]:
        """The caller says something; the engine makes an item of it, and a transcript where there is one."""
        at = epoch or self.epoch
        told = e.EngineItem(item, "message", "user", "completed", (Part(kind="audio"),))
        events: list[h.Event] = [
            e.SpeechStarted(at, item),
            e.SpeechStopped(at, item),
            e.AudioCommitted(at, item),
            e.EngineItemAdded(at, told),
            e.EngineItemDone(at, told),
        ]
        return self.feed(*events, *([e.TranscriptDone(at, item, text)] if text is not None else []))

    def start(self, epoch: int, response: str) -> list[c.Command]:
        """The engine begins the response that was asked for."""
        asked = self.commands(c.CreateResponse, everything=True)
        metadata = asked[-1].metadata if asked and asked[-1].epoch == epoch else {}
        return self.feed(e.ResponseStarted(epoch, response, metadata))

    def speak(self, epoch: int, response: str, text: str, item: str | None = None) -> list[c.Command]:
        name = item or f"item_{response}"
        return self.feed(
            e.OutputItemAdded(epoch, response, e.EngineItem(name, "message", "assistant", "in_progress")),
            e.PartAdded(epoch, response, name, 0, "text"),
            e.OutputDelta(epoch, response, name, "text", text),
            e.PartDone(epoch, response, name, 0, "text", text),
            e.OutputItemDone(
                epoch, response, e.EngineItem(name, "message", "assistant", "completed", (Part(text=text),))
            ),
        )

    def begin_speaking(
        self, epoch: int, response: str, text: str, item: str | None = None
    ) -> list[c.Command]:
        """Some text of an item that goes on."""
        name = item or f"item_{response}"
        return self.feed(
            e.OutputItemAdded(epoch, response, e.EngineItem(name, "message", "assistant", "in_progress")),
            e.OutputDelta(epoch, response, name, "text", text),
        )

    def call(
        self, epoch: int, response: str, name: str, arguments: str = "{}", call_id: str = "call_1"
    ) -> list[c.Command]:
        item = f"item_{call_id}"
        begun = e.EngineItem(item, "function_call", status="in_progress", name=name, tool_call_id=call_id)
        done = e.EngineItem(item, "function_call", name=name, tool_call_id=call_id, arguments=arguments)
        return self.feed(e.OutputItemAdded(epoch, response, begun), e.OutputItemDone(epoch, response, done))

    def done(self, epoch: int, response: str, status: str = "completed") -> list[c.Command]:
        return self.feed(e.ResponseDone(epoch, response, status))

    def answer(
        self, call_id: str = "call_1", output: str = '"ok"', attempt: int = 1, **options: object
    ) -> list[c.Command]:
        return self.feed(h.ToolReturned(call_id, attempt, "completed", output, **options))  # type: ignore[arg-type]

    def lose(
        self, epoch: int | None = None, *, code: str = "engine_lost", retryable: bool = True
    ) -> list[c.Command]:
        return self.feed(e.SessionFailed(epoch or self.epoch, code, "It is gone.", retryable=retryable))

    def refuse(
        self, event_id: str | None, code: str = "server_error", epoch: int | None = None
    ) -> list[c.Command]:
        return self.feed(e.EngineRefused(epoch or self.epoch, code, "No.", event_id))

    def turn(self, epoch: int, response: str, said: str, answered: str) -> list[c.Command]:
        """A whole typed turn."""
        self.type(said)
        self.start(epoch, response)
        self.speak(epoch, response, answered)
        return self.done(epoch, response)

    def called(self, *names: str, epoch: int | None = None, response: str = "resp_1") -> list[c.Command]:
        """A typed turn that the model answers with calls: call_1, call_2 … of these tools."""
        at = epoch or self.epoch
        self.type("please")
        self.start(at, response)
        for number, name in enumerate(names, start=1):
            self.call(at, response, name, call_id=f"call_{number}")
        return self.done(at, response)

    def restarted(self, **options: object) -> "Drive":
        """Another life of the same conversation, from what is stored."""
        return Drive(self.shelf, ids=self.ids, now=self.now, **options)  # type: ignore[arg-type]


def links(drive: Drive) -> list[str]:
    """What was told of the link to the engine, from the beginning on."""
    return [notice.stage for notice in drive.notices(LinkNotice, everything=True)]


def replies(drive: Drive, *, everything: bool = False) -> list[tuple[str, str]]:
    """What was told of replies by the last feed: stage and status of each."""
    told = drive.notices(ReplyNotice, everything=everything)
    return [(notice.stage, notice.reply.status) for notice in told]


def all_replies(drive: Drive) -> list[tuple[str, str, str]]:
    """What was told of replies from the beginning on: stage, status and id of each."""
    told = drive.notices(ReplyNotice, everything=True)
    return [(notice.stage, notice.reply.status, notice.reply.id) for notice in told]
