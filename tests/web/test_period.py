from datetime import UTC, datetime

import pytest

from orchestrator.web.period import read_period

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 27, 0, 30, tzinfo=UTC).timestamp()


def test_days_are_whole_and_include_today() -> None:
    week = read_period("7", NOW)
    assert (week.days, week.first, week.words) == (7, "2026-11-21", "in the last 7 days")
    assert week.since == datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    assert week.today == datetime(2026, 11, 27, tzinfo=UTC).timestamp() == read_period("1", NOW).since
    assert (read_period("1", NOW).first, read_period("1", NOW).words) == ("2026-11-27", "today")


@pytest.mark.parametrize("text", ["", "0", "365", "-7", "x"])
def test_what_is_no_choice_is_a_week(text: str) -> None:
    assert read_period(text, NOW).days == 7
