"""What is shown of replays, and what is asked of them."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from orchestrator.api.admin.conversation_shapes import Status
from orchestrator.api.shapes import Body, Moment, Name, Shown, plain, shown
from orchestrator.core.comparison import Comparison, DifferenceKind, TurnPair
from orchestrator.core.turns import Step, ToolUse, Turn
from orchestrator.store.conversations import ConversationFilter
from orchestrator.store.replays import CaseOutcome, ReplayCase, ReplayRun, ReplayStatus

ConversationId = Annotated[str, Meta(min_length=1, max_length=200)]


class ReplayFilter(Body):
    """Conversations by what they are like, as in the list; the newest first, `limit` of them."""

    agent: Name | None = None
    status: Status | None = None
    since: Moment | None = None
    until: Moment | None = None
    text: Name | None = None
    has_error: bool | None = None
    tool_error: bool | None = None
    slower_than_ms: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    label: Name | None = None
    verdict: Name | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100

    def chosen(self) -> ConversationFilter:
        """As the store takes it."""
        return ConversationFilter(
            agent=self.agent,
            status=self.status,
            created_from=self.since,
            created_before=self.until,
            text=self.text,
            has_error=self.has_error,
            tool_error=self.tool_error,
            slower_than_ms=self.slower_than_ms,
            label=self.label,
            verdict=self.verdict,
        )


class AgentChoice(Body):
    """Which agent a replay meets under a name: give one of the two.

    Attributes:
        revision: A stored one; 0 is the class.
        overrides: On top of the class, as in `PATCH /admin/agents/{name}`.
    """

    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)] | UnsetType = UNSET
    overrides: dict[str, Any] | UnsetType = UNSET


class NewReplay(Body):
    """Conversations to be replayed: by their ids, or by a filter.

    Attributes:
        engine: For every agent: a name that is set up here, or `default`; null for the agents' own.
        agents: What is to be different of agents, by name.
        concurrency: Conversations at once; at most half of what the node carries.
    """

    conversations: Annotated[list[ConversationId], Meta(max_length=1000)] | UnsetType = UNSET
    filter: ReplayFilter | UnsetType = UNSET
    engine: Name | None = None
    agents: Annotated[dict[str, AgentChoice], Meta(examples=[{}])] = field(default_factory=dict)
    concurrency: Annotated[int, Meta(ge=1, le=32)] = 4
    note: Annotated[str, Meta(max_length=1000, examples=["before the new menu"])] = ""


class ReplaySummary(Shown):
    """A replay in a list, with how far it has come.

    Attributes:
        total: Conversations; `waiting` … `failed` say how many of them stand how.
    """

    id: Annotated[str, Meta(examples=["replay_0123456789abcdef01234567"])]
    status: ReplayStatus
    engine: str | None
    agents: dict[str, Any]
    concurrency: int
    note: str
    author: str
    created_at: float
    finished_at: float | None
    total: int
    waiting: int
    running: int
    same: int
    different: int
    failed: int


class CaseDetails(Shown):
    """One conversation of a replay.

    Attributes:
        replayed_id: The conversation that the replay made.
        turns: That were compared.
        first_turn: The first that differs.
        kinds: Of differences, each once.
    """

    number: int
    original_id: str
    replayed_id: str | None
    outcome: CaseOutcome
    turns: int
    first_turn: int | None
    differences: int
    kinds: list[str]
    error: str | None
    started_at: float | None
    finished_at: float | None


class ReplayDetails(Shown):
    """A replay with a page of its conversations."""

    replay: ReplaySummary
    cases: list[CaseDetails]
    next: str | None


class StepDetails(Shown):
    """A tool that was called, or a handoff that took place.

    Attributes:
        name: Of the tool, or of the agent who came on duty.
        arguments: Of the tool, or the payload of the handoff.
        outcome: Of the tool; of a handoff always `completed`.
    """

    kind: Literal["tool", "handoff"]
    name: str
    arguments: Any
    outcome: str
    output: str | None


class TurnDetails(Shown):
    """One turn: what the caller said, what was done, what was said."""

    item_id: str | None
    said: list[str]
    steps: list[StepDetails]
    replies: list[str]
    states: dict[str, Any]


class DifferenceDetails(Shown):
    """One thing that went differently; `—` stands for what is not there."""

    turn: int
    kind: DifferenceKind
    where: str
    original: Any
    replayed: Any


class PairDetails(Shown):
    """A turn as it was and as it is."""

    number: int
    original: TurnDetails | None
    replayed: TurnDetails | None
    differences: list[DifferenceDetails]


class SideBySide(Shown):
    """A conversation and its replay.

    Attributes:
        turns: Empty while there is no replay yet.
        final: How the states differ in the end.
    """

    case: CaseDetails
    turns: list[PairDetails]
    final: list[DifferenceDetails]


def shown_run(run: ReplayRun) -> ReplaySummary:
    """A replay for a list."""
    return shown(run, ReplaySummary)


def shown_case(case: ReplayCase) -> CaseDetails:
    """One conversation of a replay."""
    return shown(case, CaseDetails)


def shown_comparison(case: ReplayCase, found: Comparison | None) -> SideBySide:
    """A conversation and its replay, turn by turn."""
    return SideBySide(
        case=shown_case(case),
        turns=[_pair(pair) for pair in found.turns] if found is not None else [],
        final=[shown(each, DifferenceDetails) for each in found.final] if found is not None else [],
    )


def _pair(pair: TurnPair) -> PairDetails:
    return PairDetails(
        number=pair.number,
        original=_turn(pair.original),
        replayed=_turn(pair.replayed),
        differences=[shown(each, DifferenceDetails) for each in pair.differences],
    )


def _turn(turn: Turn | None) -> TurnDetails | None:
    if turn is None:
        return None
    return TurnDetails(
        item_id=turn.item_id,
        said=[said.text for said in turn.said],
        steps=[_step(step) for step in turn.steps],
        replies=list(turn.replies),
        states=plain(turn.states),
    )


def _step(step: Step) -> StepDetails:
    if isinstance(step, ToolUse):
        return StepDetails(
            kind="tool",
            name=step.name,
            arguments=step.arguments,
            outcome=step.outcome,
            output=step.output,
        )
    return StepDetails(
        kind="handoff", name=step.target, arguments=step.payload, outcome="completed", output=None
    )
