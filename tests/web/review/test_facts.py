"""The facts at the head of the page."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.store.pricing import Price, PriceList
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.facts import Facts, facts_of
from orchestrator.web.review.latency import Percentiles
from tests.web.review.sample_call import CALLS, NO_PRICES, RESPONSES, START, details

pytestmark = pytest.mark.unit

WAIT = Percentiles(p50=None, p95=None, slowest=None, count=0)


def facts(prices: PriceList = NO_PRICES, **changes: Any) -> Facts:
    whole = details(**changes)
    return facts_of(whole, clock_of(whole, now=START + 100), WAIT, prices)


def test_figures_follow_from_the_rows() -> None:
    made = facts()
    assert (made.turns, made.tool_errors, made.interruptions, made.calls) == (4, 3, 1, 2)
    assert (made.length_ms, made.last_sequence) == (50_000, 23)
    assert made.transports == ("webrtc", "websocket")


@pytest.mark.parametrize(
    ("reason", "by", "ended"),
    [
        ("client disconnected", None, ("the caller hung up", "")),
        ("hung up", "operator", ("an operator hung up", "operator")),
        ("goodbye", None, ("goodbye", "")),
        (None, None, ("", "")),
    ],
)
def test_who_ended_it_is_said_in_words(reason: str | None, by: str | None, ended: tuple[str, str]) -> None:
    calls = (replace(CALLS[0], leave_reason=reason),)
    made = facts(calls=calls, summary={"ended_by": by})
    assert (made.ended, made.ended_by) == ended


def test_a_call_that_is_on_was_ended_by_nobody() -> None:
    assert facts(summary={"status": "live"}).ended == ""
    assert facts(calls=()).ended == ""


def test_cost_is_of_what_has_a_price() -> None:
    price = Price(
        model="gpt-realtime",
        modality="text",
        input=Decimal(4),
        cached=Decimal(1),
        output=Decimal(16),
        valid_from=0.0,
    )
    usage: JsonObject = {"input_tokens": 1000, "output_tokens": 100}
    rows = (
        replace(RESPONSES[0], usage=usage),
        replace(RESPONSES[1], usage=usage, model="unknown"),
        RESPONSES[2],
    )
    made = facts(PriceList([price]), responses=rows)
    assert made.cost == Decimal("0.0056")
    assert made.unpriced == 1
    assert facts().cost is None
