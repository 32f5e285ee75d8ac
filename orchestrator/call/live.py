"""The driver of one live conversation: joins the machine to engines, tools, the store and the client.

It holds no policy. Events go into the machine as they come, commands are executed in order, none of them
waits; what takes time runs in the one task group and comes back as an event.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Final

import structlog

from orchestrator.call import journal
from orchestrator.call.audio import AudioDesk
from orchestrator.call.client import CallClient
from orchestrator.call.clock import wall_clock
from orchestrator.call.engines import Engines
from orchestrator.call.hearing import HearingDesk
from orchestrator.call.line import Line
from orchestrator.call.recording import RecordingDesk, RecordingShelf
from orchestrator.call.rehearsal import Rehearsal
from orchestrator.call.sessions import Sessions
from orchestrator.call.sound import CallerAudio
from orchestrator.call.sounding import Sounding
from orchestrator.call.speaking import SpeakingDesk
from orchestrator.call.tool_desk import ToolDesk
from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core.configuration import Wishes
from orchestrator.core.context import Timing
from orchestrator.core.conversation import Conversation
from orchestrator.core.definition import Definition
from orchestrator.core.errors import FencedError
from orchestrator.core.notices import EndedNotice, SessionNotice
from orchestrator.core.records import CallRow, History, Record
from orchestrator.realtime.connection import AudioDelta
from orchestrator.store.write_queue import CommitResult
from orchestrator.store.writer import ConversationWriter

_log: Final = structlog.get_logger(__name__)


def new_id(prefix: str) -> str:
    """Make an id that is not to be guessed and fits every engine: `item_…`."""
    return f"{prefix}_{secrets.token_hex(12)}"


class LiveConversation:
    """One conversation that somebody is connected to, or whose last effects are being stored.

    Args:
        definition: All agents.
        history: What is stored.
        engines: Where sessions go.
        writer: Of this conversation, not yet running.
        clock: Seconds since the Unix epoch, to the microsecond.
        timing: How long the machine waits for what.
        recordings: Where recordings go.

    Attributes:
        line: Who is connected.
        writer: Where its records go.
        running: Set once clients may join.
        closed: Set once everything is stored and the conversation is nobody's.
        tools: Its tool runs that are under way.
        pinned: Whether its agents stay as they are, whatever administrators change.
    """

    def __init__(
        self,
        definition: Definition,
        history: History,
        *,
        engines: Engines,
        writer: ConversationWriter,
        clock: Callable[[], float] = wall_clock,
        timing: Timing | None = None,
        recordings: RecordingShelf | None = None,
    ) -> None:
        self.id = history.conversation_id
        self.metadata = history.metadata
        replay = Rehearsal(history.replay_of) if history.replay_of is not None else None
        self.tools = ToolDesk(self.id, self.metadata, self.feed, replay)
        self.pinned = False
        self.machine = Conversation(
            definition, history, abilities=engines.abilities, new_id=new_id, timing=timing
        )
        self._engines = engines
        self.writer = writer
        self._clock = clock
        self._inbox: deque[h.Event] = deque()
        self._feeding = False
        self._joining = False
        self._audio = AudioDesk(clock)
        self._sounding = Sounding(self._made_ms, clock)
        self._audio.on_sound = self._sound_began
        self._hearing = HearingDesk(
            self.id, engines.ears, self._audio, self._sounding, self.feed, self._start
        )
        self._sessions = Sessions(
            engines, self._audio, self._hearing, feed=self.feed, play=self._play, start=self._start
        )
        self._journal = journal.Journal(self.id)
        tapes = RecordingDesk(self.id, recordings, self._start, new_id)
        self.line = Line(self._audio, lambda: self.machine.wishes.output_format, tapes)
        self._speaking = SpeakingDesk(
            self.id, engines.voices, engines.phrases, self.line, self._spoken, self._start
        )
        self._alarm: asyncio.TimerHandle | None = None
        self._group: asyncio.TaskGroup | None = None
        self._over = asyncio.Event()
        self.running = asyncio.Event()
        self.closed = asyncio.Event()

    # --- for doors and operators --------------------------------------------------------------------------

    def join(self, client: CallClient, *, wishes: Wishes | None = None, greet: bool = False) -> None:
        """Give the line to a client; one that had it before is hung up on.

        Args:
            client: The connection; it is told from now on.
            wishes: What it asked for when it connected.
            greet: Whether the agent may speak first; see `CallJoined`.
        """
        self._joining = True
        if self.client is not None:
            self.feed(h.OperatorEnded(by="service", reason="replaced"))
        self.client, self._joining = client, False
        self.machine.wishes = wishes or Wishes()
        self.feed(h.CallJoined(client.call_id, client.transport, greet))

    def take_over(self, client: CallClient) -> None:
        """Let a client go on where the one that has the line stops: nothing is cut off, nobody greets.

        Args:
            client: The new connection; it has taken what waited to be heard from the one before.
        """
        before = self.client
        if before is None:
            self.join(client)
            return
        self.client = client
        self.feed(h.CallMoved(client.call_id, client.transport, before.statistics()))
        before.tell(EndedNotice("service", "replaced"))
        before.hang_up("replaced")

    def add_sideband(self, client: CallClient) -> None:
        """Let a further connection see and say what the client does."""
        self.line.sidebands.append(client)
        client.tell(SessionNotice(self.machine.session))

    def leave(self, client: CallClient, reason: str) -> None:
        """A client is gone."""
        if client in self.line.sidebands:
            self.line.sidebands.remove(client)
        if self.client is client:
            self._speaking.stop()
            self.client = None
            self.feed(h.CallLeft(client.call_id, reason, client.statistics()))

    def feed(self, event: h.Event) -> None:
        """Take an event in and execute what comes of it. Never waits; call it on the event loop."""
        self._inbox.append(event)
        if self._feeding or self._over.is_set():
            return
        self._feeding = True
        try:
            while self._inbox:
                self.machine.feed(self._inbox.popleft(), self._clock())
                for command in self.machine.commands():
                    self._execute(command)
        except Exception as error:  # noqa: BLE001 - one conversation may fail; its node must not
            journal.crash(self.id, "conversation crashed", error)
            self.abandon("internal_error")
        finally:
            self._feeding = False
        self._set_alarm()

    def hear(self, audio: CallerAudio) -> None:
        """Pass caller audio, in the session's input format, on to whoever is to hear it."""
        if self.line.is_overheard:
            self.line.overhear(audio, self.machine.wishes.input_format)
        self._sessions.hear(audio)

    def forward(self, audio: bytes) -> Callable[[bytes], None] | None:
        """Take note of caller audio for the one engine that hears it; return what writes its append."""
        return None if self.line.is_overheard else self._sessions.forward(audio)

    def measured(self, event: h.CallerTruncatedItem) -> h.CallerTruncatedItem:
        """Add to a client's truncation how much audio of the item there is; nothing more of it is heard."""
        characters = self._speaking.heard(event.item_id, event.audio_end_ms)
        self._sounding.cut()
        return replace(event, generated_ms=self._made_ms(event.item_id), characters=characters)

    def played(self, item_id: str, milliseconds: int) -> None:
        """Our own playout has come to an item's end, or was stopped before.

        Args:
            item_id: Which item.
            milliseconds: How much of its sound has left.
        """
        made = self._made_ms(item_id)
        characters = self._speaking.heard(item_id, milliseconds) if milliseconds < made else None
        self.feed(h.Played(item_id, milliseconds, characters, final=True, generated_ms=made))

    def _made_ms(self, item_id: str) -> int:
        return self._audio.generated_ms(item_id, self.machine.wishes.output_format)

    def flush(self) -> None:
        """Fall silent at once: nothing of what was made leaves later, and nothing more is made."""
        self.line.flush()
        self._sounding.cut()
        self._speaking.stop()

    @property
    def client(self) -> CallClient | None:
        """Who has the line; settable."""
        return self.line.client

    @client.setter
    def client(self, client: CallClient | None) -> None:
        self.line.client = client

    @property
    def understands_sound(self) -> bool:
        """Whether the caller is heard, by the agent's engine or by us; else sound piles up for nothing."""
        return self._engines.hears(self.machine.definition.agent(self.machine.agent))

    def set_definition(self, definition: Definition, agent: str) -> None:
        """An agent was changed by an administrator."""
        self.machine.definition = definition
        self.feed(h.DefinitionChanged(agent))

    async def stored(self, deadline: float) -> None:
        """Wait until everything that happened so far can be read from the store.

        Args:
            deadline: Seconds.

        Raises:
            StoreUnavailableError: The deadline passed.
            FencedError: The conversation is another node's now.
        """
        await self.writer.flush(deadline)

    @property
    def open(self) -> bool:
        """Whether a client may still join."""
        return not self._over.is_set()

    # --- its life -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Drive the conversation until nobody is connected and everything is stored."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self.running.set()
                group.create_task(self._write())
                await self._over.wait()
                self.writer.close()
        finally:
            self._group = None
            self._journal.close()
            if self._alarm is not None:
                self._alarm.cancel()

    async def _write(self) -> None:
        try:
            await self.writer.run()
        except FencedError:
            _log.warning("conversation is another node's now", conversation_id=self.id)
            self.abandon("moved")

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None] | None:
        """Start a task that ends with the conversation; none is started before that runs, or after."""
        if self._group is None:
            work.close()
            return None
        return self._group.create_task(work)

    def abandon(self, reason: str) -> None:
        """Let go at once: what is stored is the truth, and whoever goes on with it starts from there.

        Args:
            reason: Told to the clients.
        """
        client, self.client = self.client, None
        # First, so that nothing is taken in any more of what a client tells when it is hung up on.
        self._finish()
        for told in [*([client] if client else []), *self.line.sidebands]:
            told.hang_up(reason)

    def _finish(self) -> None:
        self._sessions.close_all("conversation over")
        self._hearing.stop()
        self._sounding.stop()
        self.tools.stop()
        self.line.recording.end()
        self._over.set()
        self.line.ears.close()
        self._speaking.stop()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._over.is_set():
            return
        if self.machine.finished and not self._joining:
            self._finish()
        elif (deadline := self.machine.deadline) is not None:
            wait = max(0.0, deadline - self._clock())
            self._alarm = asyncio.get_running_loop().call_later(wait, self.feed, h.TimePassed())

    # --- commands -----------------------------------------------------------------------------------------

    def _execute(self, command: c.Command) -> None:
        match command:
            case c.Announce(notice):
                self.line.tell(notice)
            case c.Persist():
                self._persist(command)
            case c.OpenSession():
                self._sessions.open(command)
            case c.CloseSession(epoch, reason):
                self._sessions.close(epoch, reason)
            case c.RouteAudio(hear, speak):
                self._sessions.route(hear, speak)
            case c.LetHear():
                self._sessions.let_hear()
            case c.WriteDown() | c.EndUtterance() | c.ForgetSpeech():
                self._hearing.obey(command)
            case c.RunTool():
                if self._group is not None:
                    spec = self.machine.definition.agent(command.agent).tool(command.name)
                    self.tools.run(self._group, command, spec)
            case c.CancelTool(tool_call_id):
                self.tools.cancel(tool_call_id)
            case c.RecordCall():
                self.line.recording.obey(command)
            case c.HangUp(call_id, reason):
                self.line.hang_up(call_id, reason)
                self._speaking.stop()
            case c.SpeakText():
                self._speaking.speak(command)
            case c.FlushPlayback():
                self.flush()
            case c.PausePlayback():
                if self.line.pause():
                    self._sounding.pause()
            case c.ResumePlayback():
                self._sounding.resume()
                self.line.resume()
            case c.WatchPlayback(number):
                self._sounding.watch(lambda: self.feed(h.AllPlayed(number)))
            case c.StopSpeaking():
                self._speaking.stop()
            case _:
                self._sessions.send(command)

    def _persist(self, command: c.Persist) -> None:
        record = self._measured_call(command.record)
        self._journal.note(record)
        if command.confirm is None:
            self.writer.put(record)
            return
        confirm = command.confirm

        def committed(result: CommitResult) -> None:
            error = result.error.message if result.error is not None else None
            self.feed(h.Settled(confirm, error, result.output if not result.applied else None))

        self.writer.put(record, committed)

    def _measured_call(self, record: Record) -> Record:
        """A call that we ended, with what its transport measured."""
        client = self.line.departed
        if client is None or not isinstance(record, CallRow) or record.id != client.call_id:
            return record
        return replace(record, statistics=client.statistics())

    # --- sound --------------------------------------------------------------------------------------------

    def _play(self, delta: AudioDelta) -> None:
        self.line.play(delta, behind=self._speaking.busy)

    def _sound_began(self, item_id: str) -> None:
        self._sounding.began(item_id)
        self.feed(h.SoundBegan(item_id))

    def _spoken(self, event: h.Spoken) -> None:
        self.line.spoken(event.item_id)
        self.feed(event)
        if not self._speaking.busy:
            self.line.release()
