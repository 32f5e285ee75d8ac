"""The review page as plain data: everything that it shows, on one clock, from what is stored alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.core.json_value import JsonObject
from orchestrator.store.details import ConversationDetails
from orchestrator.store.pricing import PriceList
from orchestrator.web.review.clock import Clock, clock_of
from orchestrator.web.review.facts import Facts, facts_of
from orchestrator.web.review.lanes import Lanes, lanes_of
from orchestrator.web.review.latency import Reply, percentiles, replies_of
from orchestrator.web.review.orders import KnownLines
from orchestrator.web.review.rows import AnyRow, NoteView
from orchestrator.web.review.states import Revision, revisions_of
from orchestrator.web.review.transcript import notes_of, rows_of
from orchestrator.web.review.turns import Turn, turns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """One conversation, ready to be shown.

    Attributes:
        agents: Every agent that has a part in it, in order of appearance; a place is a hue.
        notes: About the whole conversation; those about an item are with its row.
    """

    facts: Facts
    clock: Clock
    rows: tuple[AnyRow, ...]
    turns: tuple[Turn, ...]
    replies: tuple[Reply, ...]
    revisions: tuple[Revision, ...]
    lanes: Lanes
    agents: tuple[str, ...]
    notes: tuple[NoteView, ...]

    @property
    def live(self) -> bool:
        """Whether a call is on."""
        return self.facts.status == "live"


def view_of(
    details: ConversationDetails,
    prices: PriceList,
    *,
    now: float,
    initial: Mapping[str, JsonObject] | None = None,
) -> ReviewView:
    """Make the view of a conversation.

    Args:
        details: All that is stored of it.
        prices: Of tokens.
        now: Seconds since the Unix epoch; it matters only for a call that is on.
        initial: Values of the states that the agents declare, before any change.
    """
    clock = clock_of(details, now=now)
    replies = replies_of(details, clock)
    declared = initial or {}
    lines: KnownLines = {}
    rows = rows_of(details, clock, replies, declared, lines)
    facts = facts_of(details, clock, percentiles(replies), prices)
    return ReviewView(
        facts=facts,
        clock=clock,
        rows=rows,
        turns=turns_of(rows),
        replies=replies,
        revisions=revisions_of(details, clock, declared, lines),
        lanes=lanes_of(rows, details.summary.entry_agent, facts.length_ms),
        agents=_agents(details, rows),
        notes=tuple(note for note in notes_of(details) if note.item_id is None),
    )


def _agents(details: ConversationDetails, rows: tuple[AnyRow, ...]) -> tuple[str, ...]:
    named = [details.summary.entry_agent, *details.summary.agents, *(row.agent for row in rows)]
    return tuple(dict.fromkeys(name for name in named if name))
