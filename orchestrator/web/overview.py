"""`/`: what happens now, and how the last days went; every number leads to the conversations behind it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect, Response

from orchestrator.api.services import Services
from orchestrator.call.clock import wall_clock
from orchestrator.store.conversations import ConversationFilter, list_conversations
from orchestrator.store.overview import DayFigures, DayWaits, load_days
from orchestrator.web.charts import Chart, Point, chart_of
from orchestrator.web.conversations.asked import Asked
from orchestrator.web.conversations.rows import load_rows
from orchestrator.web.figures import RecentFigures
from orchestrator.web.formats import count, milliseconds, money
from orchestrator.web.period import Period, read_period
from orchestrator.web.rendering import AnyRequest, page, wording_of
from orchestrator.web.viewer import SignInNeededError, Viewer
from orchestrator.web.wording import Wording

FAILED_ROWS: Final = 8
LIVE_ROWS: Final = 50
USUAL_DAYS: Final = 7


@get("/", opt={"role": "caller"})
async def overview(
    request: AnyRequest,
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    recent: NamedDependency[RecentFigures],
    days: FromQuery[str] = "",
) -> Response[Any]:
    """Show today, what is live, what failed last, and the last days as charts; lead callers to talk."""
    if not viewer.may_review and viewer.signed_in:
        return Redirect("/talk", status_code=303)
    if not viewer.may_review:
        raise SignInNeededError("Sign in to see what happens here.")
    now = wall_clock()
    period, today = read_period(days, now, USUAL_DAYS), read_period("1", now).first
    async with services.database.read() as connection:
        found = await load_days(connection, period.since)
        wanted = ConversationFilter(has_error=True, live=False, created_from=period.since)
        failed = await list_conversations(connection, wanted, limit=FAILED_ROWS)
        live = await list_conversations(connection, ConversationFilter(status="live"), limit=LIVE_ROWS)
        failed_rows = await load_rows(connection, failed.rows)
        live_rows = await load_rows(connection, live.rows)
    used, waits = await recent.costs_by_day(period), await recent.waits(period)
    return page(
        request,
        "overview.html",
        period=period,
        today=found.get(today),
        today_day=today,
        today_cost=used.get(today),
        today_wait=waits.get(today),
        slow_link=_slow_link(today, waits.get(today)),
        live=live_rows,
        failed=failed_rows,
        charts=charts(period, found, waits, used, wording_of(request)),
        entry=services.switchboard.definition.entry,
    )


HANDLERS: Final = (overview,)


def charts(
    period: Period,
    found: Mapping[str, DayFigures],
    waits: Mapping[str, DayWaits],
    costs: Mapping[str, Decimal | None],
    word: Wording,
) -> list[tuple[str, str, Chart]]:
    """The charts of the page: heading, what it shows in words, bars."""
    days = _days(period)
    return [
        (
            word("Calls"),
            word("calls, the failed ones at the foot"),
            chart_of([_calls(day, found.get(day), word) for day in days]),
        ),
        (
            word("Wait for a reply, p95"),
            word("95 of 100 began sooner"),
            chart_of([_wait(day, waits.get(day), word) for day in days]),
        ),
        (
            word("Cost"),
            word("US dollars for all that has a price"),
            chart_of([_cost(day, costs, word) for day in days]),
        ),
    ]


def _days(period: Period) -> Sequence[str]:
    first = date.fromisoformat(period.first)
    return [(first + timedelta(days=number)).isoformat() for number in range(period.days)]


def _calls(day: str, figures: DayFigures | None, word: Wording) -> Point:
    calls, failed = (figures.conversations, figures.failed) if figures else (0, 0)
    words = (word("{} call") if calls == 1 else word("{} calls")).format(count(calls, word.language))
    if failed:
        words += word(", {} failed", count(failed, word.language))
    return Point(day, calls, words, _link(day), failed)


def _wait(day: str, waits: DayWaits | None, word: Wording) -> Point:
    if waits is None:
        return Point(day, None, word("no replies"), _slow_link(day, waits))
    p95, p50 = (milliseconds(each, word.language) for each in (waits.p95_ms, waits.p50_ms))
    return Point(day, waits.p95_ms, f"p95 {p95}, p50 {p50}", _slow_link(day, waits))


def _cost(day: str, costs: Mapping[str, Decimal | None], word: Wording) -> Point:
    cost = costs.get(day)
    return Point(day, None if cost is None else float(cost), money(cost, word.language), _link(day))


def _slow_link(day: str, waits: DayWaits | None) -> str:
    """To those whose slowest reply took as long: the conversations that make the figure what it is."""
    return _link(day, slow="" if waits is None else f"{waits.p95_ms / 1000:.3f}".rstrip("0").rstrip("."))


def _link(day: str, slow: str = "") -> str:
    return Asked(since=day, until=day, slow=slow).address()
