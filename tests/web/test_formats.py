from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orchestrator.web.formats import (
    HUES,
    NOTATIONS,
    NOTHING,
    agent,
    clock,
    count,
    day,
    duration,
    hue,
    milliseconds,
    moment,
    money,
    percent,
    short_day,
    wall,
)
from orchestrator.web.wording import LANGUAGES

pytestmark = pytest.mark.unit

START = datetime(2026, 11, 27, 9, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (clock(65.9), "1:05"),
        (clock(3725), "1:02:05"),
        (clock(-1), "0:00"),
        (clock(None), NOTHING),
        (duration(0.84), "0.8 s"),
        (duration(12.4), "12 s"),
        (duration(59.6), "1 min 00 s"),
        (duration(185), "3 min 05 s"),
        (duration(7800), "2 h 10 min"),
        (duration(None), NOTHING),
        (milliseconds(840), "840 ms"),
        (milliseconds(999.7), "1.0 s"),
        (milliseconds(1240), "1.2 s"),
        (milliseconds(None), NOTHING),
        (money(Decimal("12.345")), "$12.35"),
        (money(Decimal("1234.5")), "$1,234.50"),
        (money(Decimal("0.0123")), "$0.012"),
        (money(Decimal("0.00004")), "$0.000040"),
        (money(Decimal(0)), "$0"),
        (money(None), NOTHING),
        (count(1234567), "1\u2009234\u2009567"),
        (count(None), NOTHING),
        (percent(1, 8), "12\u2009%"),
        (percent(0, 0), NOTHING),
    ],
)
def test_figures_are_written_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (duration(0.84, "de"), "0,8 s"),
        (duration(185, "de"), "3 min 05 s"),
        (milliseconds(840, "de"), "840 ms"),
        (milliseconds(1240, "de"), "1,2 s"),
        (money(Decimal("1234567.5"), "de"), "1.234.567,50\u00a0$"),
        (money(Decimal("-0.0123"), "de"), "-0,012\u00a0$"),
        (money(Decimal(0), "de"), "0\u00a0$"),
        (money(None, "de"), NOTHING),
        (count(1234567, "de"), "1.234.567"),
        (count(1234.5, "de"), "1.234,5"),
        (wall(START, "de"), "27.11., 09:05"),
        (day("2026-11-27", "de"), "27.11.2026"),
        (day("2026-11-27"), "2026-11-27"),
        (short_day("2026-11-27", "de"), "27.11."),
        (short_day("2026-11-27"), "11-27"),
    ],
)
def test_figures_and_days_are_written_as_germans_read_them(shown: str, expected: str) -> None:
    assert shown == expected


def test_every_language_has_its_notation() -> None:
    assert set(NOTATIONS) == set(LANGUAGES)


def test_an_agent_is_named_beside_a_dot_of_its_hue() -> None:
    assert agent("triage").startswith(f'<span class="agent hue-{hue("triage")}"><svg ')
    assert agent("<b>").endswith("</svg>&lt;b&gt;</span>")


def test_an_agent_keeps_its_hue() -> None:
    assert hue("triage") == hue("triage")
    assert {hue(f"agent {number}") for number in range(200)} == set(range(HUES))


def test_a_moment_is_wall_clock_or_a_place_in_the_call_with_the_wall_clock_on_hover() -> None:
    assert moment(START) == (
        '<time datetime="2026-11-27T09:05:00.000+00:00" title="2026-11-27 09:05:00 UTC" data-time="wall">'
        "27 Nov 09:05</time>"
    )
    placed = moment(START + 75, START)
    assert 'data-time="place">1:15<' in placed
    assert "2026-11-27 09:06:15 UTC" in placed
    assert moment(None) == NOTHING
    german = moment(START, language="de")
    assert 'title="27.11.2026, 09:05:00 UTC" data-time="wall">27.11., 09:05<' in german
