"""The conversation machine's small machines, kept as tables.

Transitions are data: what a table does not name is refused and leaves the state as it was. The diagrams in
`docs/explanation/conversation-machine.md` are drawn from these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from orchestrator.core.errors import OrchestratorError


class Link(StrEnum):
    """How far a session with an engine has come."""

    OPENING = "opening"
    LIVE = "live"
    DRAINING = "draining"
    CLOSED = "closed"


class Turn(StrEnum):
    """Whose turn it is, and what the agent does with its own."""

    IDLE = "idle"
    LISTENING = "listening"
    WAITING = "waiting"
    RESPONDING = "responding"
    WORKING = "working"


class Authority(StrEnum):
    """Who may speak for the service."""

    VACANT = "vacant"
    SETTLED = "settled"
    STAGED = "staged"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class IllegalTransitionError(OrchestratorError):
    """A bug of ours: something was done that the table does not allow."""

    code = "illegal_transition"


StateT = TypeVar("StateT", bound=StrEnum)


@dataclass(frozen=True)
class Table(Generic[StateT]):
    """One small machine.

    Attributes:
        name: For diagrams and messages.
        start: Its first state.
        moves: From each state, the state that each happening leads to.
    """

    name: str
    start: StateT
    moves: Mapping[StateT, Mapping[str, StateT]]

    def allows(self, state: StateT, happening: str) -> bool:
        """Whether the happening may befall this state."""
        return happening in self.moves.get(state, {})

    def after(self, state: StateT, happening: str) -> StateT:
        """The state that follows.

        Raises:
            IllegalTransitionError: The table does not allow it.
        """
        try:
            return self.moves[state][happening]
        except KeyError:
            raise IllegalTransitionError(
                f"{self.name}: {happening!r} cannot happen while {state.value}."
            ) from None


LINK: Final = Table(
    "link",
    Link.OPENING,
    {
        Link.OPENING: {"ready": Link.LIVE, "failed": Link.CLOSED, "closed": Link.CLOSED},
        Link.LIVE: {"retired": Link.DRAINING, "failed": Link.CLOSED, "closed": Link.CLOSED},
        Link.DRAINING: {"failed": Link.CLOSED, "closed": Link.CLOSED},
        Link.CLOSED: {},
    },
)

TURN: Final = Table(
    "turn",
    Turn.IDLE,
    {
        Turn.IDLE: {
            "caller_speaks": Turn.LISTENING,
            "response_wanted": Turn.WAITING,
            "response_started": Turn.RESPONDING,
        },
        Turn.LISTENING: {
            "response_wanted": Turn.WAITING,
            "response_started": Turn.RESPONDING,
            "ended": Turn.IDLE,
        },
        Turn.WAITING: {
            "caller_speaks": Turn.LISTENING,
            "response_started": Turn.RESPONDING,
            "ended": Turn.IDLE,
        },
        Turn.RESPONDING: {
            "caller_speaks": Turn.LISTENING,
            "response_wanted": Turn.WAITING,
            "tools_called": Turn.WORKING,
            "ended": Turn.IDLE,
        },
        Turn.WORKING: {
            "caller_speaks": Turn.LISTENING,
            "response_wanted": Turn.WAITING,
            "response_started": Turn.RESPONDING,
            "ended": Turn.IDLE,
        },
    },
)

AUTHORITY: Final = Table(
    "authority",
    Authority.VACANT,
    {
        Authority.VACANT: {"staged": Authority.STAGED, "ended": Authority.ENDED},
        Authority.SETTLED: {
            "staged": Authority.STAGED,
            "vacated": Authority.VACANT,
            "ended": Authority.ENDED,
        },
        Authority.STAGED: {
            "staged": Authority.STAGED,
            "confirmed": Authority.CONFIRMED,
            "rolled_back": Authority.SETTLED,
            "vacated": Authority.VACANT,
            "ended": Authority.ENDED,
        },
        Authority.CONFIRMED: {
            "staged": Authority.STAGED,
            "committed": Authority.SETTLED,
            "rolled_back": Authority.SETTLED,
            "vacated": Authority.VACANT,
            "ended": Authority.ENDED,
        },
        Authority.ENDED: {"joined": Authority.VACANT},
    },
)
