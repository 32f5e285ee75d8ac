from datetime import UTC, datetime

import pytest

from orchestrator.web.period import read_period
from orchestrator.web.wording import WORDINGS

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 27, 0, 30, tzinfo=UTC).timestamp()


def test_days_are_whole_and_include_today() -> None:
    week = read_period("7", NOW)
    assert (week.days, week.first, week.words(WORDINGS["en"])) == (7, "2026-11-21", "in the last 7 days")
    assert week.since == datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    assert week.today == datetime(2026, 11, 27, tzinfo=UTC).timestamp() == read_period("1", NOW).since
    assert (read_period("1", NOW).first, read_period("1", NOW).words(WORDINGS["en"])) == (
        "2026-11-27",
        "today",
    )


def test_a_period_is_told_in_the_language_of_the_page() -> None:
    assert read_period("7", NOW).words(WORDINGS["de"]) == "in den letzten 7 Tagen"


@pytest.mark.parametrize("text", ["", "0", "365", "-7", "x"])
def test_what_is_no_choice_is_a_week(text: str) -> None:
    assert read_period(text, NOW).days == 7
