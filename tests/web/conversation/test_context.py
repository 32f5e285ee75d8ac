"""What templates are told."""

import pytest

from orchestrator.core.records import Purpose, ToolOutcome
from orchestrator.web.conversation.context import OUTCOMES, PURPOSES, part_context, playhead, row_html
from orchestrator.web.review.dividers import REPLACED
from orchestrator.web.review.rows import AnyRow
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


@pytest.mark.parametrize("row", VIEW.rows, ids=lambda row: row.key)
def test_a_row_is_one_element_that_the_page_finds_by_its_key(row: AnyRow) -> None:
    html = row_html(row).strip()
    assert html.startswith(f'<li id="{row.key}" ')
    assert html.endswith("</li>")
    assert html.count("<li id=") == 1


def test_parts_of_the_page_are_told_the_words_that_rows_are() -> None:
    told = part_context(VIEW, 0)
    assert (told["outcomes"], told["purposes"]) == (OUTCOMES, PURPOSES)
