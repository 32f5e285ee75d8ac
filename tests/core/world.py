"""Everything around a conversation machine, as models: engines, a caller, tools, a store that may crash.

The world has latency everywhere and does one small thing at a time, chosen by a random number generator, so
that a seed is a whole history. After every event the promises of `ledger` are checked.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from random import Random

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.context import Timing
from orchestrator.core.conversation import Conversation
from orchestrator.core.definition import Definition
from orchestrator.core.loading import sayable
from orchestrator.core.timeline import fold
from orchestrator.core.transitions import Authority, Turn
from tests.core.driving import Shelf, definition
from tests.core.ledger import Ledger
from tests.core.model_ear import ModelEar
from tests.core.model_engine import ModelSession
from tests.core.model_voice import ModelVoice

QUICK = Timing(retries=(0.0, 0.5, 1.0))


@dataclass
class ToolRun:
    command: c.RunTool
    cancelled: bool = False


def recording_definition() -> Definition:
    """The tests' agents; calls are recorded while the restaurant is on duty."""
    agents = dict(definition().agents)
    agents["restaurant"] = replace(agents["restaurant"], recording="This call is recorded.")
    return Definition(agents, definition().entry)


class World:
    """One conversation and its surroundings over any number of lives.

    Args:
        random: Chooses what happens.
        faults: Whether engines refuse and vanish, transcripts fail, tools misbehave.
        tags: Whether engines give metadata back.
        abilities: Of every engine.
        lifetime: Of a session, in seconds; None for no limit.
    """

    def __init__(
        self,
        random: Random,
        *,
        faults: bool = True,
        tags: bool = True,
        acknowledges: bool = True,
        abilities: EngineAbilities | None = None,
        lifetime: float | None = None,
    ) -> None:
        self.random = random
        self.faults = faults
        self.tags = tags
        self.acknowledges = acknowledges
        self.able = abilities or EngineAbilities()
        self.lifetime = lifetime
        self.shelf = Shelf()
        self.ids = count(1)
        self.now = 1000.0
        self.story: list[tuple[str, h.Event | c.Command | str]] = []
        self.lines: list[str] = []
        self.calls = count(1)
        self.unfed: deque[h.Event] = deque()
        self.be_born()

    # --- lives --------------------------------------------------------------------------------------------

    def be_born(self) -> None:
        """Build a machine of what is stored; whatever was in memory is gone."""
        self.sessions: dict[int, ModelSession] = {}
        self.runs: dict[str, ToolRun] = {}
        self.writes: deque[c.Persist] = deque()
        self.approvals: set[str] = set()
        self.client_calls: dict[str, str] = {}
        self.ledger = Ledger()
        self.ledger.tagged = self.tags
        self.hears: tuple[int, ...] = ()
        self.call_id: str | None = None
        self.recorded: str | None = None
        self.heard_items: dict[str, str] = {}
        self.told_items: list[str] = []
        self.voice = ModelVoice(self.random)
        self.watched, self.paused = 0, False
        self.ear = ModelEar(self.random)
        self.machine = Conversation(
            recording_definition(),
            self.shelf.history(),
            abilities=lambda _: self.able,
            new_id=lambda prefix: f"{prefix}_x{next(self.ids)}",
            timing=replace(QUICK, doubt=600.0 if self.tags else 1.0),
        )
        assert fold(self.shelf.history()) == self.machine.durable

    def crash(self) -> None:
        """The process is killed: of the writes in flight, some were made."""
        for _ in range(self.random.randint(0, len(self.writes))):
            self.write(told=False)
        self.story.append(("", "crash"))
        self.be_born()

    # --- feeding ------------------------------------------------------------------------------------------

    def feed(self, event: h.Event) -> None:
        if isinstance(event, h.CallLeft):
            self.unfed += self.voice.stop()
            self.feed_answers()
        self.story.append(("", event))
        self.ledger.event(event)
        if isinstance(event, h.CallJoined):
            self.paused = False
            self.ledger.added |= {item.id for item in self.machine.durable.items if not item.deleted}
        self.machine.feed(event, self.now)
        if isinstance(event, h.CallLeft) and event.call_id == self.call_id:
            self.call_id = self.recorded = None
        left = isinstance(event, h.CallLeft) and self.call_id is None
        for command in self.machine.commands():
            self.story.append(("    ", command))
            self.ledger.command(command)
            self._execute(command)
        if left:
            self.ledger.left()
        self.check()
        self.feed_answers()

    def feed_answers(self) -> None:
        """What the text-to-speech says once it was stopped, which it says at once."""
        while self.unfed:
            self.feed(self.unfed.popleft())

    def check(self) -> None:
        machine, context = self.machine, self.machine._context
        durable = machine.durable
        self.ledger.items(durable.items)
        if not self.writes:
            assert fold(self.shelf.history()) == durable, "what is stored is not what is live"
            cart = self.shelf.states.get("cart", {"lines": []})
            assert cart == {"lines": self.lines}, "an effect is missing, or was applied twice"
        assert all(not session.problems for session in self.sessions.values()), [
            problem for session in self.sessions.values() for problem in session.problems
        ]
        if context.call is None:
            assert machine.authority is not Authority.SETTLED
            assert machine.turn is Turn.IDLE
        if machine.turn is Turn.IDLE:
            assert context.reply is None
        if self.waits():
            assert machine.deadline is not None, "something is waited for without a deadline"

    def waits(self) -> bool:
        """Whether the machine waits for anything but the caller, the client, and the store."""
        context = self.machine._context
        calls = context.round.calls.values() if context.round else ()
        working = any(call.stage in {"running", "approval"} for call in calls)
        draining = any(session.link.value == "draining" for session in context.sessions.values())
        opening = any(session.link.value == "opening" for session in context.sessions.values())
        taken = self.machine.turn in {Turn.WAITING, Turn.RESPONDING}
        vacant = context.call is not None and self.machine.authority is Authority.VACANT
        return working or draining or opening or taken or vacant or bool(context.unwritten)

    def _execute(self, command: c.Command) -> None:
        match command:
            case c.Persist():
                self.writes.append(command)
            case c.OpenSession(epoch, config):
                expires = None if self.lifetime is None else self.now + self.lifetime
                self.sessions[epoch] = ModelSession(
                    epoch, config, self.random, self.tags, self.acknowledges, self.faults, expires
                )
                self.sessions[epoch].inbox.append(command)
            case c.CloseSession(epoch):
                self.sessions[epoch].state = "closed"
            case c.RouteAudio(hear):
                self.hears = hear
            case c.LetHear():
                self.let_hear()
            case c.PausePlayback() | c.ResumePlayback():
                assert self.paused == isinstance(command, c.ResumePlayback), "paused twice, or never"
                self.paused = not self.paused
            case c.WatchPlayback(number):
                self.watched = number
            case c.WriteDown() | c.EndUtterance() | c.ForgetSpeech():
                self.ear.take(command)
            case c.RunTool(tool_call_id):
                self.runs[tool_call_id] = ToolRun(command)
            case c.CancelTool(tool_call_id):
                if tool_call_id in self.runs:
                    self.runs[tool_call_id].cancelled = True
            case c.HangUp():
                self.call_id = self.recorded = None
                self.unfed += self.voice.stop()
            case c.Announce(notice):
                self._hear(notice)
            case c.SpeakText():
                self.voice.take(command)
            case c.FlushPlayback() | c.StopSpeaking():
                self.unfed += self.voice.stop()
            case c.RecordCall(call_id, on):
                assert on == (self.recorded != call_id), "recorded twice, or stopped twice"
                self.recorded = call_id if on else None
            case _:
                self.sessions[command.epoch].inbox.append(command)

    def _hear(self, notice: n.Notice) -> None:
        """What a client makes of what it is told."""
        match notice:
            case n.ToolNotice(stage="approval", tool_call_id=name):
                self.approvals.add(name)
            case n.OutputItemNotice(stage="done", item=item) if item.kind == "function_call":
                self.client_calls[item.tool_call_id or ""] = item.id
            case n.ItemNotice(stage="added", item=item):
                self.told_items.append(item.id)
            case n.AudioRouteNotice(item_id=item_id, engine_item_id=theirs):
                self.heard_items[item_id] = theirs
            case _:
                pass

    # --- what the world does ------------------------------------------------------------------------------

    def engine_steps(self) -> list[Callable[[], None]]:
        steps: list[Callable[[], None]] = []
        if self.voice.busy:
            steps.append(self.make_sound)
        if self.watched:
            steps.append(self.play_to_the_end)
        if self.ear.unwritten:
            steps.append(self.write_down)
        for session in self.sessions.values():
            steps += session.steps()
            if session.outbox:
                steps.append(lambda session=session: self.arrive(session))  # type: ignore[misc]
        return steps

    def make_sound(self) -> None:
        """The text-to-speech goes on."""
        for event in self.voice.go_on():
            self.feed(event)

    def play_to_the_end(self) -> None:
        """The caller has heard all there is."""
        number, self.watched = self.watched, 0
        self.feed(h.AllPlayed(number))

    @property
    def own(self) -> c.OwnHearing | None:
        """How the service listens to the caller itself."""
        session = self.machine._context.sessions.get(self.hears[0]) if self.hears else None
        return session.config.hearing if session else None

    def let_hear(self) -> None:
        for epoch in self.hears:
            self.sessions[epoch].heard_anything = True

    def write_down(self) -> None:
        """The speech-to-text says what was said, if anything."""
        for event in self.ear.write_down(faults=self.faults):
            self.feed(event)

    def arrive(self, session: ModelSession) -> None:
        """The next event of an engine arrives."""
        self.feed(session.outbox.popleft())

    def lose(self, session: ModelSession) -> None:
        """A session is lost: what was on its way is lost too, or comes just before."""
        while session.outbox and self.random.random() < 0.5:
            self.arrive(session)
            if not session.alive:
                return
        session.state = "lost"
        session.outbox.clear()
        code = self.random.choice(["engine_lost", "session_expired", "bad_model"])
        self.feed(e.SessionFailed(session.epoch, code, code, retryable=code == "engine_lost"))

    def write(self, *, told: bool = True) -> None:
        """The store makes the oldest write."""
        command = self.writes.popleft()
        settlement = command.record
        if isinstance(settlement, r.SettlementRow):
            self._settle(settlement, told=told)
        else:
            self.shelf.keep(settlement)

    def _settle(self, settlement: r.SettlementRow, *, told: bool) -> None:
        if self.faults and self.random.random() < 0.1:
            if told:
                self.feed(h.Settled(settlement.tool_call_id, error="constraint violated"))
            return
        assert settlement.tool_call_id not in self.shelf.settled, "effects would apply twice"
        for revision in settlement.revisions:
            assert revision.revision == self.shelf.revisions.get(revision.state, 0) + 1, "a gap in revisions"
        self.lines += [settlement.tool_call_id for revision in settlement.revisions]
        answer = self.shelf.keep(settlement)
        if told and answer is not None:
            self.feed(answer)

    def finish_tool(self, name: str) -> None:
        run = self.runs.pop(name)
        command, lot = run.command, self.random.random()
        outcome, output, effects, end = "completed", '"done"', r.Effects(), None
        if run.cancelled and lot < 0.8:
            outcome, output = "cancelled", "stopped"
        elif self.faults and lot < 0.2:
            outcome, output = self.random.choice(["failed", "timed_out"]), "broken"
        elif "cart" in command.states:
            lines = [*command.states["cart"]["lines"], name]  # type: ignore[misc]
            effects = r.Effects(states={"cart": {"lines": lines}})
        elif lot > 0.97:
            end = "goodbye"
        self.feed(
            h.ToolReturned(name, command.attempt, outcome, output, effects, end_call=end)  # type: ignore[arg-type]
        )

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.feed(h.TimePassed())

    def reach_deadline(self) -> None:
        deadline = self.machine.deadline
        if deadline is not None:
            self.pass_time(max(0.0, deadline - self.now))

    def stale(self) -> None:
        """An event of a session that is long closed."""
        self.feed(e.OutputDelta(0, "resp_1", "item_1", "text", "old"))

    # --- coming to rest -----------------------------------------------------------------------------------

    def settle_down(self) -> None:
        """The world answers everything; then nothing may be left open."""
        faults, self.faults = self.faults, False
        for session in self.sessions.values():
            session.faulty = False
        # A session that is being opened is told every item, and answers each in two steps.
        for _ in range(2000 + 20 * len(self.machine.durable.items)):
            if steps := self.engine_steps():
                steps[0]()
            elif self.runs:
                self.finish_tool(next(iter(self.runs)))
            elif self.writes:
                self.write()
            elif self.approvals:
                self.feed(h.ToolApproved(self.approvals.pop(), approve=True))
            elif not self._at_rest() and self.machine.deadline is not None:
                self.reach_deadline()
            else:
                break
        self.faults = faults
        assert self._at_rest(), f"stuck: {self.machine.turn} {self.machine.authority}"
        open_replies = [name for name, told in self.ledger.replies.items() if not told.done]
        assert not open_replies, f"replies without an end: {open_replies}"
        self._compare_engine()

    def _compare_engine(self) -> None:
        """At rest the engine on duty has all that its agent may know, and no call of it is unanswered."""
        context = self.machine._context
        ours = context.session
        if ours is None:
            return
        theirs = self.sessions[ours.epoch]
        for item in context.timeline.reading():
            # What a client wrote into a past that the agent does not know stays unknown to it.
            knows = item.sequence >= ours.since and (ours.since == 0 or item.position == item.sequence)
            if item.kind == "message" and knows and sayable(item) is not None:
                name = ours.theirs(item.id)
                assert name in theirs.items | theirs.gone, f"the engine knows nothing of {item.id}"
        waiting = {ours.calls.get(name, name) for name in context.round.calls} if context.round else set()
        unanswered = [name for name, done in theirs.calls.items() if not done and name not in waiting]
        assert not unanswered, f"the engine waits for the answers to {unanswered}"

    def _at_rest(self) -> bool:
        context = self.machine._context
        if context.call is None:
            return self.machine.finished
        waits_for_client = context.round is not None and context.round.waits_for_client
        return (
            self.machine.turn in {Turn.IDLE, Turn.LISTENING}
            and (context.round is None or waits_for_client)
            and context.switch is None
            and not (context.words or context.side_requests)
            and not any(session.sides or session.requests for session in context.sessions.values())
            and not any(session.link.value == "draining" for session in context.sessions.values())
        )
