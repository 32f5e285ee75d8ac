"""Rows of the list: one kind for what is stored and for what is live."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.call_spans import CallSpan, load_call_spans
from orchestrator.store.conversations import ConversationSummary
from orchestrator.store.usage import usage_by
from orchestrator.web.review.facts import ENDINGS

ENDED_BY: Final = {"agent": "ended by the agent", "operator": "ended by an operator"}
"""Who ended a conversation for good, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A conversation in the list.

    Attributes:
        seconds: On the line, None where nobody ever called.
        outcome: In English words, or as a client or an agent said it; empty while it is live.
        cost: US dollars; None where nothing has a price.
    """

    summary: ConversationSummary
    seconds: float | None
    outcome: str
    cost: Decimal | None

    @property
    def live(self) -> bool:
        """Whether somebody is on the line."""
        return self.summary.status == "live"


async def load_rows(connection: AsyncConnection, summaries: Sequence[ConversationSummary]) -> list[Row]:
    """Rows for conversations, in their order."""
    ids = [summary.id for summary in summaries]
    if not ids:
        return []
    spans = await load_call_spans(connection, ids)
    costs = {used.group: used.cost for used in await usage_by(connection, "conversation", conversations=ids)}
    return [
        Row(
            summary=summary,
            seconds=spans[summary.id].seconds if summary.id in spans else None,
            outcome=_outcome(summary, spans.get(summary.id)),
            cost=costs.get(summary.id),
        )
        for summary in summaries
    ]


def _outcome(summary: ConversationSummary, span: CallSpan | None) -> str:
    if summary.status == "live":
        return ""
    if summary.status == "ended" and summary.ended_by:
        return ENDED_BY.get(summary.ended_by, summary.ended_by)
    reason = span.last_reason if span else None
    return ENDINGS.get(reason, reason) if reason else "no call yet"
