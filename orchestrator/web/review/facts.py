"""The facts at the head of the review page."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from orchestrator.store.details import ConversationDetails
from orchestrator.store.pricing import PriceList
from orchestrator.web.review.clock import Clock
from orchestrator.web.review.latency import Percentiles

ENDINGS: Final = {
    "client disconnected": "the caller hung up",
    "hung up": "an operator hung up",
    "connection lost": "the caller's connection was lost",
    "replaced": "the caller joined from elsewhere",
    "shutdown": "the service stopped",
    "moved": "another node took over",
    "duration_limit": "it reached the longest time allowed",
    "store_unavailable": "the database was away for too long",
}
"""What the reasons of the service mean; any other, such as an agent's goodbye, is shown as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of a conversation.

    Attributes:
        started_at: Seconds since the Unix epoch.
        length_ms: Of all calls together.
        ended: Who or what ended the last call; empty while one is on.
        ended_by: Who ended the conversation for good; empty where nobody did.
        cost: US dollars for all that has a price; None where nothing has.
        unpriced: Responses whose model has no price: the cost is without them.
        agents: On duty one after another.
        transports: Of its calls, each once.
        interruptions: Replies that were cut short.
    """

    id: str
    status: str
    started_at: float
    length_ms: int
    ended: str
    ended_by: str
    cost: Decimal | None
    unpriced: int
    agents: tuple[str, ...]
    transports: tuple[str, ...]
    calls: int
    turns: int
    tool_errors: int
    interruptions: int
    wait: Percentiles
    labels: tuple[str, ...]
    verdict: str | None
    last_sequence: int


def facts_of(details: ConversationDetails, clock: Clock, wait: Percentiles, prices: PriceList) -> Facts:
    """The facts of a conversation.

    Args:
        details: All of it.
        clock: Of it.
        wait: How long the caller waited for replies.
        prices: Of tokens.
    """
    summary = details.summary
    costs = [prices.cost(row.model, row.usage, row.created_at) for row in details.responses if row.usage]
    priced = [cost for cost in costs if cost is not None]
    return Facts(
        id=summary.id,
        status=summary.status,
        started_at=clock.start,
        length_ms=clock.length_ms,
        ended=_ending(details),
        ended_by=(summary.ended_by or "") if summary.status != "live" and details.calls else "",
        cost=sum(priced, Decimal(0)) if priced else None,
        unpriced=len(costs) - len(priced),
        agents=tuple(summary.agents or [summary.agent]),
        transports=tuple(dict.fromkeys(call.transport for call in details.calls)),
        calls=len(details.calls),
        turns=sum(_is_callers(item.kind, item.role, deleted=item.deleted) for item in details.items),
        tool_errors=sum(run.failed for run in details.tool_runs),
        interruptions=sum(
            item.role == "assistant" and item.heard is not None and item.heard != item.text
            for item in details.items
        ),
        wait=wait,
        labels=tuple(summary.labels),
        verdict=summary.verdict,
        last_sequence=max((item.sequence for item in details.items), default=0),
    )


def _is_callers(kind: str, role: str | None, *, deleted: bool) -> bool:
    return kind == "message" and role == "user" and not deleted


def _ending(details: ConversationDetails) -> str:
    if details.summary.status == "live" or not details.calls:
        return ""
    return ending_in_words(details.calls[-1].leave_reason or "")


def ending_in_words(reason: str) -> str:
    """Why a call ended, in words."""
    return ENDINGS.get(reason, reason)
