"""What the parts of the conversation machine share, and the few verbs by which they act."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestrator.core.commands import Announce, Command, Persist
from orchestrator.core.configuration import EngineAbilities, Wishes
from orchestrator.core.definition import AgentSpec, Definition
from orchestrator.core.items import Item, Origin
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import Notice
from orchestrator.core.records import CallRow, ConversationRow, ConversationStatus, ItemRow, Record
from orchestrator.core.session import Request, Session
from orchestrator.core.sounds import Sounds
from orchestrator.core.timeline import Timeline
from orchestrator.core.transitions import AUTHORITY, TURN, Authority, Turn

if TYPE_CHECKING:
    from orchestrator.core.hearing import Utterance
    from orchestrator.core.playback import Cut
    from orchestrator.core.reply import OpenReply
    from orchestrator.core.session import Switch
    from orchestrator.core.tool_calls import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the machine waits, in seconds.

    Attributes:
        open: For a session to be ready.
        first_event: For a response that was asked for to begin.
        silence: For anything at all while a response is in progress.
        stopping: For a response that was cancelled to end.
        words: For our own speech-to-text to say what the caller said.
        speech: For a caller who goes on speaking while the agent has something to say.
        drain: For late transcripts of a session that was replaced.
        rollover: How long before a session expires another is opened.
        rollover_latest: How long before that the switch no longer waits for a quiet moment.
        filler: Until a caller who waits for a tool is told so.
        filler_again: Until that is said again.
        tool_grace: Beyond a tool's own time limit, until it is given up.
        approval: For an operator to approve a tool run.
        summary: For the summary that a handoff may carry.
        side: For a response out of band, from the request to its end.
        ask_again: Until a request is repeated that was refused for a response we do not know of.
        doubt: For an engine to name our request, after a response that may have been the answer to it.
        voice: For the text-to-speech to make the sound of an item, once all of its text is there.
        back: For a caller to come back, and still be answered what was asked before.
        retries: Pauses before each new try to reach a lost engine; after the last, the call ends.
        unreached: From the first such loss until no new try begins; each may take as long as `open`.
        steady: That a session is on duty, owing nobody anything, until its loss counts as the first in a row.
    """

    open: float = 10.0
    first_event: float = 15.0
    silence: float = 60.0
    stopping: float = 5.0
    words: float = 20.0
    speech: float = 15.0
    drain: float = 5.0
    rollover: float = 120.0
    rollover_latest: float = 20.0
    filler: float = 2.0
    filler_again: float = 10.0
    tool_grace: float = 5.0
    approval: float = 120.0
    summary: float = 8.0
    side: float = 60.0
    ask_again: float = 1.0
    doubt: float = 3.0
    voice: float = 60.0
    back: float = 60.0
    retries: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
    unreached: float = 15.0
    steady: float = 20.0


