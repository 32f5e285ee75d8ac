"""What templates are told."""

import pytest

from orchestrator.core.records import Purpose, ToolOutcome
from orchestrator.web.conversation.context import OUTCOMES, PURPOSES, part_context, playhead, row_context
from orchestrator.web.review.dividers import REPLACED
from orchestrator.web.review.view import view_of
from tests.web.review.sample_call import NO_PRICES, START, details

pytestmark = pytest.mark.unit

VIEW = view_of(details(), NO_PRICES, now=START)


@pytest.mark.parametrize(("seconds", "ms"), [(None, 50_000), (12.5, 12_500), (0, 0), (9_999, 50_000)])
def test_the_playhead_is_where_the_address_says_else_at_the_end(seconds: float | None, ms: int) -> None:
    assert playhead(VIEW.clock, seconds) == ms


def test_every_outcome_and_every_purpose_has_words() -> None:
    assert set(ToolOutcome.__args__) <= set(OUTCOMES)  # type: ignore[attr-defined]  # of a Literal
    assert set(PURPOSES) == REPLACED <= set(Purpose.__args__)  # type: ignore[attr-defined]  # of a Literal


def test_a_row_is_told_alike_on_a_page_and_in_a_stream() -> None:
    on_page = {**part_context(VIEW, 0), "row": VIEW.rows[0]}
    assert row_context(VIEW.rows[0]).items() <= on_page.items()
