import pytest

from orchestrator.web.charts import HEIGHT, LEAST, WIDTH, Point, chart_of

pytestmark = pytest.mark.unit


def points(*values: float | None, part: float = 0.0) -> list[Point]:
    return [Point(f"2026-11-{day:02}", value, "", "/", part) for day, value in enumerate(values, start=1)]


def test_the_largest_bar_is_as_high_as_the_chart_and_all_are_within_it() -> None:
    chart = chart_of(points(5, 10, None, 0, 0.001, part=3))
    assert [bar.height for bar in chart.bars] == [HEIGHT / 2, HEIGHT, 0, 0, LEAST]
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert bar.y + bar.height == HEIGHT
        assert bar.part_height <= bar.height
    assert chart.bars[1].part_height == pytest.approx(0.3 * HEIGHT)


def test_the_day_that_has_most_is_known_the_last_of_several() -> None:
    highest = chart_of(points(3, 7, None, 7, 1)).highest
    assert highest is not None
    assert (highest.day, highest.value) == ("2026-11-04", 7)
    assert chart_of(points(None, 0)).highest is None


def test_days_on_which_nothing_happened_make_an_empty_chart() -> None:
    assert chart_of(points(None, 0)).empty
    assert chart_of([]).empty
    assert not chart_of(points(None, 1)).empty