@dataclass(slots=True)
class Context:
    """The state of one live conversation.

    Attributes:
        abilities: What the engine of an agent can do.
        new_id: Makes an id with the given prefix.
        session_id: What the client knows its session by.
        now: Seconds since the Unix epoch, as of the event being handled.
        commands: To be drained by the driver.
        sessions: By epoch; closed ones are gone.
        on_duty: Epoch of the session that holds the conversation, None while there is none.
        switch: The session that is to take over, with what is to happen then.
        call: The client connection that has the line.
        reply: What the client is being told.
        side_requests: Requests out of band that wait for a session.
        item_ids, tool_call_ids: In use, so that engines which count from one do not collide.
        tool_attempts: Runs of calls that earlier lives of the conversation left unanswered.
        cuts: How far items were heard that are still being made, by item id.
        round: Tool calls that are not all answered yet.
        wanted: The response to ask for as soon as that is possible.
        words: Texts to be spoken as they are, once the agent is silent.
        recorded: The call that is being recorded.
        informed: The call whose caller was told so.
        hearing: Our id of what the caller is saying, None while it is silent.
        paused: The reply is held back until it is known whether the caller said something.
        utterance: The same, where our own hearing finds the turns.
        unwritten: Utterances that are over, whose words are still to come, by our id.
        committing: Our ids of the utterances that an engine is about to make items of.
        heard_by: The session that hears the caller.
        commit_waits: The client ended its turn by hand while there was no session to tell.
        timers: What must be looked after, and when.
        steps: Tool rounds in this turn.
        repairs: Rounds of bad arguments in this turn, by tool.
        hops: Handoffs since the caller last said something.
        failures: Tries in a row whose session was not had, or soon lost, and brought no response to its end.
        failing_since: When the first of those failed.
        ending: Why to hang up once the reply is over.
        awaits_caller: A reply is over, and the caller has done nothing since.
        sounds: What the caller says and hears, and when.
        patience: The number of the wait for a caller who says nothing; None where nobody waits.
        waits: Of them, in this life.
    """

    definition: Definition
    timeline: Timeline
    abilities: Callable[[AgentSpec], EngineAbilities]
    new_id: Callable[[str], str]
    timing: Timing
    epoch: int
    session_id: str
    wishes: Wishes = field(default_factory=Wishes)
    now: float = 0.0
    commands: list[Command] = field(default_factory=list)
    sessions: dict[int, Session] = field(default_factory=dict)
    on_duty: int | None = None
    switch: "Switch | None" = None
    call: CallRow | None = None
    reply: "OpenReply | None" = None
    side_requests: list[Request] = field(default_factory=list)
    item_ids: set[str] = field(default_factory=set)
    tool_call_ids: set[str] = field(default_factory=set)
    tool_attempts: dict[str, int] = field(default_factory=dict)
    cuts: "dict[str, Cut]" = field(default_factory=dict)
    round: "Round | None" = None
    wanted: Request | None = None
    words: list[tuple[str, Origin]] = field(default_factory=list)
    recorded: str | None = None
    informed: str | None = None
    hearing: str | None = None
    paused: bool = False
    utterance: "Utterance | None" = None
    unwritten: "dict[str, Utterance]" = field(default_factory=dict)
    committing: list[str] = field(default_factory=list)
    heard_by: int | None = None
    commit_waits: bool = False
    timers: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    repairs: dict[str, int] = field(default_factory=dict)
    hops: int = 0
    failures: int = 0
    failing_since: float = 0.0
    turn_ended_at: float | None = None
    sounds: Sounds = field(default_factory=Sounds)
    ending: str | None = None
    awaits_caller: bool = False
    patience: int | None = None
    waits: int = 0
    turn: Turn = TURN.start
    authority: Authority = AUTHORITY.start

    # --- verbs ---

    def do(self, command: Command) -> None:
        """Give a command to the driver."""
        self.commands.append(command)

    def keep(self, record: Record) -> None:
        """Have a record stored."""
        self.commands.append(Persist(record))

    def tell(self, notice: Notice) -> None:
        """Tell the client, as long as one has the line."""
        if self.call is not None:
            self.commands.append(Announce(notice))

    def move_authority(self, happening: str) -> None:
        """Let authority pass.

        Raises:
            IllegalTransitionError: A bug of ours.
        """
        self.authority = AUTHORITY.after(self.authority, happening)

    def set_timer(self, name: str, seconds: float) -> None:
        """Ask to be woken in so many seconds."""
        self.timers[name] = self.now + seconds

    def clear_timer(self, name: str) -> None:
        """Forget a timer."""
        self.timers.pop(name, None)

    # --- questions ---

    @property
    def session(self) -> Session | None:
        """The session on duty."""
        return None if self.on_duty is None else self.sessions[self.on_duty]

    @property
    def agent(self) -> AgentSpec:
        """The agent on duty."""
        return self.definition.agent(self.timeline.agent)

    def state(self, name: str) -> JsonObject:
        """Present value of a state."""
        value = self.timeline.states.get(name)
        return self.definition.states[name].initial if value is None else value

    def visible(self, item: Item) -> bool:
        """Whether the client may see an item: tools and handoffs of ours stay behind the door."""
        if item.is_marker or (item.origin == "operator" and item.role == "system"):
            return False
        if item.kind == "message":
            return True
        return item.origin == "client" or bool(item.data.get("client_tool"))

    def previous_visible(self, item: Item) -> str | None:
        """The id of the visible item that is read right before this one."""
        return self.timeline.before(item, self.visible)

    # --- durable changes ---

    def put(self, item: Item) -> Item:
        """Add or replace an item, and have it stored."""
        self.item_ids.add(item.id)
        self.timeline.put(item)
        self.keep(ItemRow(item))
        return item

    def change(self, item_id: str, change: Callable[[Item], Item]) -> Item:
        """Change an item, and have it stored."""
        item = self.timeline.change(item_id, change)
        self.keep(ItemRow(item))
        return item

    def stamp(self, item: Item) -> Item:
        """Give a new item its place at the end, its time, its agent and its epoch."""
        sequence = self.timeline.next_sequence()
        return replace(
            item,
            sequence=sequence,
            position=Decimal(sequence),
            created_at=self.now,
            agent=item.agent or self.timeline.agent,
            epoch=item.epoch or self.on_duty or 0,
        )

    def keep_conversation(self, status: ConversationStatus, ended_by: str | None = None) -> None:
        """Have the conversation's own row stored."""
        row = ConversationRow(
            agent=self.timeline.agent, status=status, updated_at=self.now, ended_by=ended_by
        )
        self.keep(row)
